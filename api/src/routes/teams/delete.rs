//! `DELETE /api/v2/teams/{key}`.

use std::sync::Arc;

use keyledger_domain::command::{self, Command};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use super::find;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{NoBody, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::routes::Tag;

/// Delete team.
pub(super) struct DeleteTeam;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl DeleteTeam {
    /// Delete team
    ///
    /// Its members lose what they had by it at once, and so do their personal tokens.
    #[oai(path = "/teams/:key", method = "delete", operation_id = "deleteTeam")]
    async fn delete(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(key): Path<String>,
    ) -> Result<Written<NoBody, 204>, ApiError> {
        let settled = write.settle(&caller);
        let make = |decision: &Decision<'_>| {
            let id = find(decision.state, &key)?.id;
            Ok(vec![Command::DeleteTeam(command::DeleteTeam { id })])
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        Ok(Written::new(&outcome, NoBody))
    }
}
