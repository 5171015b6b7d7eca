//! Opening the file: how its connections are set up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::{ChainCheck, Position};
use parking_lot::RwLock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::watch;

use super::engine::Connection;
use super::error::{self, TablesError};
use super::{Files, Tables, cursor, generation, migrations, seed};

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a read or a batch waits for a connection: a little longer than for a lock.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// Reading connections.
const READERS_MAX: u32 = 4;

pub(super) async fn open(path: &Path) -> Result<Tables, TablesError> {
    let file = generation::current(path)?;
    generation::clean(path);
    let (files, check) = writable(file).await?;
    Ok(tables(path, files, check.position))
}

/// The tables at `path` as these files have them.
pub(super) fn tables(path: &Path, files: Files, position: Position) -> Tables {
    Tables {
        path: path.to_owned(),
        current: Arc::new(RwLock::new(files)),
        applied: Arc::new(watch::Sender::new(position)),
        asked: Arc::default(),
    }
}

/// Opens one generation, makes it if it is missing, and says how far it is.
pub(super) async fn writable(file: PathBuf) -> Result<(Files, ChainCheck), TablesError> {
    create_private(&file).await?;
    let options = common(&file)
        .journal_mode(SqliteJournalMode::Wal)
        // What a loss of power takes away is computed again.
        .synchronous(SqliteSynchronous::Normal)
        // What is erased is overwritten, not only let go.
        .pragma("secure_delete", "ON")
        .pragma("cache_size", "-65536");
    let writer = pool(1).connect_with(options).await.map_err(error::of)?;
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(error::of)?;
    migrations::run(&mut transaction).await?;
    let mut connection = Connection::Sqlite(&mut transaction);
    cursor::create_if_missing(&mut connection).await?;
    seed::built_in_roles(&mut connection).await?;
    let check = cursor::load(&mut connection).await?;
    transaction.commit().await.map_err(error::of)?;
    let readers = pool(READERS_MAX).connect_lazy_with(common(&file).pragma("query_only", "ON"));
    let writer = Some(writer);
    let files = Files {
        file,
        readers,
        writer,
        rolls: Arc::default(),
    };
    Ok((files, check))
}

pub(super) async fn open_read_only(path: &Path) -> Result<Tables, TablesError> {
    let file = generation::current(path)?;
    let options = common(&file).read_only(true).pragma("query_only", "ON");
    let readers = pool(READERS_MAX)
        .connect_with(options)
        .await
        .map_err(error::of)?;
    let mut connection = readers.acquire().await.map_err(error::of)?;
    let check = cursor::load(&mut Connection::Sqlite(&mut connection)).await?;
    drop(connection);
    let writer = None;
    let files = Files {
        file,
        readers,
        writer,
        rolls: Arc::default(),
    };
    Ok(tables(path, files, check.position))
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

/// Creates the file if it is missing. It holds names and e-mails: for its owner's eyes only.
async fn create_private(path: &Path) -> Result<(), TablesError> {
    let mut options = tokio::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    options.mode(0o600);
    let opened = options.open(path).await;
    opened.map(drop).map_err(|error| {
        TablesError::Storage(format!("cannot open {}: {error}", path.display()).into())
    })
}
