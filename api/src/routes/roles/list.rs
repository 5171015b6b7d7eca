//! `GET /api/v2/roles`.

use std::sync::Arc;

use keyledger_domain::ids::RoleId;
use keyledger_domain::state::State;
use keyledger_projections::Page;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::{assigned, shown};
use crate::as_of::View;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::AskedVersion;
use crate::node::Node;
use crate::rep::link::{page_links, page_or_whole, with_query};
use crate::rep::role::CustomRoles;
use crate::routes::Tag;

/// List custom roles.
pub(super) struct ListRoles;

const DEFAULT_LIMIT: u32 = 20;

/// A page of the roles of the past, in the order in which they were made, and how many there were.
fn roles_then(state: &State, page: Page) -> (Vec<RoleId>, u64) {
    let roles = state.roles.values().filter(|role| !role.deleted);
    let mut found: Vec<_> = roles.map(|role| (role.number, role.id)).collect();
    found.sort_unstable();
    let ids = found.iter().map(|(_, id)| *id);
    let ids = ids.skip(page.offset as usize).take(page.limit as usize);
    (ids.collect(), found.len() as u64)
}

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
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<CustomRoles>, ApiError> {
        let page = page_or_whole(asked.settle(&caller), limit, offset, DEFAULT_LIMIT)?;
        caller.actor_now(node, |_, actor| actor.require("viewRole", "role/any"))??;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        let (ids, total_count) = if let View::Then { ground, .. } = &view {
            roles_then(ground, page)
        } else {
            node.wait_for_tables().await?;
            let listed = node.tables.list_roles(caller.account(), page).await;
            listed.map_err(ApiError::internal)?
        };
        let assigned = assigned(node, &caller, &view, &ids).await?;
        let items = caller.actor_in(node, &view, |state, actor| {
            ids.iter()
                .filter_map(|id| state.role(*id))
                .map(|role| shown(state, actor, role, &assigned))
                .collect()
        })?;
        Ok(Json(CustomRoles {
            items,
            links: page_links(
                &with_query("/api/v2/roles", &[("asOf", as_of)]),
                page,
                total_count,
            ),
            total_count,
        }))
    }
}
