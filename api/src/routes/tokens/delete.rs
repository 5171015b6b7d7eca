//! `DELETE /api/v2/tokens/{id}`.

use std::sync::Arc;

use keyledger_domain::command::{self, Command};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use super::parse_id;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{NoBody, WriteMeta, Written};
use crate::node::Node;
use crate::routes::{Tag, always};

/// Delete access token.
pub(super) struct DeleteToken;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl DeleteToken {
    /// Delete access token
    ///
    /// Calls with it answer 401 from then on. Its events stay in the log.
    #[oai(path = "/tokens/:id", method = "delete", operation_id = "deleteToken")]
    async fn delete(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
    ) -> Result<Written<NoBody, 204>, ApiError> {
        let id = parse_id(&id)?;
        let settled = write.settle(&caller);
        let command = Command::DeleteToken(command::DeleteToken { id });
        let request = settled.request();
        let outcome = node.execute(&request, Some(id), always(command)).await?;
        Ok(Written::new(&outcome, NoBody))
    }
}
