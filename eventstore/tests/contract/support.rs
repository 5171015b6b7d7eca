//! Short names for building requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use keyledger_domain::ids::{AccountId, EventId, StreamRef, TokenId};
use keyledger_eventstore::{
    Append, Appended, Clock, EventLog, Expect, MemoryLog, NewEvent, Position, ReceiptKey, Refused,
};

pub(super) type Log = Arc<dyn EventLog>;

/// A fresh log in memory.
pub(super) struct Memory(Log);

impl Memory {
    pub(super) async fn new() -> Self {
        Self(Arc::new(MemoryLog::new()))
    }

    pub(super) fn log(&self) -> Log {
        self.0.clone()
    }
}

pub(super) fn account(n: u8) -> AccountId {
    AccountId::from_bytes([n; 12])
}

/// The stream of token `n` in account 1.
pub(super) fn token(n: u32) -> StreamRef {
    let mut id = [0; 12];
    id[8..].copy_from_slice(&n.to_be_bytes());
    StreamRef::token(account(1), TokenId::from_bytes(id))
}

/// An event with an id that no other event of the test run has.
pub(super) fn event(stream: StreamRef) -> NewEvent {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut id = [0; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    NewEvent {
        id: EventId::from_bytes(id),
        stream,
        event_type: "token.created".into(),
        schema_version: 1,
        payload: format!("payload {number}").into_bytes(),
        metadata: b"metadata".to_vec(),
    }
}

/// One event on a stream that must be at `version`.
pub(super) fn at(stream: StreamRef, version: i64) -> Append {
    Append {
        expect: vec![Expect { stream, version }],
        events: vec![event(stream)],
        ..Append::default()
    }
}

/// `count` events on a stream without preconditions.
pub(super) fn some(stream: StreamRef, count: usize) -> Append {
    Append {
        events: (0..count).map(|_| event(stream)).collect(),
        ..Append::default()
    }
}

pub(super) fn keyed(mut request: Append, key: &str, fingerprint: u8) -> Append {
    request.receipt = Some(ReceiptKey {
        account: account(1),
        key: key.to_owned(),
        fingerprint: [fingerprint; 32],
    });
    request
}

/// Appends one request alone.
pub(super) async fn one(log: &Log, request: Append, now_ms: i64) -> Result<Appended, Refused> {
    log.append(&[request], now_ms).await.unwrap().remove(0)
}

pub(super) const fn p(number: i64) -> Position {
    Position::new(number)
}

/// A clock that shows a millisecond more at each reading.
pub(super) fn clock() -> Clock {
    let now = AtomicI64::new(1_000);
    Arc::new(move || now.fetch_add(1, Ordering::Relaxed))
}

pub(super) async fn assert_sound(log: &Log) {
    keyledger_eventstore::verify(log.as_ref()).await.unwrap();
}
