//! Reads stretches of events: replays, streams, the past.
//!
//! The driver of everything else copies each cell and hands each row to another thread; that takes most of a replay.
//! Here rows are read where they lie.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyledger_domain::ids::{AccountId, StreamRef};
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, ToSql};
use tokio::sync::Semaphore;

use super::fault;
use super::open::{ACQUIRE_TIMEOUT, BUSY_TIMEOUT, READERS_MAX};
use crate::error::LogError;
use crate::limits::{READ_EVENTS_MAX, STREAM_EVENTS_MAX, check_range, check_stream};
use crate::model::{Position, StoredEvent};
use crate::row;

/// Connections that cannot write, opened when they are needed.
#[derive(Debug, Clone)]
pub(super) struct Stretches(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    read_only: bool,
    /// As many permits as there may be connections.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Stretches {
    /// Connections to the file at `path`; with `read_only` also where it may not be written.
    pub(super) fn new(path: &Path, read_only: bool) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            read_only,
            permits: Arc::new(Semaphore::new(READERS_MAX as usize)),
            idle: Mutex::default(),
        }))
    }

    /// Closes the idle connections, and those that are in use when they are done.
    pub(super) fn close(&self) {
        self.0.permits.close();
        self.0.idle.lock().clear();
    }

    async fn read(
        &self,
        sql: &'static str,
        parameters: Vec<Box<dyn ToSql + Send>>,
        expected: usize,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let inner = Arc::clone(&self.0);
        let permit = Arc::clone(&inner.permits).acquire_owned();
        let permit = tokio::time::timeout(ACQUIRE_TIMEOUT, permit)
            .await
            .map_err(|late| LogError::Busy(late.into()))?
            .map_err(|closed| LogError::Unavailable(closed.into()))?;
        let task = tokio::task::spawn_blocking(move || {
            let idle = inner.idle.lock().pop();
            let connection = match idle {
                Some(connection) => connection,
                None => inner.open().map_err(fault::of_stretch)?,
            };
            let found = events(&connection, sql, &parameters, expected);
            // One that has failed is closed.
            if found.is_ok() && !inner.permits.is_closed() {
                inner.idle.lock().push(connection);
            }
            drop(permit);
            found
        });
        task.await
            .map_err(|error| LogError::Unavailable(error.into()))?
    }
}

impl Inner {
    fn open(&self) -> Result<Connection, rusqlite::Error> {
        let mode = if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        // One thread at a time has a connection, so SQLite needs no locks around it.
        let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "query_only", true)?;
        // A schema that somebody edited may not call functions with side effects.
        connection.pragma_update(None, "trusted_schema", false)?;
        Ok(connection)
    }
}

fn events(
    connection: &Connection,
    sql: &str,
    parameters: &[Box<dyn ToSql + Send>],
    expected: usize,
) -> Result<Vec<StoredEvent>, LogError> {
    let mut statement = connection.prepare_cached(sql).map_err(fault::of_stretch)?;
    let parameters = rusqlite::params_from_iter(parameters);
    let mut rows = statement.query(parameters).map_err(fault::of_stretch)?;
    let mut events = Vec::with_capacity(expected);
    while let Some(row) = rows.next().map_err(fault::of_stretch)? {
        events.push(row::event(row)?);
    }
    Ok(events)
}

async fn between(
    stretches: &Stretches,
    after: Position,
    last: i64,
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    let sql = include_str!("sql/read.sql");
    let parameters: Vec<Box<dyn ToSql + Send>> =
        vec![Box::new(after.get()), Box::new(last), Box::new(limit)];
    // Pages of a replay are full; moving them as they grow would take a tenth of its time.
    let expected = usize::try_from(last.saturating_sub(after.get())).unwrap_or(0);
    let expected = expected.min(limit as usize);
    stretches.read(sql, parameters, expected).await
}

pub(super) async fn after(
    stretches: &Stretches,
    after: Position,
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    between(stretches, after, i64::MAX, limit.min(READ_EVENTS_MAX)).await
}

pub(super) async fn range(
    stretches: &Stretches,
    first: Position,
    last: Position,
) -> Result<Vec<StoredEvent>, LogError> {
    let before = check_range(first, last)?;
    between(stretches, before, last.get(), READ_EVENTS_MAX).await
}

pub(super) async fn stream(
    stretches: &Stretches,
    stream: &StreamRef,
    up_to: Option<Position>,
) -> Result<Vec<StoredEvent>, LogError> {
    let parameters: Vec<Box<dyn ToSql + Send>> = vec![
        Box::new(*stream.account.as_bytes()),
        Box::new(stream.kind.number()),
        Box::new(stream.id),
        Box::new(up_to.map_or(i64::MAX, Position::get)),
        // One more than allowed, to tell a stream that is too long from one that just fits.
        Box::new(i64::from(STREAM_EVENTS_MAX) + 1),
    ];
    let found = stretches
        .read(include_str!("sql/read_stream.sql"), parameters, 0)
        .await?;
    check_stream(&found)?;
    Ok(found)
}

pub(super) async fn ground(
    stretches: &Stretches,
    account: AccountId,
    (after, up_to): (Position, Position),
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    let parameters: Vec<Box<dyn ToSql + Send>> = vec![
        Box::new(*account.as_bytes()),
        Box::new(after.get()),
        Box::new(up_to.get()),
        Box::new(limit.min(READ_EVENTS_MAX)),
    ];
    let sql = include_str!("sql/read_ground.sql");
    stretches.read(sql, parameters, 0).await
}
