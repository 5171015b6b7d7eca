//! The way from one run of a node to the log: what the network does to its questions and answers.
//!
//! A batch that nobody waits for any more may still commit, and be sent again meanwhile. It cannot commit after a later
//! try of the same batch was answered, because a transaction holds the head from its first statement to its end, and the
//! later try waits for that. A store without this would answer "refused" and store the command afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamRef};
use keyledger_eventstore::{
    Append, Appended, EventLog, Head, LogError, MemoryLog, Position, Receipt, Recent, Refused,
    StoredEvent,
};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::rng::Rng;

/// How often what goes wrong in a schedule; 0 is never. Some schedules are calm and some are not.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    pub(super) crash_one_in: u64,
    pub(super) jump_one_in: u64,
    pub(super) partition_one_in: u64,
    pub(super) hint_lost_one_in: u64,
    delay_max_ms: u64,
    busy_one_in: u64,
    away_one_in: u64,
    answer_lost_one_in: u64,
    request_lost_one_in: u64,
    given_up_one_in: u64,
}

impl Faults {
    pub(super) fn of(rng: &mut Rng) -> Self {
        let mut one_in = |most: u64| match rng.below(3) {
            0 => 0,
            _ => 2 + rng.below(most),
        };
        Self {
            crash_one_in: one_in(12),
            jump_one_in: one_in(10),
            partition_one_in: one_in(12),
            hint_lost_one_in: one_in(4),
            busy_one_in: one_in(12),
            away_one_in: one_in(20),
            answer_lost_one_in: one_in(12),
            request_lost_one_in: one_in(12),
            given_up_one_in: one_in(8),
            delay_max_ms: [1, 10, 60, 300][usize::try_from(rng.below(4)).unwrap()],
        }
    }
}

/// The log that all nodes share, and when what was committed.
pub(super) struct Shared {
    pub(super) log: MemoryLog,
    pub(super) faults: Faults,
    healed: AtomicBool,
    /// What every append locks first, and holds until it has committed.
    head: tokio::sync::Mutex<()>,
    /// When each event was committed, in the order of the log.
    pub(super) committed: Mutex<Vec<Instant>>,
}

impl Shared {
    pub(super) fn new(log: MemoryLog, faults: Faults) -> Self {
        Self {
            log,
            faults,
            healed: AtomicBool::new(false),
            head: tokio::sync::Mutex::default(),
            committed: Mutex::default(),
        }
    }

    /// From now on nothing fails.
    pub(super) fn heal(&self) {
        self.healed.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_healed(&self) -> bool {
        self.healed.load(Ordering::SeqCst)
    }

    /// One transaction, as the store runs it: whether or not anybody still waits for its end. Also the events that it wrote.
    async fn transact(
        self: Arc<Self>,
        batch: Vec<Append>,
        now_ms: i64,
        pause: Duration,
    ) -> Result<(Vec<Result<Appended, Refused>>, Vec<StoredEvent>), LogError> {
        let _head = self.head.lock().await;
        tokio::time::sleep(pause).await;
        let before = self.log.head().await?.position;
        let answers = self.commit(&batch, now_ms).await?;
        Ok((answers, self.log.read(before, u32::MAX).await?))
    }

    pub(super) async fn commit(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        let answers = self.log.append(batch, now_ms).await;
        let head = self.log.head().await?.position.get();
        let mut committed = self.committed.lock();
        committed.resize(usize::try_from(head).unwrap(), Instant::now());
        answers
    }
}

/// The way of one run of a node. What a crashed run still has on its way may arrive or not; nothing comes back to it.
pub(super) struct Link {
    pub(super) shared: Arc<Shared>,
    pub(super) rng: Mutex<Rng>,
    pub(super) crashed: Arc<AtomicBool>,
    pub(super) cut_off: Arc<Mutex<bool>>,
    /// What this run has appended lately.
    pub(super) recent: Recent,
}

fn away() -> LogError {
    LogError::Unavailable("the log is away".into())
}

impl Link {
    fn one_in(&self, times: u64) -> bool {
        !self.shared.is_healed() && self.rng.lock().one_in(times)
    }

    async fn delay(&self) {
        let most = match self.shared.is_healed() {
            true => 1,
            false => self.shared.faults.delay_max_ms,
        };
        let pause = self.rng.lock().below(most + 1);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    /// Ends only while the node runs, and fails while it is cut off.
    async fn alive(&self) -> Result<(), LogError> {
        if self.crashed.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if *self.cut_off.lock() {
            // What hangs is given up after a while.
            tokio::time::sleep(Duration::from_millis(700)).await;
            return Err(away());
        }
        Ok(())
    }

    /// What becomes of a question that changes nothing.
    async fn reading(&self) -> Result<(), LogError> {
        self.alive().await?;
        self.delay().await;
        self.alive().await?;
        if self.one_in(self.shared.faults.away_one_in) {
            return Err(away());
        }
        if self.one_in(self.shared.faults.busy_one_in) {
            return Err(LogError::Busy("busy".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for Link {
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        self.reading().await?;
        let faults = &self.shared.faults;
        if self.one_in(faults.request_lost_one_in) {
            return Err(LogError::OutcomeUnknown("the request was lost".into()));
        }
        let pause = Duration::from_millis(self.rng.lock().below(faults.delay_max_ms / 4 + 1));
        let transaction = Arc::clone(&self.shared).transact(batch.to_vec(), now_ms, pause);
        let mut running = tokio::spawn(transaction);
        if self.one_in(faults.given_up_one_in) {
            // Nobody waits for it any more, and it commits all the same: at once, or after the next try has begun.
            let patience = Duration::from_millis(self.rng.lock().below(40));
            let _late = tokio::time::timeout(patience, &mut running).await;
            return Err(LogError::OutcomeUnknown("it took too long".into()));
        }
        let (answers, written) = running.await.unwrap()?;
        self.delay().await;
        if self.crashed.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if *self.cut_off.lock() || self.one_in(faults.answer_lost_one_in) {
            return Err(LogError::OutcomeUnknown("the answer was lost".into()));
        }
        self.recent.add(written);
        Ok(answers)
    }

    async fn head(&self) -> Result<Head, LogError> {
        self.reading().await?;
        self.shared.log.head().await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        self.reading().await?;
        let found = self.shared.log.read(after, limit).await;
        self.delay().await;
        self.alive().await?;
        found
    }

    async fn read_recent(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        Ok(self.recent.after(after, limit))
    }

    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.reading().await?;
        self.shared.log.read_range(first, last).await
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.reading().await?;
        self.shared.log.read_stream(stream, up_to).await
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.reading().await?;
        self.shared
            .log
            .read_ground(account, after, up_to, limit)
            .await
    }

    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        self.reading().await?;
        self.shared.log.stream_heads(after, limit).await
    }

    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError> {
        self.reading().await?;
        self.shared.log.receipt(account, key).await
    }

    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError> {
        self.reading().await?;
        self.shared.log.position_at(time_ms).await
    }

    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        self.reading().await?;
        self.shared.log.claim_holder(key).await
    }
}
