//! `GET /api/v2/tokens/{id}/usage`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::{parse_id, require_visible};
use crate::as_of::time_text;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::usage::{Usage, UsageDay};
use crate::routes::Tag;

const DEFAULT_DAYS: i64 = 30;
const DAYS_MAX: i64 = 366;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Get the usage of an access token.
pub(super) struct GetTokenUsage;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl GetTokenUsage {
    /// Get the usage of an access token
    ///
    /// How many calls a token that the caller may see authenticated on each of the last days. What happened within the last
    /// second may be missing (extension).
    #[oai(
        path = "/tokens/:id/usage",
        method = "get",
        operation_id = "getTokenUsage"
    )]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(id): Path<String>,
        /// How many days, today included: 1 to 366; 30 by default.
        Query(days): Query<Option<i64>>,
    ) -> Result<Json<Usage>, ApiError> {
        let id = parse_id(&id)?;
        let days = days.unwrap_or(DEFAULT_DAYS);
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(ApiError::invalid(format!(
                "days: is 1 to {DAYS_MAX}, not {days}"
            )));
        }
        let found = node.token(caller.account(), id).await?;
        caller.actor_now(node, |_, actor| require_visible(&caller, actor, &found))??;
        let since = time_text(node.now_ms().saturating_sub((days - 1) * DAY_MS));
        let since = since.split('T').next().unwrap_or_default();
        let used = node.usage.days(caller.account(), id, since).await;
        let items = used.map_err(ApiError::internal)?.into_iter();
        Ok(Json(Usage {
            items: items.map(|(day, calls)| UsageDay { day, calls }).collect(),
        }))
    }
}
