//! `GET /api/v2/roles/{key}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::{answer_in, find};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::role::CustomRole;
use crate::routes::Tag;

/// Get custom role.
pub(super) struct GetRole;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Roles")]
impl GetRole {
    /// Get custom role
    ///
    /// By key or id.
    #[oai(path = "/roles/:key", method = "get", operation_id = "getCustomRole")]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(key): Path<String>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<CustomRole>, ApiError> {
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        let id = caller.actor_in(node, &view, |state, actor| {
            let found = find(state, &key)?;
            actor.require("viewRole", &format!("role/{}", found.key))?;
            Ok::<_, ApiError>(found.id)
        })??;
        answer_in(node, &caller, &view, id).await.map(Json)
    }
}
