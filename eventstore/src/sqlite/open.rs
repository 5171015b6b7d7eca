//! Opening a file: its place and its schema.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Durability, SqliteLog, fault, migrations};
use crate::connections::{self, BUSY_TIMEOUT, Connections};
use crate::error::LogError;

/// Connections for each way of reading; a follower, an audit and some requests can read at the same time.
const READERS_MAX: u32 = 4;

pub(super) async fn open(path: &Path, durability: Durability) -> Result<SqliteLog, LogError> {
    create_private(path).await?;
    let options = common(path).journal_mode(SqliteJournalMode::Wal);
    let mut connection = options.connect().await.map_err(fault::of_sqlx)?;
    let migrated = migrations::run(&mut connection).await;
    let closed = connection.close().await.map_err(fault::of_sqlx);
    migrated.and(closed)?;
    let writer = Connections::new(path, 1, move |path| writing(path, durability));
    // Opened now, so that whoever starts the log hears why it cannot be written.
    writer.run(|_| Ok::<_, LogError>(())).await?;
    Ok(log(path, false, Some(writer)))
}

pub(super) async fn open_read_only(path: &Path) -> Result<SqliteLog, LogError> {
    let options = common(path).read_only(true).pragma("query_only", "ON");
    let mut connection = options.connect().await.map_err(fault::of_sqlx)?;
    let checked = migrations::check(&mut connection).await;
    let closed = connection.close().await.map_err(fault::of_sqlx);
    checked.and(closed)?;
    Ok(log(path, true, None))
}

fn log(path: &Path, read_only: bool, writer: Option<Connections>) -> SqliteLog {
    SqliteLog {
        readers: Connections::new(path, READERS_MAX, move |path| reading(path, read_only)),
        lookups: Connections::new(path, READERS_MAX, move |path| reading(path, read_only)),
        writer,
        recent: Arc::default(),
    }
}

fn reading(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let connection = connections::open(path, read_only)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn writing(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = connections::open(path, false)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Makes the delete of an INSERT OR REPLACE fire triggers as well.
    connection.pragma_update(None, "recursive_triggers", true)?;
    Ok(connection)
}

/// The connection that looks at the schema, by the driver that knows its steps.
fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        // A schema that somebody edited may not call functions with side effects.
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
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
