//! `GET /api/v2/permission-changes`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use crate::as_of::Moment;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::change::{PermissionChanges, happened};
use crate::rep::link::{page, page_links, with_query};
use crate::routes::Tag;

const DEFAULT_LIMIT: u32 = 25;
const LIMIT_MAX: i64 = 100;
/// The most events that one request folds; the command line folds them all.
const EVENTS_MAX: usize = 1_000_000;

/// List permission changes.
pub(super) struct ListChanges;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl ListChanges {
    /// List permission changes
    ///
    /// Every token whose effective permission is another one at one moment than at an earlier one: gained, lost,
    /// narrowed, widened, each with an example, found exactly, and with the events that caused it. It needs
    /// `viewAccessToken` on all tokens, which admins have (extension).
    #[oai(
        path = "/permission-changes",
        method = "get",
        operation_id = "getPermissionChanges"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// The earlier moment: a position, Unix milliseconds or a time.
        Query(from): Query<String>,
        /// The later moment; now when absent.
        Query(to): Query<Option<String>>,
        /// How many tokens a page holds; 25 by default, 100 at most.
        Query(limit): Query<Option<i64>>,
        /// How many tokens to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<PermissionChanges>, ApiError> {
        if let Some(asked) = limit.filter(|asked| *asked > LIMIT_MAX) {
            return Err(ApiError::invalid(format!(
                "limit: is 1 to {LIMIT_MAX}, not {asked}"
            )));
        }
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        caller.actor_now(node, |_, actor| {
            actor.require("viewAccessToken", "member/any:token/any")
        })??;
        let earlier = node.moment(&from).await?;
        let later = match to.as_deref() {
            Some(to) => node.moment(to).await?,
            None => Moment {
                position: node.live.position(),
                at_ms: node.now_ms(),
            },
        };
        if later.position < earlier.position || later.at_ms < earlier.at_ms {
            return Err(ApiError::invalid("to: is before from"));
        }
        let between = (
            (earlier.position, earlier.at_ms),
            (later.position, later.at_ms),
        );
        let part = (page.offset as usize, page.limit as usize);
        let changes = node
            .past()
            .await
            .changes(caller.account(), between, part, EVENTS_MAX)
            .await?;
        let items = changes.items.iter();
        let items = items.filter_map(|item| happened(&changes.state, item));
        let total_count = changes.total as u64;
        let query = [("from", Some(from)), ("to", to)];
        let path = with_query("/api/v2/permission-changes", &query);
        Ok(Json(PermissionChanges {
            items: items.collect(),
            from_position: earlier.position.get(),
            to_position: later.position.get(),
            total_count,
            links: page_links(&path, page, total_count),
        }))
    }
}
