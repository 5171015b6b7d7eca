//! Keeps the tables up with the log.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::{ChainCheck, Clock, EventLog, Position, StoredEvent};
use tokio::sync::watch;

use super::error::TablesError;
use super::policies::Policies;
use super::{Files, Tables, batch, cursor, file, generation, open};
use crate::follower::{FollowError, PumpHandle, Sink, compare, retry, spawn};

/// Events in one transaction.
pub(super) const BATCH: u32 = 1_000;

/// How long events are gathered unless somebody waits for them.
const GATHER: Duration = Duration::from_millis(100);

/// Starts projectors.
#[derive(Debug)]
pub struct Projector;

impl Projector {
    /// Follows `log` on the current tokio runtime, from where `tables` are: at once when `head` moves,
    /// and by looking every 250 ms besides.
    ///
    /// Log and tables may fail for a while. An event that cannot follow ends the projector for good.
    #[must_use]
    pub fn spawn(
        log: Arc<dyn EventLog>,
        tables: Tables,
        head: watch::Receiver<Position>,
        clock: Clock,
    ) -> ProjectorHandle {
        let applied = Arc::clone(&tables.applied);
        ProjectorHandle {
            pump: spawn(log, TablesSink::new(tables), head, clock),
            applied,
        }
    }
}

/// A running projector.
#[derive(Debug)]
pub struct ProjectorHandle {
    pump: PumpHandle,
    applied: Arc<watch::Sender<Position>>,
}

impl ProjectorHandle {
    /// The last event that is in the tables, to be watched.
    #[must_use]
    pub fn position(&self) -> watch::Receiver<Position> {
        self.applied.subscribe()
    }

    /// When the log was last asked and everything that it held was in the tables, Unix milliseconds; 0
    /// before the first time.
    #[must_use]
    pub fn last_heard_ms(&self) -> i64 {
        self.pump.last_heard_ms()
    }

    /// Why it stopped for good; the text is for the operator.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.pump.failed()
    }

    /// Stops following and waits for the end.
    pub async fn close(&self) {
        self.pump.close().await;
    }
}

pub(super) struct TablesSink {
    tables: Tables,
    /// Where rows go: what `tables` reads, or a rebuilt generation until it is as far.
    target: Files,
    /// A rebuilt generation that does not fit this program.
    refused: Option<PathBuf>,
    policies: Policies,
    /// Where the check of the chain goes on; none when the cursor must be read first.
    check: Option<ChainCheck>,
}

impl TablesSink {
    pub(super) fn new(tables: Tables) -> Self {
        Self {
            target: tables.files(),
            tables,
            refused: None,
            policies: Policies::default(),
            check: None,
        }
    }

    pub(super) async fn close(&self) {
        self.target.close().await;
    }

    async fn write(&mut self, events: Vec<StoredEvent>, now_ms: i64) -> Result<(), FollowError> {
        let writer = self.target.writer.clone().ok_or(TablesError::ReadOnly)?;
        let from = match self.check {
            Some(check) => check,
            None => {
                let load = writer.run(|connection| file::transact(connection, cursor::load));
                let found = load.await?;
                self.went_to(found);
                found
            }
        };
        if events.first().map(|event| event.position) != Some(from.position.next()) {
            // They were read from where the cursor was thought to be. It is known now: read again.
            return Ok(());
        }
        let (batch, to) = batch::read(&from, events)?;
        self.check = None;
        // Gone when it fails: what was written may have been rolled back.
        let mut policies = std::mem::take(&mut self.policies);
        let write = writer.run(move |connection| {
            file::write(connection, &mut policies, &batch, (&from, &to), now_ms)?;
            Ok::<_, TablesError>(policies)
        });
        self.policies = write.await?;
        self.went_to(to);
        Ok(())
    }

    /// The target's cursor is there; readers are told if the target is what they read.
    fn went_to(&mut self, check: ChainCheck) {
        self.check = Some(check);
        if self.tables.publish(&self.target, check.position) {
            self.tables.moved(check.position);
        }
    }

    /// Takes a rebuilt generation over, if there is one: from now on rows go there, and as soon as it is as far as
    /// what is read, it is read.
    async fn take_over(&mut self) -> Result<(), TablesError> {
        let file = generation::current(&self.tables.path)?;
        if file == self.target.file || self.refused.as_ref() == Some(&file) {
            return Ok(());
        }
        match open::writable(file.clone()).await {
            Ok((files, check)) => {
                tracing::info!(file = %file.display(), position = %check.position, "taking rebuilt tables over");
                self.target = files;
                self.policies.forget();
                self.went_to(check);
                Ok(())
            }
            Err(error @ (TablesError::Schema { .. } | TablesError::Corrupt(_))) => {
                tracing::error!(file = %file.display(), %error, "the rebuilt tables are not taken");
                self.refused = Some(file);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl Tables {
    /// Lets everybody read `files` once they are at least as far as what is read now; whether they are what is read.
    fn publish(&self, files: &Files, position: Position) -> bool {
        let before = {
            let mut current = self.current.write();
            if current.file == files.file {
                return true;
            }
            if position < *self.applied.borrow() {
                return false;
            }
            std::mem::replace(&mut *current, files.clone())
        };
        let path = self.path.clone();
        // Whoever reads the old ones may finish.
        tokio::spawn(async move {
            before.close().await;
            generation::clean(&path);
        });
        true
    }

    fn moved(&self, position: Position) {
        self.applied.send_if_modified(|known| {
            let moved = *known != position;
            *known = position;
            moved
        });
    }
}

impl Sink for TablesSink {
    const NAME: &'static str = "tables";
    const PAGE: u32 = BATCH;

    fn position(&self) -> Position {
        self.check
            .map_or_else(|| self.tables.position(), |check| check.position)
    }

    async fn refresh(&mut self) -> Result<bool, FollowError> {
        self.take_over().await?;
        Ok(true)
    }

    async fn gather(&mut self) {
        // Each batch costs the same few commits and pages, however many events are in it.
        let _asked = tokio::time::timeout(GATHER, self.tables.asked.notified()).await;
    }

    async fn absorb(&mut self, events: Vec<StoredEvent>, now_ms: i64) -> Result<(), FollowError> {
        self.write(events, now_ms).await
    }

    async fn stopped(&mut self, _error: &FollowError) {
        let Some(writer) = &self.target.writer else {
            return;
        };
        // Only a note for whoever looks at the tables: the operator's log has the error.
        let note = writer.run(|connection| file::transact(connection, cursor::fail));
        let _noted = note.await;
    }
}

/// Brings the tables up to the end of the log: for rebuilding, for tests and wherever there is no
/// projector.
///
/// # Errors
/// When the log cannot be read, holds what cannot follow, or the tables cannot be written.
pub async fn catch_up(log: &dyn EventLog, tables: &Tables, now_ms: i64) -> Result<(), FollowError> {
    let mut sink = TablesSink::new(tables.clone());
    compare(log, sink.position()).await?;
    feed(log, &mut sink, now_ms).await
}

/// Feeds tables until they are at the end of the log.
pub(super) async fn feed(
    log: &dyn EventLog,
    sink: &mut impl Sink,
    now_ms: i64,
) -> Result<(), FollowError> {
    loop {
        let events = retry(|| log.read(sink.position(), BATCH)).await?;
        if events.is_empty() {
            return Ok(());
        }
        sink.absorb(events, now_ms).await?;
    }
}
