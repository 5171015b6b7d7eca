//! `/feed/v1/…`: the log for deciders in other processes (`keyledger-embedded`, `keyledger sidecar`).
//!
//! Whoever follows needs the peppers anyway, so a key that is derived from the pepper is the credential. What is given is
//! as it is stored: what events say of persons stays sealed.

use std::sync::Arc;
use std::time::Duration;

use keyledger_domain::secret::Pepper;
use keyledger_embedded::{EVENTS_PATH, HEAD_PATH, USES_MAX, USES_PATH, Use, credential};
use keyledger_eventstore::limits::READ_EVENTS_MAX;
use keyledger_eventstore::{Position, wire};
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::Doors;
use super::reply::{self, json};
use crate::error::ApiError;
use crate::limits::Source;
use crate::node::Node;

/// How long a follower is kept waiting for something new.
const WAIT: Duration = Duration::from_secs(1);

/// The doors of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feed {
    Events,
    Head,
    Uses,
}

impl Feed {
    /// The door of a path.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            EVENTS_PATH => Some(Self::Events),
            HEAD_PATH => Some(Self::Head),
            USES_PATH => Some(Self::Uses),
            _ => None,
        }
    }
}

/// The credential of a server's feed.
pub struct FeedKey(String);

impl FeedKey {
    /// The one that whoever has this pepper can derive.
    #[must_use]
    pub fn of(pepper: &Pepper) -> Self {
        Self(credential(pepper))
    }

    fn fits(&self, request: &Request) -> bool {
        let shown = request.headers().get(header::AUTHORIZATION);
        let shown = shown.and_then(|value| value.as_bytes().strip_prefix(b"Feed "));
        shown.is_some_and(|shown| shown.ct_eq(self.0.as_bytes()).into())
    }
}

#[derive(Debug, Deserialize)]
struct EventsQuery {
    after: i64,
    limit: u32,
}

#[derive(Debug, Deserialize)]
struct HeadQuery {
    after: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Head {
    position: i64,
    recorded_at_ms: i64,
}

fn query<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    request
        .params()
        .map_err(|error| ApiError::invalid(error.to_string()))
}

/// Answers a request.
///
/// # Errors
/// 404 unless the server feeds, 401 for another credential, and whatever is wrong with the request.
pub(super) async fn answer(
    doors: &Doors,
    feed: Feed,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let (Some(key), Ok(node)) = (&doors.feed, doors.server("the feed")) else {
        return Err(ApiError::not_found("there is nothing at this path"));
    };
    if !key.fits(request) {
        let error = ApiError::unauthorized("the feed takes the key of the server's pepper");
        return Err(doors.counted(Source::of(request), error));
    }
    let method = if feed == Feed::Uses {
        Method::POST
    } else {
        Method::GET
    };
    if *request.method() != method {
        return Err(ApiError::method_not_allowed(method.as_str().into()));
    }
    match feed {
        Feed::Events => events(node, &query(request)?).await,
        Feed::Head => head(node, &query(request)?).await,
        Feed::Uses => uses(node, request).await,
    }
}

async fn events(node: &Node, query: &EventsQuery) -> Result<Response, ApiError> {
    let limit = query.limit.min(READ_EVENTS_MAX);
    let events = node.log.read(Position::new(query.after), limit).await?;
    let page = wire::encode(&events).map_err(ApiError::internal)?;
    let mut response = json(StatusCode::OK, page);
    let binary = HeaderValue::from_static("application/vnd.keyledger.events");
    response.headers_mut().insert(header::CONTENT_TYPE, binary);
    Ok(response)
}

async fn head(node: &Arc<Node>, query: &HeadQuery) -> Result<Response, ApiError> {
    if let Some(after) = query.after {
        let place = Arc::clone(&node.streams).try_acquire_owned();
        let _place = place.map_err(|_| ApiError::unavailable("too many follow the log"))?;
        let mut applied = node.live.applied();
        let newer = applied.wait_for(|position| position.get() > after);
        let _newer_or_not = tokio::time::timeout(WAIT, newer).await;
    }
    let head = node.log.head().await?;
    let head = Head {
        position: head.position.get(),
        recorded_at_ms: head.recorded_at_ms,
    };
    let bytes = serde_json::to_vec(&head).map_err(ApiError::internal)?;
    Ok(json(StatusCode::OK, bytes))
}

async fn uses(node: &Node, request: &mut Request) -> Result<Response, ApiError> {
    let uses: Vec<Use> = reply::read(request, false).await?;
    if uses.len() > USES_MAX {
        return Err(ApiError::invalid(format!(
            "{} uses, {USES_MAX} are the most",
            uses.len()
        )));
    }
    let now_ms = node.now_ms();
    let mut read = Vec::with_capacity(uses.len());
    for (number, one) in uses.iter().enumerate() {
        let wrong = |what: &str| ApiError::invalid(format!("/{number}/{what}: is no id"));
        let account = one.account.parse().map_err(|_| wrong("account"))?;
        let token = one.token.parse().map_err(|_| wrong("token"))?;
        let member = one.member.as_deref().map(str::parse).transpose();
        let member = member.map_err(|_| wrong("member"))?;
        // The other clock may be ahead.
        read.push((account, token, member, one.at_ms.min(now_ms)));
    }
    // All or none.
    for (account, token, member, at_ms) in read {
        node.usage.used(account, token, member, at_ms);
    }
    let mut response = Response::default();
    response.set_status(StatusCode::NO_CONTENT);
    Ok(response)
}
