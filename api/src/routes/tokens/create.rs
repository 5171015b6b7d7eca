//! `POST /api/v2/tokens`.

use std::sync::Arc;

use keyledger_domain::command::{self, Command, ScopeChoice};
use keyledger_domain::ids::TokenId;
use keyledger_domain::scope::{RoleBinding, TokenKind};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::{answer_with_secret, cut_off};
use crate::auth::Auth;
use crate::entropy;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::Node;
use crate::rep::statement::to_domain;
use crate::rep::token::{AccessTokenPost, Token};
use crate::routes::{Tag, always};

/// Create access token.
pub(super) struct CreateToken;

fn binding(text: Option<&str>) -> Result<Option<RoleBinding>, ApiError> {
    match text {
        None => Ok(None),
        Some("frozen") => Ok(Some(RoleBinding::Frozen)),
        Some("live") => Ok(Some(RoleBinding::Live)),
        Some(_) => Err(ApiError::invalid("/roleBinding: is frozen or live")),
    }
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl CreateToken {
    /// Create access token
    ///
    /// A personal token, or with `serviceToken` a service token, with exactly one of `role`,
    /// `customRoleIds` and `inlineRole`. The answer is the only one that holds the secret.
    #[oai(path = "/tokens", method = "post", operation_id = "postToken")]
    async fn create(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        JsonBody(form): JsonBody<AccessTokenPost>,
    ) -> Result<Written<Json<Token>, 201>, ApiError> {
        let settled = write.settle(&caller);
        let id = TokenId::from_bytes(entropy::id(node.now_ms()).map_err(ApiError::internal)?);
        let fresh = node.fresh_secret(id, settled.idempotency())?;
        let command = Command::CreateToken(command::CreateToken {
            id,
            secret: fresh.new.clone(),
            name: form.name.unwrap_or_default(),
            description: form.description.unwrap_or_default(),
            kind: match form.service_token {
                Some(true) => TokenKind::Service,
                _ => TokenKind::Personal,
            },
            scope: ScopeChoice {
                role: form.role,
                custom_roles: form.custom_role_ids,
                inline: form.inline_role.map(to_domain),
            },
            role_binding: binding(form.role_binding.as_deref())?,
            expiry_ms: form.expiry,
            default_api_version: form.default_api_version,
        });
        let outcome = node
            .execute(&settled.request(), None, always(command))
            .await?;
        let cut_off = cut_off(node, &caller, &outcome).await?;
        let mut body = answer_with_secret(node, &caller, &settled, &outcome, &fresh).await?;
        body.cut_off = cut_off;
        Ok(Written::new(&outcome, Json(body)))
    }
}
