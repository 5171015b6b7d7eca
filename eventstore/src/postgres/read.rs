//! Reading, on connections of their own: no read waits for an append.

use keyledger_domain::ids::{AccountId, StreamRef};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, query};

use super::database::Database;
use super::lease;
use crate::error::LogError;
use crate::limits::{READ_EVENTS_MAX, STREAM_EVENTS_MAX, check_range};
use crate::model::{Head, Position, Receipt, StoredEvent};
use crate::row;

async fn rows(
    database: &Database,
    query: Query<'_, Postgres, PgArguments>,
) -> Result<Vec<PgRow>, LogError> {
    lease::read((&database.readers, database.pooling), query).await
}

async fn events(
    database: &Database,
    query: Query<'_, Postgres, PgArguments>,
) -> Result<Vec<StoredEvent>, LogError> {
    rows(database, query)
        .await?
        .iter()
        .map(row::event)
        .collect()
}

async fn between(
    database: &Database,
    after: Position,
    last: i64,
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    let statement = query(include_str!("sql/read.sql"));
    let statement = statement.bind(after.get()).bind(last);
    events(database, statement.bind(i64::from(limit))).await
}

pub(super) async fn after(
    database: &Database,
    after: Position,
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    between(database, after, i64::MAX, limit.min(READ_EVENTS_MAX)).await
}

pub(super) async fn range(
    database: &Database,
    first: Position,
    last: Position,
) -> Result<Vec<StoredEvent>, LogError> {
    let before = check_range(first, last)?;
    between(database, before, last.get(), READ_EVENTS_MAX).await
}

pub(super) async fn stream(
    database: &Database,
    stream: &StreamRef,
    up_to: Option<Position>,
) -> Result<Vec<StoredEvent>, LogError> {
    let statement = query(include_str!("sql/read_stream.sql"))
        .bind(stream.account.as_bytes().as_slice())
        .bind(i64::from(stream.kind.number()))
        .bind(stream.id.as_slice())
        .bind(up_to.map_or(i64::MAX, Position::get))
        // One more than allowed, to tell a stream that is too long from one that just fits.
        .bind(i64::from(STREAM_EVENTS_MAX) + 1);
    let found = events(database, statement).await?;
    crate::limits::check_stream(&found)?;
    Ok(found)
}

pub(super) async fn ground(
    database: &Database,
    account: AccountId,
    (after, up_to): (Position, Position),
    limit: u32,
) -> Result<Vec<StoredEvent>, LogError> {
    let statement = query(include_str!("sql/read_ground.sql"))
        .bind(account.as_bytes().as_slice())
        .bind(after.get())
        .bind(up_to.get())
        .bind(i64::from(limit.min(READ_EVENTS_MAX)));
    events(database, statement).await
}

pub(super) async fn head(database: &Database) -> Result<Head, LogError> {
    let found = rows(database, query(include_str!("sql/head.sql"))).await?;
    row::head(found.first().ok_or_else(row::no_head)?)
}

pub(super) async fn stream_heads(
    database: &Database,
    after: Option<&StreamRef>,
    limit: u32,
) -> Result<Vec<(StreamRef, i64)>, LogError> {
    let (account, kind, id) = row::after(after);
    let statement = query(include_str!("sql/stream_heads.sql"))
        .bind(account)
        .bind(kind)
        .bind(id)
        .bind(i64::from(limit.min(READ_EVENTS_MAX)));
    let found = rows(database, statement).await?;
    found.iter().map(row::stream_head).collect()
}

pub(super) async fn receipt(
    database: &Database,
    account: AccountId,
    key: &str,
) -> Result<Option<Receipt>, LogError> {
    let statement = query(include_str!("sql/receipt.sql"))
        .bind(account.as_bytes().as_slice())
        .bind(key);
    let found = rows(database, statement).await?;
    found.first().map(row::receipt).transpose()
}

pub(super) async fn position_at(database: &Database, time_ms: i64) -> Result<Position, LogError> {
    let statement = query(include_str!("sql/position_at.sql")).bind(time_ms);
    let found = rows(database, statement).await?;
    row::position_at(found.first().ok_or_else(row::no_position)?)
}

pub(super) async fn claim_holder(
    database: &Database,
    key: &[u8; 32],
) -> Result<Option<StreamRef>, LogError> {
    let statement = query(include_str!("sql/claim_holder.sql")).bind(key.as_slice());
    let found = rows(database, statement).await?;
    found.first().map(row::claim_holder).transpose()
}
