//! `GET /api/v2/roles/{key}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

use super::{answer, find};
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
    ) -> Result<Json<CustomRole>, ApiError> {
        let id = caller.actor_now(node, |state, actor| {
            let found = find(state, &key)?;
            actor.require("viewRole", &format!("role/{}", found.key))?;
            Ok::<_, ApiError>(found.id)
        })??;
        answer(node, &caller, id).await.map(Json)
    }
}
