//! `DELETE /api/v2/roles/{key}`.

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

/// Delete custom role.
pub(super) struct DeleteRole;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Roles")]
impl DeleteRole {
    /// Delete custom role
    ///
    /// Members and tokens that still refer to it are granted nothing by it.
    #[oai(
        path = "/roles/:key",
        method = "delete",
        operation_id = "deleteCustomRole"
    )]
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
            Ok(vec![Command::DeleteRole(command::DeleteRole { id })])
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        Ok(Written::new(&outcome, NoBody))
    }
}
