//! Connections to a SQLite file, each with one thread at a time.
//!
//! Statements run where their rows lie. A driver that copies each cell to another thread takes most of the time of a
//! replay, and half of that of a small commit.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Semaphore;

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long work waits for a connection: a little longer than for a lock.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// Statements that a connection keeps prepared.
const STATEMENTS_MAX: usize = 128;

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The file is not there and cannot be made, or is not to be opened.
    #[error("cannot open {}: {source}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// All connections were in use for too long.
    #[error("all connections to the file are in use")]
    Busy,
    /// The connections were closed.
    #[error("the connections to the file are closed")]
    Closed,
    /// There was none, and none can be opened.
    #[error(transparent)]
    Open(rusqlite::Error),
    /// The work did not come to its end. Whether it was done is not known.
    #[error("the work on the file was broken off: {0}")]
    BrokenOff(tokio::task::JoinError),
}

/// Opens one connection.
type Opening = dyn Fn(&Path) -> rusqlite::Result<Connection> + Send + Sync;

/// Connections for one purpose, opened when they are needed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Inner>);

struct Inner {
    path: PathBuf,
    open: Box<Opening>,
    most: u32,
    /// As many permits as there may be connections.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut inner = f.debug_struct("Inner");
        inner.field("path", &self.path).field("most", &self.most);
        inner.finish_non_exhaustive()
    }
}

/// Creates a file if it is missing. It holds digests of secrets, or names and e-mails: for its owner's eyes only.
///
/// # Errors
/// [`ConnectionError::File`].
pub async fn create_private(path: &Path) -> Result<(), ConnectionError> {
    let mut options = tokio::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    options.mode(0o600);
    let opened = options.open(path).await;
    opened.map(drop).map_err(|source| ConnectionError::File {
        path: path.to_owned(),
        source,
    })
}

/// How `sqlx` opens a file that is there, as [`open`] does it: for the steps of its schema, and for lists.
#[must_use]
pub fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
}

/// Opens a file that is there, for one thread at a time. A schema that somebody edited can call no functions with side
/// effects.
///
/// # Errors
/// SQLite's own.
pub fn open(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let mode = match read_only {
        true => OpenFlags::SQLITE_OPEN_READ_ONLY,
        false => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    // No thread but the one that has it uses a connection, so SQLite needs no locks around it.
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

impl Connections {
    /// At most `most` connections to the file at `path`, each opened by `open`.
    pub fn new(
        path: &Path,
        most: u32,
        open: impl Fn(&Path) -> rusqlite::Result<Connection> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            open: Box::new(open),
            most,
            permits: Arc::new(Semaphore::new(most as usize)),
            idle: Mutex::default(),
        }))
    }

    /// Closes the connections, those in use when their work is done, which is waited for.
    pub async fn close(&self) {
        // An error says that they are closed already.
        if let Ok(all) = self.0.permits.acquire_many(self.0.most).await {
            self.0.permits.close();
            drop(all);
        }
        let idle = std::mem::take(&mut *self.0.idle.lock());
        // The last one to close folds SQLite's own log into the file. An error says that the runtime ends, and they with it.
        let _closed = tokio::task::spawn_blocking(move || drop(idle)).await;
    }

    /// Does `work` with a connection, on a thread that may block. Once begun it comes to its end, also when the caller stops
    /// waiting.
    ///
    /// A connection whose work has failed is closed: SQLite then rolls back whatever was begun.
    ///
    /// # Errors
    /// Those of the work; [`ConnectionError`] when it was not begun or not ended.
    pub async fn run<T: Send + 'static, E: From<ConnectionError> + Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let inner = Arc::clone(&self.0);
        let permit = Arc::clone(&inner.permits).acquire_owned();
        let permit = tokio::time::timeout(ACQUIRE_TIMEOUT, permit)
            .await
            .map_err(|_late| ConnectionError::Busy)?
            .map_err(|_closed| ConnectionError::Closed)?;
        let task = tokio::task::spawn_blocking(move || {
            let idle = inner.idle.lock().pop();
            let mut connection = match idle {
                Some(connection) => connection,
                None => (inner.open)(&inner.path).map_err(ConnectionError::Open)?,
            };
            let outcome = work(&mut connection);
            if outcome.is_ok() {
                inner.idle.lock().push(connection);
            } else {
                drop(connection);
            }
            drop(permit);
            outcome
        });
        task.await.map_err(ConnectionError::BrokenOff)?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// One connection to a new file with a table, and how often it was opened.
    fn one(folder: &Path) -> (Connections, Arc<AtomicU32>) {
        let path = folder.join("file.db");
        let file = Connection::open(&path).unwrap();
        file.execute_batch("CREATE TABLE t (n)").unwrap();
        let opened = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&opened);
        let connections = Connections::new(&path, 1, move |path| {
            count.fetch_add(1, Ordering::SeqCst);
            open(path, false)
        });
        (connections, opened)
    }

    async fn rows(connections: &Connections) -> i64 {
        let count = connections.run(|connection| {
            let count = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
            count.map_err(ConnectionError::Open)
        });
        count.await.unwrap()
    }

    #[tokio::test]
    async fn work_that_fails_is_rolled_back_and_its_connection_closed() {
        let folder = tempfile::tempdir().unwrap();
        let (connections, opened) = one(folder.path());
        assert_eq!(rows(&connections).await, 0);
        let failed: Result<(), ConnectionError> = connections
            .run(|connection| {
                let begun = connection.execute_batch("BEGIN; INSERT INTO t VALUES (1)");
                begun.map_err(ConnectionError::Open)?;
                Err(ConnectionError::Closed)
            })
            .await;
        assert!(matches!(failed, Err(ConnectionError::Closed)));
        assert_eq!(rows(&connections).await, 0);
        assert_eq!(opened.load(Ordering::SeqCst), 2);
        assert_eq!(rows(&connections).await, 0);
        assert_eq!(opened.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn work_goes_on_without_its_caller_and_closing_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (connections, _) = one(folder.path());
        let (begin, begun) = tokio::sync::oneshot::channel();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let work = connections.clone();
        let caller = tokio::spawn(async move {
            let work = work.run(move |connection| {
                begin.send(()).unwrap();
                gone.recv().unwrap();
                let done = connection.execute("INSERT INTO t VALUES (1)", []);
                done.map_err(ConnectionError::Open)
            });
            work.await
        });
        begun.await.unwrap();
        caller.abort();
        let closing = tokio::spawn({
            let connections = connections.clone();
            async move { connections.close().await }
        });
        go.send(()).unwrap();
        closing.await.unwrap();
        let closed = connections.run(|_| Ok::<_, ConnectionError>(())).await;
        assert!(matches!(closed, Err(ConnectionError::Closed)));
        connections.close().await;
        let file = Connection::open(folder.path().join("file.db")).unwrap();
        let count: i64 = file
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (connections, _) = one(folder.path());
        // As if its one connection were in use: work would keep the clock from moving.
        let permit = connections.0.permits.acquire().await.unwrap();
        let late = connections.run(|_| Ok::<_, ConnectionError>(())).await;
        assert!(matches!(late, Err(ConnectionError::Busy)));
        drop(permit);
        assert_eq!(rows(&connections).await, 0);
    }
}
