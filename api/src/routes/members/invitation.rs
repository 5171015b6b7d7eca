//! `POST /api/v2/members/{id}/invitation`.

use std::sync::Arc;

use keyledger_domain::command::{Command, IssueInvitation};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

use super::parse_id;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::invitation::{self, INVITATION_MS};
use crate::node::Node;
use crate::rep::invitation::{InvitationForm, InvitationRep};
use crate::rep::link::links;
use crate::routes::{Tag, always};

/// Make an invitation link.
pub(super) struct Invite;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl Invite {
    /// Make an invitation link (extension)
    ///
    /// For a member who was invited without a password and has not joined. Hand the link on: no mail is
    /// sent. It works once; a new one ends the one before. It takes what inviting the member would take.
    #[oai(
        path = "/members/:id/invitation",
        method = "post",
        operation_id = "postMemberInvitation"
    )]
    async fn make(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
        JsonBody(form): JsonBody<Option<InvitationForm>>,
    ) -> Result<Written<Json<InvitationRep>, 201>, ApiError> {
        let id = parse_id(&caller, &id)?;
        // The code is in no event and cannot be shown again: a repeated request makes a new link, which
        // ends the one before, and so is harmless.
        let settled = write.once(&caller);
        let (code, digest) = invitation::make(id, &node.pepper).map_err(ApiError::internal)?;
        let expiry = form
            .and_then(|form| form.expiry)
            .unwrap_or_else(|| node.now_ms() + INVITATION_MS);
        let command = Command::IssueInvitation(IssueInvitation {
            id,
            digest,
            expires_at_ms: expiry,
        });
        let outcome = node
            .execute(&settled.request(), None, always(command))
            .await?;
        let body = InvitationRep {
            links: links([("parent", format!("/api/v2/members/{id}"))]),
            href: invitation::href(&code),
            code,
            expiry,
        };
        Ok(Written::new(&outcome, Json(body)))
    }
}
