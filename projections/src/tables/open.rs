//! Opening the file: how its connections are set up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyledger_eventstore::connections::{self, ACQUIRE_TIMEOUT, Connections};
use keyledger_eventstore::{ChainCheck, Position};
use parking_lot::RwLock;
use sqlx::sqlite::{SqliteJournalMode, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::watch;

use super::error::{self, TablesError};
use super::{Files, Tables, cursor, file, generation, migrations, seed};

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
    connections::create_private(&file).await?;
    let options = connections::options(&file)
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
    let readers =
        pool(READERS_MAX).connect_lazy_with(connections::options(&file).pragma("query_only", "ON"));
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
    let options = connections::options(&file)
        .read_only(true)
        .pragma("query_only", "ON");
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
