//! `GET /api/v2/events`: the log of an account, page by page or as it grows.

mod tail;

use std::sync::Arc;

use keyledger_eventstore::{Position, StoredEvent};
use poem::http::header;
use poem::web::Data;
use poem::{IntoResponse, Request, Response};
use poem_openapi::param::{Header, Query};
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ToJSON as _, Type as _};
use poem_openapi::{ApiResponse, OpenApi};

use super::Tag;
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::event::{LogEvent, LogEvents};
use crate::rep::link::links;

pub use tail::STREAMS_MAX;

const DEFAULT_LIMIT: i64 = 100;
const LIMIT_MAX: i64 = 1_000;
/// Events that are read at a time.
const PAGE: u32 = 1_000;
/// Pages that one request reads: most may be other accounts'.
const PAGES_MAX: u32 = 20;
/// What one must be allowed to, on `acct`.
const ACTION: &str = "viewEventLog";

/// A page, or a stream.
pub struct EventsAnswer(Response);

impl IntoResponse for EventsAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for EventsAnswer {
    fn meta() -> MetaResponses {
        let stream = MetaSchema {
            description: Some(
                "An event of the stream: `id` is the position, `event` the type, `data` a `LogEvent`.",
            ),
            ..MetaSchema::new("string")
        };
        let media = |content_type, schema| MetaMediaType {
            content_type,
            schema,
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The events after the position.",
                status: Some(200),
                status_range: None,
                content: vec![
                    media("application/json", LogEvents::schema_ref()),
                    media("text/event-stream", MetaSchemaRef::Inline(Box::new(stream))),
                ],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        LogEvents::register(registry);
    }
}

/// Whether the caller may look at the log, now.
fn require(node: &Node, caller: &Caller) -> Result<(), ApiError> {
    Ok(caller.actor_now(node, |_, actor| actor.require(ACTION, "acct"))??)
}

/// The events of the caller's account after a position, at most so many, and up to where was looked.
async fn read(
    node: &Node,
    caller: &Caller,
    after: Position,
    limit: usize,
) -> Result<(Vec<StoredEvent>, Position), ApiError> {
    // What is not in memory yet is not given either: a follower never knows more than this node does.
    let end = node.live.position();
    let (mut found, mut at) = (Vec::new(), after);
    for _ in 0..PAGES_MAX {
        if at >= end || found.len() >= limit {
            break;
        }
        let page = node.log.read(at, PAGE).await?;
        for stored in page.into_iter().filter(|stored| stored.position <= end) {
            if found.len() >= limit {
                break;
            }
            at = stored.position;
            if stored.stream.account == caller.account() {
                found.push(stored);
            }
        }
    }
    Ok((found, at))
}

fn position(name: &str, number: Option<i64>) -> Result<Position, ApiError> {
    number
        .filter(|number| *number >= 0)
        .map(Position::new)
        .ok_or_else(|| ApiError::invalid(format!("{name}: is a position, 0 or more")))
}

/// List or follow events.
pub(super) struct FollowEvents;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl FollowEvents {
    /// List or follow events
    ///
    /// The event log of the account, in its order: as a page, or, with `Accept: text/event-stream`, as server-sent events
    /// that go on as the log does. A stream ends when the caller may not look any more, and after ten minutes; a
    /// browser then comes back by itself with `Last-Event-ID`. Nothing is left out and nothing comes twice. It needs
    /// `viewEventLog` on `acct`, which admins have (extension).
    #[oai(path = "/events", method = "get", operation_id = "getEvents")]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// The position after which events are wanted; from the beginning when absent.
        Query(after): Query<Option<i64>>,
        /// How many events a page holds; 100 by default, 1,000 at most.
        Query(limit): Query<Option<i64>>,
        /// The position of the last event that a stream gave; it goes before `after`.
        #[oai(name = "Last-Event-ID")]
        Header(last): Header<Option<String>>,
        request: &Request,
    ) -> Result<EventsAnswer, ApiError> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(ApiError::invalid(format!(
                "limit: is 1 to {LIMIT_MAX}, not {limit}"
            )));
        }
        let after = match (&last, &after) {
            (Some(last), _) => position("Last-Event-ID", last.parse().ok())?,
            (None, after @ Some(_)) => position("after", *after)?,
            (None, None) => Position::ZERO,
        };
        require(node, &caller)?;
        let accepted = request.headers().get(header::ACCEPT);
        let accepted = accepted
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if accepted.contains("text/event-stream") {
            return tail::follow(node, caller, after).map(EventsAnswer);
        }
        let limit = usize::try_from(limit).unwrap_or(0);
        let (found, at) = read(node, &caller, after, limit).await?;
        let items: Result<Vec<LogEvent>, ApiError> = found.iter().map(LogEvent::of).collect();
        let path = |after: Position| format!("/api/v2/events?after={after}&limit={limit}");
        let page = LogEvents {
            links: links([("self", path(after)), ("next", path(at))]),
            items: items?,
            position: at.get(),
        };
        let body = poem::Response::builder()
            .content_type("application/json")
            .body(page.to_json_string());
        Ok(EventsAnswer(body))
    }
}
