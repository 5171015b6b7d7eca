//! `PATCH /api/v2/members/{id}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyledger_domain::command::{
    AssignRoles, Command, DowngradeMember, PromoteMember, SetRoleAttributes,
};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::state::Member as MemberState;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use serde_json::{Value, json};

use super::invite::attributes;
use super::{answer, parse_id, unknown};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::patch::{PatchBody, field};
use crate::rep::member::Member;
use crate::routes::Tag;

/// Modify an account member.
pub(super) struct PatchMember;

/// What may be patched. Names and e-mail are the member's own to change.
const FIELDS: [&str; 3] = ["role", "customRoles", "roleAttributes"];

/// The member as the document that a patch applies to.
fn document(member: &MemberState) -> Value {
    let ids: Vec<String> = member
        .custom_roles
        .iter()
        .map(ToString::to_string)
        .collect();
    let attributes: BTreeMap<&str, &[String]> = member.role_attributes.iter().collect();
    json!({
        "role": member.role.name(),
        "customRoles": ids,
        "roleAttributes": attributes,
    })
}

/// The commands that make the member what the patched document says.
fn commands(member: &MemberState, before: &Value, after: &Value) -> Result<Vec<Command>, ApiError> {
    let id = member.id;
    let changed = |name: &str| before.get(name) != after.get(name);
    let mut commands = Vec::new();
    // Clients send an empty role for a member who has custom roles only: it changes nothing.
    let role = field::<String>(after, "role")?.filter(|role| !role.is_empty());
    if let Some(role) = role.filter(|_| changed("role")) {
        let to: BuiltIn = role
            .parse()
            .map_err(|error| ApiError::invalid(format!("/role: {error}")))?;
        commands.push(if to < member.role {
            Command::DowngradeMember(DowngradeMember { id, to })
        } else {
            Command::PromoteMember(PromoteMember { id, to })
        });
    }
    if changed("customRoles") {
        commands.push(Command::AssignRoles(AssignRoles {
            id,
            custom_roles: field(after, "customRoles")?.unwrap_or_default(),
        }));
    }
    if changed("roleAttributes") {
        commands.push(Command::SetRoleAttributes(SetRoleAttributes {
            id,
            role_attributes: attributes("/roleAttributes", field(after, "roleAttributes")?)?,
        }));
    }
    if commands.is_empty() {
        // Whoever asks for what already is must still be somebody who could have changed it.
        commands.push(Command::DowngradeMember(DowngradeMember {
            id,
            to: member.role,
        }));
    }
    Ok(commands)
}

/// The commands of a patch of a member.
///
/// # Errors
/// What is wrong with the patch.
pub(in crate::routes) fn patched(
    member: &MemberState,
    patch: &PatchBody<false>,
) -> Result<Vec<Command>, ApiError> {
    let before = document(member);
    let after = patch.apply(&before, &FIELDS)?;
    commands(member, &before, &after)
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl PatchMember {
    /// Modify an account member
    ///
    /// A JSON Patch on `/role`, `/customRoles` (keys or ids) and `/roleAttributes`. Personal tokens of
    /// the member follow at once. The owner hands the account on with `/role` = `owner`.
    #[oai(path = "/members/:id", method = "patch", operation_id = "patchMember")]
    async fn patch(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
        JsonBody(body): JsonBody<PatchBody<false>>,
    ) -> Result<Written<Json<Member>, 200>, ApiError> {
        let id = parse_id(&caller, &id)?;
        let settled = write.settle(&caller);
        let make = |decision: &Decision<'_>| {
            let member = decision
                .state
                .member(id)
                .ok_or_else(|| unknown(&id.to_string()))?;
            decision
                .actor
                .require("viewMember", &format!("member/{id}"))?;
            patched(member, &body)
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        let body = answer(node, &caller, id)?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
