//! The log as server-sent events (WHATWG HTML §9.2).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use keyledger_eventstore::{Position, StoredEvent};
use poem::web::sse::{Event, SSE};
use poem::{IntoResponse as _, Response};
use poem_openapi::types::ToJSON as _;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{read, require};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::event::LogEvent;

/// Streams that a node keeps open at a time.
pub const STREAMS_MAX: usize = 256;
/// Events that are read ahead of a slow reader.
const AHEAD: usize = 100;
/// How often a stream says that it lives when nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the right to look is asked for when nothing happens: time ends it as well.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long a stream lasts, in milliseconds: whoever signed out gets no more after it.
const LASTS_MS: i64 = 600_000;

struct Tail {
    node: Arc<Node>,
    caller: Caller,
    at: Position,
    waiting: VecDeque<StoredEvent>,
    applied: watch::Receiver<Position>,
    ends_at_ms: i64,
    _place: OwnedSemaphorePermit,
}

/// The events after a position, and those that are still to come.
pub(super) fn follow(
    node: &Arc<Node>,
    caller: Caller,
    after: Position,
) -> Result<Response, ApiError> {
    let place = Arc::clone(&node.streams).try_acquire_owned();
    let place = place.map_err(|_| {
        ApiError::unavailable(format!(
            "{STREAMS_MAX} streams of events are open; that is the most"
        ))
    })?;
    let tail = Tail {
        applied: node.live.applied(),
        ends_at_ms: node.now_ms().saturating_add(LASTS_MS),
        node: Arc::clone(node),
        caller,
        at: after,
        waiting: VecDeque::new(),
        _place: place,
    };
    Ok(SSE::new(events(tail)).keep_alive(HEARTBEAT).into_response())
}

fn events(tail: Tail) -> impl Stream<Item = Event> {
    futures_util::stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((event, tail))
    })
}

impl Tail {
    /// The next event; none when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(stored) = self.waiting.pop_front() {
                return message(&stored);
            }
            self.applied.mark_unchanged();
            // Asked after every event that this node knows: whoever lost the right sees none that came later.
            if !self.may_look() {
                return None;
            }
            let (found, at) = match read(&self.node, &self.caller, self.at, AHEAD).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(message = error.message(), "a stream of events ends");
                    return None;
                }
            };
            let moved = at > self.at;
            self.at = at;
            self.waiting.extend(found);
            if !moved {
                let changed = tokio::time::timeout(ASK_EVERY, self.applied.changed()).await;
                if matches!(changed, Ok(Err(_))) {
                    return None;
                }
            }
        }
    }

    fn may_look(&self) -> bool {
        // The server is about to end.
        if self.node.streams.is_closed() {
            return false;
        }
        let now_ms = self.node.now_ms();
        let works = match &self.caller {
            // A reset or an edit ends it as well: who still may comes back.
            Caller::Token(token) => {
                let now = self.node.live.grant(token.account, token.token);
                let same = now.is_some_and(|(_, version)| version == token.version);
                same && token.expiry_ms.is_none_or(|ends| ends > now_ms)
            }
            Caller::Session { .. } => true,
            Caller::Invitation { .. } => false,
        };
        works && now_ms < self.ends_at_ms && require(&self.node, &self.caller).is_ok()
    }
}

fn message(stored: &StoredEvent) -> Option<Event> {
    match LogEvent::of(stored) {
        Ok(event) => Some(
            Event::message(event.to_json_string())
                .id(stored.position.to_string())
                .event_type(&stored.event_type),
        ),
        Err(error) => {
            tracing::error!(message = error.message(), "a stream of events ends");
            None
        }
    }
}
