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
use tokio::sync::Semaphore;

/// How long a statement waits for another process's lock.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long work waits for a connection: a little longer than for a lock.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// Statements that a connection keeps prepared.
const STATEMENTS_MAX: usize = 128;

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
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
        self.0.idle.lock().clear();
    }

    /// Does `work` with a connection, on a thread that may block. It comes to its end, also when the caller stops waiting.
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
