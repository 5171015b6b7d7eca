//! `DELETE /api/v2/members/{id}`.

use std::sync::Arc;

use keyledger_domain::command::{Command, RemoveMember};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use super::parse_id;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{NoBody, WriteMeta, Written};
use crate::node::Node;
use crate::routes::{Tag, always};

/// Delete account member.
pub(super) struct DeleteMember;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl DeleteMember {
    /// Delete account member
    ///
    /// For good: the member's personal tokens answer 401 from then on, service tokens go on. The same
    /// e-mail may be invited again; that makes a new member.
    #[oai(
        path = "/members/:id",
        method = "delete",
        operation_id = "deleteMember"
    )]
    async fn delete(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
    ) -> Result<Written<NoBody, 204>, ApiError> {
        let id = parse_id(&caller, &id)?;
        let settled = write.settle(&caller);
        let command = Command::RemoveMember(RemoveMember { id });
        let outcome = node
            .execute(&settled.request(), None, always(command))
            .await?;
        Ok(Written::new(&outcome, NoBody))
    }
}
