//! `GET /api/v2/tokens/{id}/explanation`.

use std::sync::Arc;

use keyledger_domain::policy::Resource;
use keyledger_projections::Question;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::{parse_id, require_visible};
use crate::as_of::Moment;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::explanation::{Explanation, explanation};
use crate::routes::Tag;

/// The longest action that is looked at, in characters.
const ACTION_CHARS_MAX: usize = 128;

/// Explain an answer.
pub(super) struct ExplainToken;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl ExplainToken {
    /// Explain what a token may do
    ///
    /// Whether a token that the caller may see is allowed an action on a resource, now or as of an earlier
    /// moment: the statement that decided or the nearest miss, the role and the team that it is from, and the
    /// events that led there (extension).
    #[oai(
        path = "/tokens/:id/explanation",
        method = "get",
        operation_id = "explainToken"
    )]
    async fn explain(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(id): Path<String>,
        /// The action, such as `updateOn`.
        Query(action): Query<String>,
        /// The resource, such as `proj/web:env/production:flag/dark-mode`, with tags and properties if any.
        Query(resource): Query<String>,
        /// A position, Unix milliseconds or a time: the answer is as of then.
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<Explanation>, ApiError> {
        let id = parse_id(&id)?;
        let account = caller.account();
        if action.is_empty() || action.chars().count() > ACTION_CHARS_MAX {
            return Err(ApiError::invalid(format!(
                "action: has 1 to {ACTION_CHARS_MAX} characters"
            )));
        }
        let asked = Resource::parse(&resource)
            .map_err(|error| ApiError::invalid(format!("resource: {error}")))?;
        let moment = match as_of.as_deref() {
            Some(as_of) => node.moment(as_of).await?,
            None => Moment {
                position: node.live.position(),
                at_ms: node.now_ms(),
            },
        };
        let question = Question {
            token: id,
            action: &action,
            resource: &asked,
        };
        let trail = node
            .past()
            .await
            .trail(account, question, moment.position, moment.at_ms)
            .await?;
        let answer = explanation(&trail, (&action, &resource), moment);
        match (answer, &trail.token) {
            (Some(answer), Some(token)) => {
                caller.actor_now(node, |_, actor| require_visible(&caller, actor, token))??;
                Ok(Json(answer))
            }
            _ => Err(ApiError::not_found(format!("unknown token: \"{id}\""))),
        }
    }
}
