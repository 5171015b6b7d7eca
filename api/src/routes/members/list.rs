//! `GET /api/v2/members`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::link::{page, page_links};
use crate::rep::member::{Members, member};
use crate::routes::Tag;

/// List account members.
pub(super) struct ListMembers;

const DEFAULT_LIMIT: u32 = 20;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl ListMembers {
    /// List account members
    ///
    /// In the order in which they were invited. It needs `viewMember`, which every built-in role but
    /// `no_access` has.
    #[oai(path = "/members", method = "get", operation_id = "getMembers")]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// How many members a page holds; 20 by default.
        Query(limit): Query<Option<i64>>,
        /// How many members to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<Members>, ApiError> {
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        caller.actor_now(node, |_, actor| actor.require("viewMember", "member/any"))??;
        node.wait_for_tables().await?;
        let (ids, total_count) = node
            .tables
            .list_members(caller.account(), page)
            .await
            .map_err(ApiError::internal)?;
        let items = node
            .live
            .with_state(caller.account(), |state| {
                ids.iter()
                    .filter_map(|id| state.member(*id))
                    .map(member)
                    .collect()
            })
            .unwrap_or_default();
        Ok(Json(Members {
            items,
            links: page_links("/api/v2/members", page, total_count),
            total_count,
        }))
    }
}
