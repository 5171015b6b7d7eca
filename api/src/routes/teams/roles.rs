//! `GET /api/v2/teams/{key}/roles`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::{find, require_visible};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::link::{page, page_links};
use crate::rep::team::{TeamCustomRoles, custom_roles};
use crate::routes::Tag;

const DEFAULT_LIMIT: u32 = 20;

/// Get team custom roles.
pub(super) struct ListRoles;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl ListRoles {
    /// Get team custom roles
    ///
    /// The roles that the members of the team have on top of their own.
    #[oai(
        path = "/teams/:key/roles",
        method = "get",
        operation_id = "getTeamRoles"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(key): Path<String>,
        /// How many roles a page holds; 20 by default.
        Query(limit): Query<Option<i64>>,
        /// How many to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<TeamCustomRoles>, ApiError> {
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        let answer = caller.actor_now(node, |state, actor| {
            let team = find(state, &key)?;
            require_visible(actor, team)?;
            let all = custom_roles(state, team);
            let total_count = all.len() as u64;
            let items = all.into_iter();
            let items = items.skip(page.offset as usize).take(page.limit as usize);
            let path = format!("/api/v2/teams/{}/roles", team.key);
            Ok::<_, ApiError>(TeamCustomRoles {
                total_count,
                items: items.collect(),
                links: page_links(&path, page, total_count),
            })
        })??;
        Ok(Json(answer))
    }
}
