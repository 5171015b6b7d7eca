//! `GET /api/v2/members/{id}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

use super::{parse_id, unknown};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::member::{Member, member};
use crate::routes::Tag;

/// Get account member.
pub(super) struct GetMember;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl GetMember {
    /// Get account member
    ///
    /// `me` is the member who is signed in, or who made the token.
    #[oai(path = "/members/:id", method = "get", operation_id = "getMember")]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(id): Path<String>,
    ) -> Result<Json<Member>, ApiError> {
        let id = parse_id(&caller, &id)?;
        let answer = caller.actor_now(node, |state, actor| {
            let found = state.member(id).ok_or_else(|| unknown(&id.to_string()))?;
            if id != caller.member_id() {
                actor.require("viewMember", &format!("member/{id}"))?;
            }
            Ok::<_, ApiError>(member(found))
        })??;
        Ok(Json(answer))
    }
}
