//! `GET /api/v2/teams/{key}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::{expansions, find, require_visible};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::team::{Team, team};
use crate::routes::Tag;

/// Get team.
pub(super) struct GetTeam;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl GetTeam {
    /// Get team
    ///
    /// With what `expand` asks for besides.
    #[oai(path = "/teams/:key", method = "get", operation_id = "getTeam")]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(key): Path<String>,
        /// `members`, `roles`, `projects`, `maintainers`, `roleAttributes`, comma-separated.
        Query(expand): Query<Option<String>>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<Team>, ApiError> {
        let expand = expansions(expand.as_deref())?;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        let answer = caller.actor_in(node, &view, |state, actor| {
            let found = find(state, &key)?;
            require_visible(actor, found)?;
            Ok::<_, ApiError>(team(state, actor, found, expand))
        })??;
        Ok(Json(answer))
    }
}
