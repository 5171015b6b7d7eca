//! `GET /api/v2/tokens/{id}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::standing::{Listed, standings};
use super::{last_used, parse_id, require_visible, used_by};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::effective::effective;
use crate::rep::token::{Token, token};
use crate::routes::Tag;

/// Get access token.
pub(super) struct GetToken;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl GetToken {
    /// Get access token
    ///
    /// One that the caller may see. Its secret is not in the answer, only the last four characters.
    #[oai(path = "/tokens/:id", method = "get", operation_id = "getToken")]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(id): Path<String>,
        /// `effectivePermission` adds what the token may do now, `standing` how that stands to its scope; the second is
        /// there for the present only (extension).
        Query(expand): Query<Option<String>>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<Token>, ApiError> {
        let id = parse_id(&id)?;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        let found = node.token_in(caller.account(), id, &view).await?;
        let asks = |word: &str| {
            let list = expand.as_deref();
            list.is_some_and(|list| list.split(',').any(|asked| asked.trim() == word))
        };
        let permission = asks("effectivePermission");
        let last_used_ms = last_used(node, &caller, id).await?;
        let now_ms = view.at_ms(node);
        let mut answer = caller.actor_in(node, &view, |state, actor| {
            require_visible(&caller, actor, &found)?;
            let used_ms = used_by(&view, last_used_ms);
            let mut answer = token(state, &(&found).into(), used_ms, now_ms);
            answer.effective_permission = permission.then(|| effective(state, &found, now_ms));
            Ok::<_, ApiError>(answer)
        })??;
        if asks("standing") && view.moment().is_none() {
            let listed = Listed {
                id,
                scope: &found.scope,
                expiry_ms: found.expiry_ms,
            };
            let mut standings = standings(node, caller.account(), &[listed]).await?;
            answer.standing = standings.pop().flatten();
        }
        Ok(Json(answer))
    }
}
