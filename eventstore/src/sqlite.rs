//! The embedded log: one SQLite file, one writing connection, several reading ones.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use keyledger_domain::ids::{AccountId, StreamRef};

use crate::connections::Connections;
use crate::error::{LogError, Refused};
use crate::log::EventLog;
use crate::model::{Append, Appended, Head, Position, Receipt, StoredEvent};
use crate::recent::Recent;

mod append;
mod fault;
mod lookup;
mod migrations;
mod open;
mod read;

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Every commit is on the disk before it is answered. The default.
    #[default]
    Full,
    /// Commits are on the disk at the next checkpoint: losing power may lose the last ones, which
    /// were answered already. The file stays sound, and a crash of the program loses nothing.
    Normal,
}

/// A log in a SQLite file. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct SqliteLog {
    /// For what may take long: stretches of events.
    readers: Connections,
    /// For what commands wait for: a row or two.
    lookups: Connections,
    /// The only connection that writes; none when opened for reading.
    writer: Option<Connections>,
    recent: Arc<Recent>,
}

impl SqliteLog {
    /// Opens the log at `path`, creates it if it is missing (readable by its owner only), and
    /// brings its schema up to date. The folder must exist.
    ///
    /// # Errors
    ///
    /// [`LogError::Unavailable`] when the file cannot be opened, [`LogError::Busy`] when another
    /// process keeps it locked, [`LogError::Schema`] when its schema is newer than this program,
    /// [`LogError::Corrupt`] when it is no SQLite file.
    pub async fn open(path: &Path, durability: Durability) -> Result<Self, LogError> {
        open::open(path, durability).await
    }

    /// Opens an existing log for reading, also while a server writes it. Nothing is migrated.
    ///
    /// # Errors
    ///
    /// As [`SqliteLog::open`]; also [`LogError::Schema`] when the schema is missing or older.
    pub async fn open_read_only(path: &Path) -> Result<Self, LogError> {
        open::open_read_only(path).await
    }

    /// Closes all connections; SQLite then folds the write-ahead log into the file.
    pub async fn close(&self) {
        // Readers first: the last connection to close is the one that can fold.
        self.readers.close().await;
        self.lookups.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        let writer = self.writer.as_ref().ok_or(LogError::ReadOnly)?;
        append::append(writer, &self.recent, batch, now_ms).await
    }

    async fn head(&self) -> Result<Head, LogError> {
        read::head(&self.lookups).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        read::after(&self.readers, after, limit).await
    }

    async fn read_recent(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        Ok(self.recent.after(after, limit))
    }

    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        read::range(&self.readers, first, last).await
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        read::stream(&self.readers, stream, up_to).await
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        read::ground(&self.readers, account, (after, up_to), limit).await
    }

    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        read::stream_heads(&self.readers, after, limit).await
    }

    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError> {
        read::receipt(&self.lookups, account, key).await
    }

    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError> {
        read::position_at(&self.readers, time_ms).await
    }

    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        read::claim_holder(&self.lookups, key).await
    }
}
