//! A server's log as seen through its feed: it can be followed, and nothing else.

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamRef};
use keyledger_eventstore::{
    Append, Appended, EventLog, Head, LogError, Position, Receipt, Refused, StoredEvent,
};

use crate::feed::{Feed, FeedError};

/// A log behind a feed.
#[derive(Debug)]
pub(crate) struct RemoteLog(pub(crate) Feed);

/// Somebody asked a feed for what only a log has.
#[derive(Debug, thiserror::Error)]
#[error("a feed gives events in the order of the log and nothing else")]
struct OnlyFollowed;

fn only_followed<T>() -> Result<T, LogError> {
    Err(LogError::Unavailable(Box::new(OnlyFollowed)))
}

fn log_error(error: FeedError) -> LogError {
    LogError::Unavailable(Box::new(error))
}

#[async_trait]
impl EventLog for RemoteLog {
    async fn append(
        &self,
        _batch: &[Append],
        _now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        Err(LogError::ReadOnly)
    }

    async fn head(&self) -> Result<Head, LogError> {
        let head = self.0.head(None).await.map_err(log_error)?;
        Ok(Head {
            position: Position::new(head.position),
            // Nobody who follows asks for it: each event has its own.
            hash: [0; 32],
            recorded_at_ms: head.recorded_at_ms,
        })
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        self.0.events(after, limit).await.map_err(log_error)
    }

    async fn read_range(
        &self,
        _first: Position,
        _last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        only_followed()
    }

    async fn read_stream(
        &self,
        _stream: &StreamRef,
        _up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        only_followed()
    }

    async fn read_ground(
        &self,
        _account: AccountId,
        _after: Position,
        _up_to: Position,
        _limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        only_followed()
    }

    async fn stream_heads(
        &self,
        _after: Option<&StreamRef>,
        _limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        only_followed()
    }

    async fn receipt(&self, _account: AccountId, _key: &str) -> Result<Option<Receipt>, LogError> {
        only_followed()
    }

    async fn position_at(&self, _time_ms: i64) -> Result<Position, LogError> {
        only_followed()
    }

    async fn claim_holder(&self, _key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        only_followed()
    }
}
