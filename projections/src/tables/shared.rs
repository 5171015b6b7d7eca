//! The same tables in the database that the nodes share, for analysts: filled by one node at a time.
//!
//! Whoever has the word writes, and says so again each second. A node that falls silent loses it after five, and another
//! one goes on from the cursor. What is correct does not hang on the word: a batch locks the cursor's row, and is written
//! only if the cursor is where the batch begins (ADR 18).

mod word;

use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::postgres::{Database, Pooling, Steps, in_time};
use keyledger_eventstore::{ChainCheck, Clock, EventLog, Position, StoredEvent};
use sqlx::{PgConnection, PgPool, PgTransaction};
use tokio::sync::watch;

use super::batch::{self, Recorded};
use super::engine::{Connection, Query, Text};
use super::error::{self, TablesError};
use super::policies::Policies;
use super::projector::{BATCH, feed};
use super::{cursor, seed};
use crate::follower::{FollowError, PumpHandle, Sink, compare, spawn};
use word::Word;

/// The files in `migrations/postgres/projections`.
pub const SHARED_STEPS: Steps = Steps {
    store: "the projections' schema",
    table: "keyledger.projections_migration",
    all: &[
        (
            1,
            "projections",
            include_str!("../../../migrations/postgres/projections/0001_projections.sql"),
        ),
        (
            2,
            "teams",
            include_str!("../../../migrations/postgres/projections/0002_teams.sql"),
        ),
        (
            3,
            "audit",
            include_str!("../../../migrations/postgres/projections/0003_audit.sql"),
        ),
        (
            4,
            "history",
            include_str!("../../../migrations/postgres/projections/0004_history.sql"),
        ),
        (
            5,
            "roles",
            include_str!("../../../migrations/postgres/projections/0005_roles.sql"),
        ),
        (
            6,
            "search",
            include_str!("../../../migrations/postgres/projections/0006_search.sql"),
        ),
        (
            7,
            "search_in_memory",
            include_str!("../../../migrations/postgres/projections/0007_search_in_memory.sql"),
        ),
        (
            8,
            "new_tokens",
            include_str!("../../../migrations/postgres/projections/0008_new_tokens.sql"),
        ),
    ],
};

/// How long events are gathered.
const GATHER: Duration = Duration::from_millis(100);

/// Statements name no schema. A pooler forgets what a session was told, so each transaction says it.
const BEGIN: &str = "BEGIN; SET LOCAL search_path = keyledger_projections";

/// Begins a transaction in which statements find the tables.
async fn begin(pool: &PgPool) -> Result<PgTransaction<'static>, TablesError> {
    let begun = in_time(pool.begin_with(BEGIN)).await;
    begun.map_err(error::of_postgres)
}

async fn commit(transaction: PgTransaction<'_>) -> Result<(), TablesError> {
    in_time(transaction.commit())
        .await
        .map_err(error::of_postgres)
}

/// The cursor, locked until the transaction ends.
async fn lock_cursor(connection: &mut Connection<'_>) -> Result<ChainCheck, TablesError> {
    let lock = Text::of_postgres(include_str!("sql/postgres/lock_cursor.sql"));
    cursor::read(connection.row(Query::new(lock)).await?)
}

/// Starts projectors of the shared tables.
#[derive(Debug)]
pub struct SharedProjector;

impl SharedProjector {
    /// Fills the tables of `database` from `log` whenever this node has the word, as [`Projector::spawn`] does for a
    /// node's own. `node` tells this node from every other one, also from itself before a restart.
    ///
    /// [`Projector::spawn`]: super::Projector::spawn
    #[must_use]
    pub fn spawn(
        log: Arc<dyn EventLog>,
        database: &Database,
        node: String,
        head: watch::Receiver<Position>,
        clock: Clock,
    ) -> SharedProjectorHandle {
        let (has_the_word, told) = watch::channel(false);
        let sink = SharedSink::new(Arc::clone(&log), database, node, has_the_word);
        SharedProjectorHandle {
            pump: spawn(log, sink, head, clock),
            has_the_word: told,
        }
    }
}

/// A projector that runs, or waits for the word.
#[derive(Debug)]
pub struct SharedProjectorHandle {
    pump: PumpHandle,
    has_the_word: watch::Receiver<bool>,
}

impl SharedProjectorHandle {
    /// Why it stopped for good; the text is for the operator.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.pump.failed()
    }

    /// Whether this node is the one that writes.
    #[must_use]
    pub fn has_the_word(&self) -> bool {
        *self.has_the_word.borrow()
    }

    /// Stops, gives the word back and waits for the end.
    pub async fn close(&self) {
        self.pump.close().await;
    }
}

