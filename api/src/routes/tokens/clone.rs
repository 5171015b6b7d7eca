//! `POST /api/v2/tokens/{id}/clone`, an extension.

use std::sync::Arc;

use keyledger_domain::command::{self, Command};
use keyledger_domain::ids::TokenId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

use super::{answer_with_secret, cut_off, parse_id};
use crate::auth::Auth;
use crate::entropy;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::Node;
use crate::rep::token::{Token, TokenClonePost};
use crate::routes::{Tag, always};

/// Clone access token.
pub(super) struct CloneToken;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl CloneToken {
    /// Clone access token (extension)
    ///
    /// A token with the same kind and scope for the caller, under the caller's ceiling. The answer is
    /// the only one that holds the secret.
    #[oai(
        path = "/tokens/:id/clone",
        method = "post",
        operation_id = "cloneToken"
    )]
    async fn clone_token(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
        JsonBody(form): JsonBody<Option<TokenClonePost>>,
    ) -> Result<Written<Json<Token>, 201>, ApiError> {
        let source = parse_id(&id)?;
        let settled = write.settle(&caller);
        let form = form.unwrap_or_default();
        let id = TokenId::from_bytes(entropy::id(node.now_ms()).map_err(ApiError::internal)?);
        let fresh = node.fresh_secret(id, settled.idempotency())?;
        let command = Command::CloneToken(command::CloneToken {
            source,
            id,
            secret: fresh.new.clone(),
            name: form.name,
            description: form.description,
            expiry_ms: form.expiry,
        });
        let request = settled.request();
        let outcome = node
            .execute(&request, Some(source), always(command))
            .await?;
        let cut_off = cut_off(node, &caller, &outcome).await?;
        let mut body = answer_with_secret(node, &caller, &settled, &outcome, &fresh).await?;
        body.cut_off = cut_off;
        Ok(Written::new(&outcome, Json(body)))
    }
}
