//! The port: what a store must do to be a log.

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamRef};

use crate::error::{LogError, Refused};
use crate::model::{Append, Appended, Head, Position, Receipt, StoredEvent};

/// An append-only log with one dense, commit-ordered position.
///
/// Everything that is read is checked: unknown kinds, wrong lengths and numbers out of range are
/// [`LogError::Corrupt`]. Whether the chain continues is the reader's check, see
/// [`ChainCheck`](crate::ChainCheck).
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Applies a batch of requests in order, in one transaction, and answers each one.
    ///
    /// Each request sees the effects of those accepted before it. `now_ms` is the writer's clock;
    /// what is recorded is never less than the log's last time. A request whose events are stored
    /// already, by their ids, is answered as it was the first time: so a batch of unknown outcome
    /// is settled by appending it again.
    ///
    /// # Errors
    ///
    /// For the whole batch: [`LogError::Busy`], [`LogError::Unavailable`], [`LogError::Limit`] and
    /// [`LogError::ReadOnly`] (nothing was written), [`LogError::OutcomeUnknown`],
    /// [`LogError::Corrupt`].
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError>;

    /// The end of the log.
    ///
    /// # Errors
    ///
    /// [`LogError::Unavailable`], [`LogError::Busy`], [`LogError::Corrupt`].
    async fn head(&self) -> Result<Head, LogError>;

    /// The events after a position, in order: at most `limit` and at most
    /// [`READ_EVENTS_MAX`](crate::limits::READ_EVENTS_MAX).
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError>;

    /// The events after a position that this process has appended lately and still has at hand, as [`EventLog::read`]
    /// would give them. None says nothing about the log, and those that come need not be all.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn read_recent(
        &self,
        _after: Position,
        _limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        Ok(Vec::new())
    }

    /// The events from `first` to `last`, both included, in order.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`]; [`LogError::Limit`] when the range is longer than
    /// [`READ_EVENTS_MAX`](crate::limits::READ_EVENTS_MAX).
    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError>;

    /// The events of one stream, in order, up to a position if one is given. An unknown stream has
    /// none.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`]; [`LogError::Limit`] when there are more than
    /// [`STREAM_EVENTS_MAX`](crate::limits::STREAM_EVENTS_MAX).
    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError>;

    /// The events of an account's ground, which is all of it but its tokens, after a position and up to another,
    /// in the order of the log: at most `limit` and at most
    /// [`READ_EVENTS_MAX`](crate::limits::READ_EVENTS_MAX).
    ///
    /// What the streams of tokens hold costs nothing here, however much it is.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError>;

    /// The last versions of the streams that sort after `after`, in their order (account, kind,
    /// id): at most `limit` and at most [`READ_EVENTS_MAX`](crate::limits::READ_EVENTS_MAX).
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError>;

    /// What was recorded for an idempotency key.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError>;

    /// The last position that was recorded at or before a time, in milliseconds since 1970 UTC;
    /// [`Position::ZERO`] when none was.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError>;

    /// The stream that holds a claim.
    ///
    /// # Errors
    ///
    /// As [`EventLog::head`].
    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError>;
}
