//! Opening a file: how its connections are set up.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::stretch::Stretches;
use super::{Durability, SqliteLog, fault, migrations};
use crate::error::LogError;

/// How long a statement waits for another process's lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a read or a batch waits for a connection: a little longer than for a lock.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// Reading connections; a follower, an audit and some requests can read at the same time.
pub(super) const READERS_MAX: u32 = 4;

pub(super) async fn open(path: &Path, durability: Durability) -> Result<SqliteLog, LogError> {
    create_private(path).await?;
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Normal => SqliteSynchronous::Normal,
    };
    let options = common(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        // Makes the delete of an INSERT OR REPLACE fire triggers as well.
        .pragma("recursive_triggers", "ON");
    let writer = pool(1).connect_with(options).await.map_err(fault::of)?;
    migrations::run(&writer).await?;
    let readers = pool(READERS_MAX).connect_lazy_with(common(path).pragma("query_only", "ON"));
    Ok(SqliteLog {
        readers,
        stretches: Stretches::new(path, false),
        writer: Some(writer),
    })
}

pub(super) async fn open_read_only(path: &Path) -> Result<SqliteLog, LogError> {
    let options = common(path).read_only(true).pragma("query_only", "ON");
    let readers = pool(READERS_MAX)
        .connect_with(options)
        .await
        .map_err(fault::of)?;
    migrations::check(&readers).await?;
    Ok(SqliteLog {
        readers,
        stretches: Stretches::new(path, true),
        writer: None,
    })
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        // A schema that somebody edited may not call functions with side effects.
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A file does not go away as a server does: no pings, no reconnecting.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Creates the file if it is missing. It holds digests of secrets: for its owner's eyes only.
async fn create_private(path: &Path) -> Result<(), LogError> {
    let mut options = tokio::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    options.mode(0o600);
    let opened = options.open(path).await;
    opened.map(drop).map_err(|error| {
        LogError::Unavailable(format!("cannot open {}: {error}", path.display()).into())
    })
}