struct SharedSink {
    log: Arc<dyn EventLog>,
    pool: PgPool,
    pooling: Pooling,
    word: Word,
    has_the_word: watch::Sender<bool>,
    policies: Policies,
    /// Where the check of the chain goes on; none when the cursor must be read first.
    check: Option<ChainCheck>,
}

impl SharedSink {
    fn new(
        log: Arc<dyn EventLog>,
        database: &Database,
        node: String,
        has_the_word: watch::Sender<bool>,
    ) -> Self {
        Self {
            log,
            pool: database.pool().clone(),
            pooling: database.pooling(),
            word: Word::new(node),
            has_the_word,
            policies: Policies::default(),
            check: None,
        }
    }

    /// Makes what comes with the program, and reads where to go on.
    async fn prepare(&self) -> Result<ChainCheck, FollowError> {
        let mut transaction = begin(&self.pool).await?;
        let mut inside = Connection::Postgres(&mut transaction, self.pooling);
        cursor::create_if_missing(&mut inside).await?;
        let check = lock_cursor(&mut inside).await?;
        seed::built_in_roles(&mut inside).await?;
        commit(transaction).await?;
        // The log may have been put back to an earlier state.
        compare(&*self.log, check.position).await?;
        Ok(check)
    }

    async fn write(
        &mut self,
        batch: &[Recorded],
        (from, to): (&ChainCheck, &ChainCheck),
        now_ms: i64,
    ) -> Result<(), TablesError> {
        let mut transaction = begin(&self.pool).await?;
        let connection: &mut PgConnection = &mut transaction;
        let mut inside = Connection::Postgres(connection, self.pooling);
        // Another node may have got the word while this one stood still.
        if lock_cursor(&mut inside).await?.position != from.position {
            return Err(TablesError::Conflict);
        }
        batch::write(&mut inside, &mut self.policies, batch, from, to, now_ms).await?;
        commit(transaction).await
    }

    fn lose(&mut self) {
        self.check = None;
        self.policies.forget();
    }
}

impl Sink for SharedSink {
    const NAME: &'static str = "shared tables";
    const PAGE: u32 = BATCH;

    fn position(&self) -> Position {
        self.check.map_or(Position::ZERO, |check| check.position)
    }

    async fn refresh(&mut self) -> Result<bool, FollowError> {
        let had = self.word.is_held();
        let held = self.word.hold(&self.pool, self.pooling).await;
        self.has_the_word.send_replace(matches!(held, Ok(true)));
        if !matches!(held, Ok(true)) {
            self.lose();
            return Ok(held?);
        }
        if !had {
            tracing::info!("this node fills the shared tables now");
        }
        if self.check.is_none() {
            self.check = Some(self.prepare().await?);
        }
        Ok(true)
    }

    async fn gather(&mut self) {
        // Nobody waits for them: analysts see a write a moment later.
        tokio::time::sleep(GATHER).await;
    }

    async fn absorb(&mut self, events: Vec<StoredEvent>, now_ms: i64) -> Result<(), FollowError> {
        let Some(from) = self.check.take() else {
            return Ok(());
        };
        let (batch, to) = batch::read(&from, events)?;
        if let Err(error) = self.write(&batch, (&from, &to), now_ms).await {
            // Also when the commit's answer was lost: the cursor says what became of it.
            self.lose();
            return Err(error.into());
        }
        self.check = Some(to);
        Ok(())
    }

    async fn left(&mut self) {
        self.word.give_back(&self.pool, self.pooling).await;
    }

    async fn stopped(&mut self, _error: &FollowError) {
        // Another node may be able to go on, with a newer program.
        self.word.give_back(&self.pool, self.pooling).await;
        self.has_the_word.send_replace(false);
    }
}

/// Brings the shared tables up to the end of the log, whoever has the word: for tests and wherever there is no
/// projector.
///
/// # Errors
/// As [`catch_up`](super::catch_up); [`TablesError::Conflict`] when a projector was faster.
pub async fn catch_up_shared(
    log: &Arc<dyn EventLog>,
    database: &Database,
    now_ms: i64,
) -> Result<(), FollowError> {
    let nobody = watch::Sender::new(false);
    let mut sink = SharedSink::new(Arc::clone(log), database, String::new(), nobody);
    sink.check = Some(sink.prepare().await?);
    feed(&**log, &mut sink, now_ms).await
}

#[cfg(test)]
mod tests {
    use super::SHARED_STEPS;
    use crate::tables::STEPS;

    #[test]
    fn both_engines_have_the_same_steps() {
        let names = |steps: &'static [(i64, &'static str, &'static str)]| -> Vec<_> {
            let steps = steps.iter();
            steps.map(|(number, name, _)| (*number, *name)).collect()
        };
        assert_eq!(names(SHARED_STEPS.all), names(STEPS));
    }
}
