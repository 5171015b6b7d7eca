//! Small SQLite files beside the log: sign-ins and uses. What is in them is no event.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

/// The tables of the snapshots of the past.
pub const PAST_SCHEMA: &str = include_str!("../../migrations/sqlite/past/0001_past.sql");

/// Why such a file does not work.
#[derive(Debug, thiserror::Error)]
pub enum SideFileError {
    /// The store fails.
    #[error("the store fails: {0}")]
    Store(#[from] sqlx::Error),
    /// The file cannot be made.
    #[error("the file cannot be made: {0}")]
    File(#[from] std::io::Error),
}

/// Puts what was written into the file and empties SQLite's own log, where what was deleted would still be read.
///
/// # Errors
/// When the store fails.
pub async fn truncate_log(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let done = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
    done.execute(pool).await.map(drop)
}

/// Opens or makes a file and its tables. `schema` may be applied again and again.
///
/// # Errors
/// When the file cannot be opened or made.
pub async fn open(path: &Path, schema: &'static str) -> Result<SqlitePool, SideFileError> {
    // Readable by its owner only, whatever the folder is; SQLite's own files beside it follow.
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What is deleted is overwritten: keys, sign-ins, and snapshots that name somebody who was erased.
        .pragma("secure_delete", "ON");
    // One connection: SQLite has one writer, and these are small.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?;
    sqlx::raw_sql(schema).execute(&pool).await?;
    Ok(pool)
}
