//! The batching writer over a log that fails.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamRef};
use keyledger_eventstore::{
    Append, AppendError, Appended, EventLog, Head, LogError, Position, Receipt, Refused,
    StoredEvent, Writer, WriterHandle, WriterLimits,
};
use tokio::sync::Semaphore;

use super::support::*;

/// What the next append does.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// It commits, and the reply is lost.
    LoseReply,
    /// The reply is lost before anything was written.
    LoseRequest,
    Busy,
    Unavailable,
    Corrupt,
}

/// A log whose appends fail as planned and then work, each after a permit.
struct Faulty {
    log: Log,
    faults: Mutex<VecDeque<Fault>>,
    gate: Semaphore,
}

impl Faulty {
    fn new(log: Log, faults: &[Fault]) -> Arc<Self> {
        Arc::new(Self {
            log,
            faults: Mutex::new(faults.iter().copied().collect()),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }
}

#[async_trait]
impl EventLog for Faulty {
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        self.gate.acquire().await.unwrap().forget();
        let fault = self.faults.lock().unwrap().pop_front();
        match fault {
            None => self.log.append(batch, now_ms).await,
            Some(Fault::LoseReply) => {
                self.log.append(batch, now_ms).await?;
                Err(LogError::OutcomeUnknown("reply lost".into()))
            }
            Some(Fault::LoseRequest) => Err(LogError::OutcomeUnknown("request lost".into())),
            Some(Fault::Busy) => Err(LogError::Busy("locked".into())),
            Some(Fault::Unavailable) => Err(LogError::Unavailable("gone".into())),
            Some(Fault::Corrupt) => Err(LogError::Corrupt {
                position: p(7),
                place: "event.hash",
                reason: "planned".to_owned(),
            }),
        }
    }

    async fn head(&self) -> Result<Head, LogError> {
        self.log.head().await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        self.log.read(after, limit).await
    }

    async fn read_range(&self, a: Position, b: Position) -> Result<Vec<StoredEvent>, LogError> {
        self.log.read_range(a, b).await
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.log.read_stream(stream, up_to).await
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.log.read_ground(account, after, up_to, limit).await
    }

    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        self.log.stream_heads(after, limit).await
    }

    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError> {
        self.log.receipt(account, key).await
    }

    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError> {
        self.log.position_at(time_ms).await
    }

    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        self.log.claim_holder(key).await
    }
}

fn writer(log: &Log, faults: &[Fault]) -> WriterHandle {
    let faulty = Faulty::new(log.clone(), faults);
    Writer::spawn(faulty, clock(), WriterLimits::default())
}

pub(super) async fn a_lost_reply_is_settled_by_the_event_ids(log: Log) {
    for faults in [
        &[Fault::LoseReply][..],
        &[Fault::LoseRequest],
        &[Fault::LoseReply, Fault::Busy, Fault::Unavailable],
        &[Fault::LoseRequest, Fault::LoseReply],
    ] {
        let before = log.head().await.unwrap().position;
        let handle = writer(&log, faults);
        let stream = token(u32::try_from(before.get()).unwrap());
        let appended = handle.append(at(stream, 0)).await.unwrap();
        assert_eq!(appended.first, before.next(), "{faults:?}");
        assert!(!appended.replayed);
        assert_eq!(
            log.head().await.unwrap().position,
            before.next(),
            "{faults:?}"
        );
    }
    assert_sound(&log).await;
}

pub(super) async fn a_lost_reply_with_a_receipt_is_no_replay(log: Log) {
    let handle = writer(&log, &[Fault::LoseReply]);
    let request = keyed(at(token(1), 0), "key", 1);
    // Who made the events must see its own success, not somebody else's.
    assert!(!handle.append(request).await.unwrap().replayed);
    let again = keyed(at(token(1), 0), "key", 1);
    assert!(handle.append(again).await.unwrap().replayed);
}

pub(super) async fn a_busy_log_is_tried_again(log: Log) {
    let handle = writer(&log, &[Fault::Busy; 7]);
    assert_eq!(handle.append(at(token(1), 0)).await.unwrap().first, p(1));
    let handle = writer(&log, &[Fault::Busy; 8]);
    let given_up = handle.append(at(token(1), 1)).await;
    assert!(matches!(given_up, Err(AppendError::Unavailable(_))));
    assert_eq!(handle.append(at(token(1), 1)).await.unwrap().first, p(2));
}

pub(super) async fn a_log_that_stays_away_is_reported(log: Log) {
    let handle = writer(&log, &[Fault::Unavailable]);
    let away = handle.append(at(token(1), 0)).await;
    assert!(matches!(away, Err(AppendError::Unavailable(_))));
    assert!(handle.append(at(token(1), 0)).await.is_ok());
}

pub(super) async fn an_outcome_that_cannot_be_settled_is_unknown(log: Log) {
    let mut faults = vec![Fault::LoseReply];
    faults.extend([Fault::Unavailable; 7]);
    let handle = writer(&log, &faults);
    let request = at(token(1), 0);
    let unknown = handle.append(request.clone()).await;
    assert_eq!(unknown, Err(AppendError::OutcomeUnknown));
    // The caller may send the same events again and learns what happened.
    assert_eq!(handle.append(request).await.unwrap().first, p(1));
    assert_eq!(log.head().await.unwrap().position, p(1));
}

pub(super) async fn damage_stops_the_writer(log: Log) {
    let handle = writer(&log, &[Fault::Corrupt]);
    for _ in 0..2 {
        let stopped = handle.append(at(token(1), 0)).await;
        assert!(matches!(stopped, Err(AppendError::Corrupt(_))));
    }
    assert_eq!(log.head().await.unwrap().position, p(0));
    handle.close().await;
}

pub(super) async fn a_full_queue_answers_at_once(log: Log) {
    let faulty = Faulty::new(log.clone(), &[]);
    faulty.gate.forget_permits(Semaphore::MAX_PERMITS);
    let limits = WriterLimits {
        queue_max: 4,
        batch_requests_max: 2,
        ..WriterLimits::default()
    };
    let handle = Writer::spawn(faulty.clone(), clock(), limits);
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..40 {
        let handle = handle.clone();
        waiting.spawn(async move { handle.append(at(token(n), 0)).await });
    }
    // Nothing can be written, so whoever answers was turned away: all but those that fit.
    let mut turned_away = 0;
    while waiting.len() > 6 {
        let answer = waiting.join_next().await.unwrap().unwrap();
        assert_eq!(answer, Err(AppendError::Overloaded));
        turned_away += 1;
    }
    assert_eq!(turned_away, 34);
    faulty.gate.add_permits(100);
    let mut stored = 0;
    while let Some(answer) = waiting.join_next().await {
        stored += i64::from(answer.unwrap().is_ok());
    }
    assert!(stored >= 4, "{stored}");
    assert_eq!(log.head().await.unwrap().position, p(stored));
}
