//! `POST /invitation`.

use std::sync::Arc;

use keyledger_domain::command::{AcceptInvitation, Command, validate_password};
use keyledger_domain::event::Digest;
use keyledger_domain::ids::{AccountId, MemberId};
use poem::Request;
use poem::http::header;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

use super::session::{CookieSet, require_passwords, signed_in};
use super::{Tag, always};
use crate::auth::{Caller, require_own_origin};
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, count_sign_in};
use crate::invitation;
use crate::node::Node;

/// What an invited member joins with.
#[derive(Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct InvitationPost {
    /// The code of the link: what stands behind its `#`.
    pub code: String,
    /// The password from now on, 8 to 256 characters.
    pub password: String,
    /// The first name, if it changes.
    pub first_name: Option<String>,
    /// The last name, if it changes.
    pub last_name: Option<String>,
}

impl std::fmt::Debug for InvitationPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationPost(hidden)")
    }
}

/// One answer for every code that does not work: it must not say who is a member.
fn ended() -> ApiError {
    ApiError::not_found("this invitation does not work: it was used, replaced, or has ended")
}

/// Who is invited by a code that works now.
fn invited(node: &Node, code: &str) -> Result<(AccountId, MemberId, Digest), ApiError> {
    let (member, secret) = invitation::parse(code).ok_or_else(ended)?;
    for account in node.live.accounts() {
        let known = node.live.with_state(account, |state| {
            state.member(member).and_then(|member| member.invitation)
        });
        if let Some(link) = known.flatten() {
            let bytes = node
                .live
                .digest(link.digest.pepper, secret)
                .ok_or_else(ended)?;
            let digest = Digest {
                pepper: link.digest.pepper,
                bytes,
            };
            if digest == link.digest && node.now_ms() < link.expires_at_ms {
                return Ok((account, member, digest));
            }
        }
    }
    Err(ended())
}

/// Joining.
pub(super) struct Join;

#[OpenApi(tag = "Tag::Session")]
impl Join {
    /// Join by an invitation
    ///
    /// With the code of the link that whoever invited got. It sets the password, ends the link, and signs
    /// in: the answer sets the same cookie as signing in does.
    #[oai(path = "/invitation", method = "post", operation_id = "postInvitation")]
    async fn join(
        &self,
        Data(node): Data<&Arc<Node>>,
        request: &Request,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        JsonBody(form): JsonBody<InvitationPost>,
    ) -> Result<CookieSet, ApiError> {
        node.require_ready()?;
        if request.headers().contains_key(header::ORIGIN) {
            // A page of another origin must not sign its visitors in as somebody else.
            require_own_origin(node, request.method(), request.headers())?;
        }
        require_passwords(node)?;
        // Guessed as a password would be, so counted as one; the code names whose it is.
        let whose = form.code.split('.').next().unwrap_or_default();
        count_sign_in(node, request, whose)?;
        // Checked before the password is hashed, which is costly, and again in the decision.
        let (account, member, digest) = invited(node, &form.code)?;
        validate_password("/password", &form.password)?;
        let hash = node.passwords.hash(form.password).await;
        let command = Command::AcceptInvitation(AcceptInvitation {
            id: member,
            digest,
            first_name: form.first_name,
            last_name: form.last_name,
            password_hash: hash.map_err(ApiError::internal)?,
        });
        let caller = Caller::Invitation { account, member };
        // A link works once, so a repeated request has nothing to repeat: its key is not looked at.
        let settled = write.once(&caller);
        node.execute(&settled.request(), None, always(command))
            .await?;
        let ended = node.sessions.delete_all(member).await;
        ended.map_err(ApiError::internal)?;
        signed_in(node, account, member).await
    }
}
