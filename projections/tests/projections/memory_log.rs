//! A log in memory: what a test appended, to be read.

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamKind, StreamRef};
use keyledger_eventstore::{
    Append, Appended, ChainCheck, EventLog, Head, LogError, Position, Receipt, Refused, StoredEvent,
};

/// A log of these events.
pub(crate) struct MemoryLog(pub(crate) Vec<StoredEvent>);

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        _batch: &[Append],
        _now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        Err(LogError::ReadOnly)
    }

    async fn head(&self) -> Result<Head, LogError> {
        Ok(self.0.last().map_or(
            Head {
                position: Position::ZERO,
                hash: ChainCheck::genesis().hash,
                recorded_at_ms: 0,
            },
            |event| Head {
                position: event.position,
                hash: event.hash,
                recorded_at_ms: event.recorded_at_ms,
            },
        ))
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        let events = self.0.iter().filter(|event| event.position > after);
        Ok(events.take(limit as usize).cloned().collect())
    }

    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let within = |event: &&StoredEvent| (first..=last).contains(&event.position);
        Ok(self.0.iter().filter(within).cloned().collect())
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let of_stream = |event: &&StoredEvent| {
            event.stream == *stream && up_to.is_none_or(|last| event.position <= last)
        };
        Ok(self.0.iter().filter(of_stream).cloned().collect())
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let wanted = |event: &&StoredEvent| {
            event.stream.account == account
                && event.stream.kind != StreamKind::Token
                && (after.next()..=up_to).contains(&event.position)
        };
        let events = self.0.iter().filter(wanted).take(limit as usize);
        Ok(events.cloned().collect())
    }

    async fn stream_heads(
        &self,
        _after: Option<&StreamRef>,
        _limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        Err(LogError::ReadOnly)
    }

    async fn receipt(&self, _account: AccountId, _key: &str) -> Result<Option<Receipt>, LogError> {
        Ok(None)
    }

    async fn position_at(&self, _time_ms: i64) -> Result<Position, LogError> {
        Err(LogError::ReadOnly)
    }

    async fn claim_holder(&self, _key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        Ok(None)
    }
}
