//! The log of a fleet: PostgreSQL 15 or newer, which any number of nodes append to and follow.
//!
//! Every append locks the head's row first, so positions are dense and in commit order whoever appends. What each
//! statement relies on is in the `.sql` files beside it; `docs/scaling.md` says which other databases take them.

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamRef};

use crate::error::{LogError, Refused};
use crate::log::EventLog;
use crate::model::{Append, Appended, Head, Position, Receipt, StoredEvent};
use crate::recent::Recent;

mod append;
mod database;
mod fault;
mod hints;
mod lease;
mod migrations;
mod read;

pub use crate::steps::Steps;
pub use database::{Database, DatabaseOptions, Pooling};
pub use hints::spawn as spawn_hints;
pub use lease::in_time;

/// A log in a PostgreSQL database. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct PostgresLog {
    database: Database,
    writes: bool,
    recent: Recent,
}

impl PostgresLog {
    /// The log of a database, which is brought up to date, or made where the login may make it.
    ///
    /// # Errors
    /// [`LogError::Schema`] when the schema is newer than this program, or older and the login may not change it;
    /// otherwise as [`EventLog::head`].
    pub async fn open(database: &Database) -> Result<Self, LogError> {
        database.bring_up_to_date(&migrations::LOG).await?;
        Ok(Self {
            database: database.clone(),
            writes: true,
            recent: Recent::default(),
        })
    }

    /// The log of a database, for reading. Nothing is migrated.
    ///
    /// # Errors
    /// As [`PostgresLog::open`]; also [`LogError::Schema`] when there is none.
    pub async fn open_read_only(database: &Database) -> Result<Self, LogError> {
        database.require(&migrations::LOG).await?;
        Ok(Self {
            database: database.clone(),
            writes: false,
            recent: Recent::default(),
        })
    }
}

#[async_trait]
impl EventLog for PostgresLog {
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        if !self.writes {
            return Err(LogError::ReadOnly);
        }
        append::append(&self.database, &self.recent, batch, now_ms).await
    }

    async fn head(&self) -> Result<Head, LogError> {
        read::head(&self.database).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        read::after(&self.database, after, limit).await
    }

    async fn read_recent(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        Ok(self.recent.after(after, limit))
    }

    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        read::range(&self.database, first, last).await
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        read::stream(&self.database, stream, up_to).await
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        read::ground(&self.database, account, (after, up_to), limit).await
    }

    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        read::stream_heads(&self.database, after, limit).await
    }

    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError> {
        read::receipt(&self.database, account, key).await
    }

    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError> {
        read::position_at(&self.database, time_ms).await
    }

    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        read::claim_holder(&self.database, key).await
    }
}
