//! Opening a file: its place and its schema.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Durability, SqliteLog, fault, migrations};
use crate::connections::{self, Connections};
use crate::error::LogError;

/// Connections for each way of reading; a follower, an audit and some requests can read at the same time.
const READERS_MAX: u32 = 4;

pub(super) async fn open(path: &Path, durability: Durability) -> Result<SqliteLog, LogError> {
    connections::create_private(path).await?;
    let options = connections::options(path).journal_mode(SqliteJournalMode::Wal);
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
    let options = connections::options(path)
        .read_only(true)
        .pragma("query_only", "ON");
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
