//! What is SQLite's own: triggers, files, and damage that only a raw connection can do.

use std::path::PathBuf;
use std::sync::Arc;

use keyledger_eventstore::{Durability, SqliteLog};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use super::support::Log;

mod damage;
mod files;
mod triggers;

/// A fresh log in a folder that cleans itself up.
pub(super) struct Store {
    log: Arc<SqliteLog>,
    folder: tempfile::TempDir,
}

impl Store {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let log = SqliteLog::open(&path, Durability::Full).await.unwrap();
        Self {
            log: Arc::new(log),
            folder,
        }
    }

    pub(super) fn log(&self) -> Log {
        self.log.clone()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("log.db")
    }

    /// A connection as any other program would have one, without the log's settings.
    async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }
}
