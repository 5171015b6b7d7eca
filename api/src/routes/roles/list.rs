//! `GET /api/v2/roles`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::{assigned, shown};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::AskedVersion;
use crate::node::Node;
use crate::rep::link::{page_links, page_or_whole};
use crate::rep::role::CustomRoles;
use crate::routes::Tag;

/// List custom roles.
pub(super) struct ListRoles;

const DEFAULT_LIMIT: u32 = 20;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Roles")]
impl ListRoles {
    /// List custom roles
    ///
    /// In the order in which they were made. It needs `viewRole`, which every built-in role but
    /// `no_access` has.
    #[oai(path = "/roles", method = "get", operation_id = "getCustomRoles")]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "LD-API-Version")] asked: AskedVersion,
        /// How many roles a page holds; 20 by default, all up to 10,000 before version 20240415.
        Query(limit): Query<Option<i64>>,
        /// How many roles to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<CustomRoles>, ApiError> {
        let page = page_or_whole(asked.settle(&caller), limit, offset, DEFAULT_LIMIT)?;
        caller.actor_now(node, |_, actor| actor.require("viewRole", "role/any"))??;
        node.wait_for_tables().await?;
        let (ids, total_count) = node
            .tables
            .list_roles(caller.account(), page)
            .await
            .map_err(ApiError::internal)?;
        let assigned = assigned(node, &caller, &ids).await?;
        let items = caller.actor_now(node, |state, actor| {
            ids.iter()
                .filter_map(|id| state.role(*id))
                .map(|role| shown(state, actor, role, &assigned))
                .collect()
        })?;
        Ok(Json(CustomRoles {
            items,
            links: page_links("/api/v2/roles", page, total_count),
            total_count,
        }))
    }
}
