//! `POST /api/v2/tokens/{id}/reset`.

use std::sync::Arc;

use keyledger_domain::command::{self, Command};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::{answer_with_secret, parse_id};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{WriteMeta, Written};
use crate::node::Node;
use crate::rep::token::Token;
use crate::routes::{Tag, always};

/// Reset access token.
pub(super) struct ResetToken;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl ResetToken {
    /// Reset access token
    ///
    /// A new secret for the same token. Without `expiry` the old secret dies at once; with it, at that
    /// time. A further reset ends the grace of an earlier one. The answer is the only one that holds the
    /// new secret.
    #[oai(
        path = "/tokens/:id/reset",
        method = "post",
        operation_id = "resetToken"
    )]
    async fn reset(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
        /// Until when the old secret still works, Unix milliseconds.
        Query(expiry): Query<Option<i64>>,
    ) -> Result<Written<Json<Token>, 200>, ApiError> {
        let id = parse_id(&id)?;
        let settled = write.settle(&caller);
        let fresh = node.fresh_secret(id, settled.idempotency())?;
        let command = Command::ResetToken(command::ResetToken {
            id,
            secret: fresh.new.clone(),
            expiry_ms: expiry,
        });
        let request = settled.request();
        let outcome = node.execute(&request, Some(id), always(command)).await?;
        let body = answer_with_secret(node, &caller, &settled, &outcome, &fresh).await?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
