//! The word: which node fills the shared tables. A row with a node and a time until which it holds, by the database's clock.
//!
//! Advisory locks of sessions would do without a time, but a pooler hands sessions around.

use std::time::Duration;

use keyledger_eventstore::postgres::Pooling;
use sqlx::PgPool;
use tokio::time::Instant;

use super::{begin, commit};
use crate::tables::engine::{Connection, Query, Text};
use crate::tables::error::TablesError;

/// How long the word holds without being said again.
const HOLDS: Duration = Duration::from_secs(5);
/// How often it is said again, and asked for by a node that does not have it.
const AGAIN: Duration = Duration::from_secs(1);

/// One node's part in it.
pub(super) struct Word {
    node: String,
    held: bool,
    asked: Option<Instant>,
}

impl Word {
    pub(super) const fn new(node: String) -> Self {
        Self {
            node,
            held: false,
            asked: None,
        }
    }

    pub(super) const fn is_held(&self) -> bool {
        self.held
    }

    /// Takes or keeps the word; whether this node has it. The database is asked once a second at most.
    pub(super) async fn hold(
        &mut self,
        pool: &PgPool,
        pooling: Pooling,
    ) -> Result<bool, TablesError> {
        let asked = self.asked.is_some_and(|asked| asked.elapsed() < AGAIN);
        if asked {
            return Ok(self.held);
        }
        self.asked = Some(Instant::now());
        // Unless the answer says so.
        self.held = false;
        let holds_ms = i64::try_from(HOLDS.as_millis()).map_err(TablesError::corrupt)?;
        let take = Text::of_postgres(include_str!("../sql/postgres/take_the_word.sql"));
        let take = Query::new(take).bind(&self.node).bind(holds_ms);
        self.held = run(pool, pooling, take).await? == 1;
        Ok(self.held)
    }

    /// Lets another node have it at once. If that fails, it waits until the time is over.
    pub(super) async fn give_back(&mut self, pool: &PgPool, pooling: Pooling) {
        if !std::mem::take(&mut self.held) {
            return;
        }
        let give = Text::of_postgres(include_str!("../sql/postgres/give_the_word.sql"));
        let give = Query::new(give);
        if let Err(error) = run(pool, pooling, give.bind(&self.node)).await {
            tracing::warn!(%error, "the shared tables wait until this node's word is over");
        }
    }
}

async fn run(pool: &PgPool, pooling: Pooling, query: Query) -> Result<u64, TablesError> {
    let mut transaction = begin(pool).await?;
    let mut inside = Connection::Postgres(&mut transaction, pooling);
    let changed = inside.execute(query).await?;
    commit(transaction).await?;
    Ok(changed)
}
