//! `POST /api/v2/members`.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyledger_domain::command::{self, Command, INVITATIONS_MAX, Invitation, validate_password};
use keyledger_domain::event::Event;
use keyledger_domain::ids::MemberId;
use keyledger_domain::policy::RoleAttributes;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::answer;
use crate::auth::Auth;
use crate::entropy;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::Node;
use crate::rep::link::links;
use crate::rep::member::{Members, NewMemberForm};
use crate::routes::{Tag, always};

/// Invite new members.
pub(super) struct InviteMembers;

/// Attributes that hold what they may hold.
pub(in crate::routes) fn attributes(
    pointer: &str,
    given: Option<BTreeMap<String, Vec<String>>>,
) -> Result<RoleAttributes, ApiError> {
    RoleAttributes::parse(given.unwrap_or_default())
        .map_err(|error| ApiError::invalid(format!("{pointer}{error}")))
}

/// The invitation of a form, its password hashed.
async fn invitation(
    node: &Node,
    index: usize,
    form: NewMemberForm,
) -> Result<Invitation, ApiError> {
    let password_hash = match form.password.filter(|password| !password.is_empty()) {
        None => None,
        Some(password) => {
            validate_password(&format!("/{index}/password"), &password)?;
            let hash = node.passwords.hash(password).await;
            Some(hash.map_err(ApiError::internal)?)
        }
    };
    Ok(Invitation {
        id: MemberId::from_bytes(entropy::id(node.now_ms()).map_err(ApiError::internal)?),
        email: form.email,
        first_name: form.first_name.unwrap_or_default(),
        last_name: form.last_name.unwrap_or_default(),
        role: form.role,
        custom_roles: form.custom_roles.unwrap_or_default(),
        teams: form.team_keys.unwrap_or_default(),
        role_attributes: attributes(&format!("/{index}/roleAttributes"), form.role_attributes)?,
        password_hash,
    })
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl InviteMembers {
    /// Invite new members
    ///
    /// All or none. A member invited with a password can sign in at once.
    #[oai(path = "/members", method = "post", operation_id = "postMembers")]
    async fn invite(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        JsonBody(forms): JsonBody<Vec<NewMemberForm>>,
    ) -> Result<Written<Json<Members>, 201>, ApiError> {
        if forms.len() > INVITATIONS_MAX {
            return Err(ApiError::invalid(format!(
                "invites {} members; 1 to {INVITATIONS_MAX} are allowed",
                forms.len()
            )));
        }
        // Hashing is costly, so whoever may invite nobody is refused before it.
        caller.actor_now(node, |_, actor| actor.require("createMember", "member/any"))??;
        let settled = write.settle(&caller);
        let mut invitations = Vec::with_capacity(forms.len());
        for (index, form) in forms.into_iter().enumerate() {
            invitations.push(invitation(node, index, form).await?);
        }
        let command = Command::InviteMembers(command::InviteMembers { invitations });
        let outcome = node
            .execute(&settled.request(), None, always(command))
            .await?;
        let invited = outcome.events.iter().filter_map(|event| match event {
            Event::MemberInvited(event) => Some(event.id),
            _ => None,
        });
        let items = invited
            .map(|id| answer(node, &caller, id))
            .collect::<Result<Vec<_>, _>>()?;
        let body = Members {
            total_count: items.len() as u64,
            items,
            links: links([("self", "/api/v2/members".to_owned())]),
        };
        Ok(Written::new(&outcome, Json(body)))
    }
}
