//! A log in memory: the contract without a disk, for simulations and as the model that the other engines are compared with.
//!
//! Nothing of it survives the process, so nothing that is acknowledged by it is durable.

use std::collections::HashMap;

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, EventId, StreamKind, StreamRef};
use parking_lot::Mutex;

use crate::chain::ChainCheck;
use crate::error::{LogError, Refused};
use crate::limits::{self, READ_EVENTS_MAX, check_range, check_stream};
use crate::log::EventLog;
use crate::model::{Append, Appended, Head, Position, Receipt, StoredEvent};
use crate::plan::{Known, Placed, Plan, Wanted};

#[derive(Debug, Default)]
struct Inner {
    events: Vec<StoredEvent>,
    places: HashMap<EventId, Placed>,
    streams: HashMap<StreamRef, i64>,
    claims: HashMap<[u8; 32], StreamRef>,
    receipts: HashMap<(AccountId, String), Receipt>,
}

/// A log in memory.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<Inner>);

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn events(&self, wanted: impl Fn(&StoredEvent) -> bool, limit: usize) -> Vec<StoredEvent> {
        let inner = self.0.lock();
        let events = inner.events.iter().filter(|event| wanted(event));
        events.take(limit).cloned().collect()
    }
}

impl Inner {
    fn head(&self) -> Head {
        match self.events.last() {
            None => Head {
                position: Position::ZERO,
                hash: ChainCheck::genesis().hash,
                recorded_at_ms: 0,
            },
            Some(last) => Head {
                position: last.position,
                hash: last.hash,
                recorded_at_ms: last.recorded_at_ms,
            },
        }
    }

    /// What a batch must know, as the other engines look it up.
    fn known(&self, wanted: &Wanted<'_>) -> Known {
        let streams = wanted.streams.iter();
        let claims = wanted.claims.iter();
        let events = wanted.events.iter();
        let receipts = wanted.receipts.iter().filter_map(|(account, key)| {
            let name = (*account, (*key).to_owned());
            let receipt = self.receipts.get(&name)?;
            Some((name, *receipt))
        });
        Known {
            head: self.head(),
            streams: streams
                .filter_map(|stream| Some((*stream, *self.streams.get(stream)?)))
                .collect(),
            claims: claims
                .filter_map(|key| Some((*key, *self.claims.get(key)?)))
                .collect(),
            receipts: receipts.collect(),
            events: events
                .filter_map(|id| Some((*id, *self.places.get(id)?)))
                .collect(),
        }
    }

    fn write(&mut self, plan: &Plan<'_>) {
        for planned in &plan.events {
            let event = planned.event;
            let placed = Placed {
                position: planned.position,
                recorded_at_ms: plan.recorded_at_ms(),
                stream: event.stream,
            };
            self.places.insert(event.id, placed);
        }
        self.events.extend(plan.stored());
        self.streams.extend(&plan.streams);
        for (key, holder) in &plan.claims {
            match holder {
                Some(stream) => self.claims.insert(*key, *stream),
                None => self.claims.remove(key),
            };
        }
        let receipts = plan.receipts.iter();
        self.receipts
            .extend(receipts.map(|(name, receipt)| ((name.account, name.key.clone()), *receipt)));
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        limits::check_batch(batch)?;
        let mut inner = self.0.lock();
        let mut plan = Plan::new(inner.known(&Wanted::of(batch)), now_ms);
        let answers = batch.iter().map(|request| plan.admit(request)).collect();
        inner.write(&plan);
        Ok(answers)
    }

    async fn head(&self) -> Result<Head, LogError> {
        Ok(self.0.lock().head())
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        let inner = self.0.lock();
        let skipped = usize::try_from(after.get()).unwrap_or(usize::MAX);
        let events = inner.events.iter().skip(skipped);
        let limit = limit.min(READ_EVENTS_MAX) as usize;
        Ok(events.take(limit).cloned().collect())
    }

    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let before = check_range(first, last)?;
        let within = |event: &StoredEvent| event.position > before && event.position <= last;
        Ok(self.events(within, READ_EVENTS_MAX as usize))
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let of_stream = |event: &StoredEvent| {
            event.stream == *stream && up_to.is_none_or(|last| event.position <= last)
        };
        let found = self.events(of_stream, usize::MAX);
        check_stream(&found)?;
        Ok(found)
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let wanted = |event: &StoredEvent| {
            event.stream.account == account
                && event.stream.kind != StreamKind::Token
                && event.position > after
                && event.position <= up_to
        };
        Ok(self.events(wanted, limit.min(READ_EVENTS_MAX) as usize))
    }

    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        let order = |stream: &StreamRef| {
            let account = *stream.account.as_bytes();
            (account, stream.kind.number(), stream.id)
        };
        let inner = self.0.lock();
        let mut heads: Vec<(StreamRef, i64)> = inner
            .streams
            .iter()
            .filter(|(stream, _)| after.is_none_or(|after| order(stream) > order(after)))
            .map(|(stream, version)| (*stream, *version))
            .collect();
        heads.sort_by_key(|(stream, _)| order(stream));
        heads.truncate(limit.min(READ_EVENTS_MAX) as usize);
        Ok(heads)
    }

    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError> {
        let name = (account, key.to_owned());
        Ok(self.0.lock().receipts.get(&name).copied())
    }

    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError> {
        let inner = self.0.lock();
        let before = inner
            .events
            .partition_point(|event| event.recorded_at_ms <= time_ms);
        Ok(Position::new(i64::try_from(before).unwrap_or(i64::MAX)))
    }

    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        Ok(self.0.lock().claims.get(key).copied())
    }
}
