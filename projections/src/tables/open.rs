//! Opening the file: how its connections are set up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::connections::{BUSY_TIMEOUT, Connections};
use keyledger_eventstore::{ChainCheck, Position};
use parking_lot::RwLock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::watch;

use super::error::{self, TablesError};
use super::{Files, Tables, cursor, file, generation, migrations, seed};

/// How long a read waits for a connection: a little longer than for a lock.
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
        // A step may take away rows about people.
        .pragma("secure_delete", "ON");
    let mut connection = options.connect().await.map_err(error::of)?;
    let migrated = migrations::run(&mut connection).await;
    let closed = connection.close().await.map_err(error::of);
    migrated.and(closed)?;
    let writer = Connections::new(&file, 1, file::open);
    let begin = writer.run(|connection| {
        file::transact(connection, async |inside| {
            cursor::create_if_missing(inside).await?;
            seed::built_in_roles(inside).await?;
            cursor::load(inside).await
        })
    });
    let check = begin.await?;
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
    let check = cursor::load_by_reader(&mut connection).await?;
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
