//! `POST /api/v2/auditlog`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query as Param;
use poem_openapi::payload::Json;

use super::list::{Page, page, repeated};
use super::query::Query;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::JsonBody;
use crate::node::Node;
use crate::rep::audit::AuditLogEntries;
use crate::rep::statement::{Statement, to_domain};
use crate::routes::Tag;

/// Search audit log entries.
pub(super) struct SearchEntries;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl SearchEntries {
    /// Search audit log entries
    ///
    /// Those of which the policy in the body allows an action on its resource. It changes nothing.
    #[oai(
        path = "/auditlog",
        method = "post",
        operation_id = "postAuditLogEntries"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the vendor's"
    )]
    async fn search(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// Only those before this time, Unix milliseconds.
        Param(before): Param<Option<i64>>,
        /// Only those after this time, Unix milliseconds.
        Param(after): Param<Option<i64>>,
        /// Only those with this in the name or the resource, whatever its case.
        Param(q): Param<Option<String>>,
        /// How many entries a page holds: 1 to 20; 10 by default.
        Param(limit): Param<Option<i64>>,
        /// Only what these members did, by id; may be repeated.
        #[oai(name = "member", explode = true)]
        Param(members): Param<Option<Vec<String>>>,
        /// Only what was done with these tokens, by id; may be repeated.
        #[oai(name = "token", explode = true)]
        Param(tokens): Param<Option<Vec<String>>>,
        /// Only those before this position in the log; `next` links have it (extension).
        #[oai(name = "beforePosition")]
        Param(before_position): Param<Option<i64>>,
        JsonBody(statements): JsonBody<Option<Vec<Statement>>>,
    ) -> Result<Json<AuditLogEntries>, ApiError> {
        let (members, tokens) = (members.unwrap_or_default(), tokens.unwrap_or_default());
        let query = repeated(&q, &None, &members, &tokens);
        let asked = Query::new(q, members, tokens)?
            .with_policy(to_domain(statements.unwrap_or_default()))?;
        let bounds = Page {
            before,
            after,
            before_position,
            limit,
        };
        page(node, &caller, &asked, &bounds, &query).await.map(Json)
    }
}
