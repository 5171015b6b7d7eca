//! `GET /api/v2/members/{id}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::list::EXPAND;
use super::{last_seen, parse_id, unknown};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::filter::expand;
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
        /// `customRoles` and `roleAttributes`, comma-separated; both are always there.
        #[oai(name = "expand")]
        Query(expansions): Query<Option<String>>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<Member>, ApiError> {
        let id = parse_id(&caller, &id)?;
        expand(expansions.as_deref(), &EXPAND)?;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        let answer = caller.actor_in(node, &view, |state, actor| {
            let found = state.member(id).ok_or_else(|| unknown(&id.to_string()))?;
            if id != caller.member_id() {
                actor.require("viewMember", &format!("member/{id}"))?;
            }
            let seen = last_seen(node, &caller, &view, id);
            Ok::<_, ApiError>(member(state, found, seen))
        })??;
        Ok(Json(answer))
    }
}
