//! Reading, on connections that cannot write.

use keyledger_domain::ids::{AccountId, StreamRef};
use rusqlite::{CachedStatement, Connection, Params, Row, params};

use super::fault;
use crate::connections::Connections;
use crate::error::LogError;
use crate::limits::{READ_EVENTS_MAX, STREAM_EVENTS_MAX, check_range, check_stream};
use crate::model::{Head, Position, Receipt, StoredEvent};
use crate::row;

/// A statement that the connection keeps prepared.
pub(super) fn prepared<'c>(
    connection: &'c Connection,
    sql: &str,
) -> Result<CachedStatement<'c>, LogError> {
    connection.prepare_cached(sql).map_err(fault::of)
}

/// All rows of a statement, in room for `expected` of them.
fn rows<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    expected: usize,
    read: impl Fn(&Row<'_>) -> Result<T, LogError>,
) -> Result<Vec<T>, LogError> {
    let mut statement = prepared(connection, sql)?;
    let mut rows = statement.query(values).map_err(fault::of)?;
    let mut all = Vec::with_capacity(expected);
    while let Some(row) = rows.next().map_err(fault::of)? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// What `read` makes of the first row of a statement, or of none.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnOnce(Option<&Row<'_>>) -> Result<T, LogError>,
) -> Result<T, LogError> {
    let mut statement = prepared(connection, sql)?;
    let mut rows = statement.query(values).map_err(fault::of)?;
    read(rows.next().map_err(fault::of)?)
}

pub(super) fn head_of(connection: &Connection) -> Result<Head, LogError> {
    first(connection, include_str!("sql/head.sql"), [], |found| {
        row::head(found.ok_or_else(row::no_head)?)
    })
}

pub(super) fn receipt_of(
    connection: &Connection,
    account: AccountId,
    key: &str,
) -> Result<Option<Receipt>, LogError> {
    let values = params![account.as_bytes(), key];
    first(
        connection,
        include_str!("sql/receipt.sql"),
        values,
        |found| found.map(row::receipt).transpose(),
    )
}

pub(super) fn claim_holder_of(
    connection: &Connection,
    key: &[u8; 32],
) -> Result<Option<StreamRef>, LogError> {
    let sql = include_str!("sql/claim_holder.sql");
    first(connection, sql, [key], |found| {
        found.map(row::claim_holder).transpose()
    })
}

pub(super) async fn head(readers: &Connections) -> Result<Head, LogError> {
    readers.run(|connection| head_of(connection)).await
}

pub(super) async fn receipt(
    readers: &Connections,
    account: AccountId,
    key: &str,
) -> Result<Option<Receipt>, LogError> {
    let key = key.to_owned();
    let read = readers.run(move |connection| receipt_of(connection, account, &key));
    read.await
}

pub(super) async fn claim_holder(
    readers: &Connections,
    key: &[u8; 32],
) -> Result<Option<StreamRef>, LogError> {
    let key = *key;
    let read = readers.run(move |connection| claim_holder_of(connection, &key));
    read.await
}

pub(super) async fn position_at(readers: &Connections, time_ms: i64) -> Result<Position, LogError> {
    let sql = include_str!("sql/position_at.sql");
    let read = readers.run(move |connection| {
        first(connection, sql, [time_ms], |found| {
            row::position_at(found.ok_or_else(row::no_position)?)
        })
    });
    read.await
}

pub(super) async fn stream_heads(
    readers: &Connections,
    after: Option<&StreamRef>,
    limit: u32,
) -> Result<Vec<(StreamRef, i64)>, LogError> {
    let sql = include_str!("sql/stream_heads.sql");
    let after = after.copied();
    let read = readers.run(move |connection| {
        let (account, kind, id) = row::after(after.as_ref());
        let values = params![account, kind, id, limit.min(READ_EVENTS_MAX)];
        rows(connection, sql, values, 0, |row| row::stream_head(row))
    });
    read.await
}

async fn between(
    readers: &Connections,
    after: Position,
    last: i64,
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    let sql = include_str!("sql/read.sql");
    // Pages of a replay are full; moving them as they grow would take a tenth of its time.
    let expected = usize::try_from(last.saturating_sub(after.get())).unwrap_or(0);
    let expected = expected.min(limit as usize);
    let read = readers.run(move |connection| {
        let values = [after.get(), last, i64::from(limit)];
        rows(connection, sql, values, expected, |row| row::event(row))
    });
    read.await
}

pub(super) async fn after(
    readers: &Connections,
    after: Position,
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    between(readers, after, i64::MAX, limit.min(READ_EVENTS_MAX)).await
}

pub(super) async fn range(
    readers: &Connections,
    first: Position,
    last: Position,
) -> Result<Vec<StoredEvent>, LogError> {
    let before = check_range(first, last)?;
    between(readers, before, last.get(), READ_EVENTS_MAX).await
}

pub(super) async fn stream(
    readers: &Connections,
    stream: &StreamRef,
    up_to: Option<Position>,
) -> Result<Vec<StoredEvent>, LogError> {
    let sql = include_str!("sql/read_stream.sql");
    let stream = *stream;
    let read = readers.run(move |connection| {
        let values = params![
            stream.account.as_bytes(),
            stream.kind.number(),
            stream.id,
            up_to.map_or(i64::MAX, Position::get),
            // One more than allowed, to tell a stream that is too long from one that just fits.
            i64::from(STREAM_EVENTS_MAX) + 1,
        ];
        rows(connection, sql, values, 0, |row| row::event(row))
    });
    let found = read.await?;
    check_stream(&found)?;
    Ok(found)
}

pub(super) async fn ground(
    readers: &Connections,
    account: AccountId,
    (after, up_to): (Position, Position),
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    let sql = include_str!("sql/read_ground.sql");
    let read = readers.run(move |connection| {
        let limit = limit.min(READ_EVENTS_MAX);
        let values = params![account.as_bytes(), after.get(), up_to.get(), limit];
        rows(connection, sql, values, 0, |row| row::event(row))
    });
    read.await
}
