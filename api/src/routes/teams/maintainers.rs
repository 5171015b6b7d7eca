//! `GET /api/v2/teams/{key}/maintainers`.

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
use crate::rep::team::{TeamMaintainers, summaries};
use crate::routes::Tag;

const DEFAULT_LIMIT: u32 = 20;

/// Get team maintainers.
pub(super) struct ListMaintainers;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl ListMaintainers {
    /// Get team maintainers
    ///
    /// The members whom a permission grant with the action set `maintainTeam` names.
    #[oai(
        path = "/teams/:key/maintainers",
        method = "get",
        operation_id = "getTeamMaintainers"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(key): Path<String>,
        /// How many maintainers a page holds; 20 by default.
        Query(limit): Query<Option<i64>>,
        /// How many to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<TeamMaintainers>, ApiError> {
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        let answer = caller.actor_now(node, |state, actor| {
            let team = find(state, &key)?;
            require_visible(actor, team)?;
            let all = team.maintainers();
            let total_count = all.len() as u64;
            let ids = all.into_iter();
            let ids = ids.skip(page.offset as usize).take(page.limit as usize);
            let path = format!("/api/v2/teams/{}/maintainers", team.key);
            Ok::<_, ApiError>(TeamMaintainers {
                total_count,
                items: summaries(state, ids),
                links: page_links(&path, page, total_count),
            })
        })??;
        Ok(Json(answer))
    }
}
