//! Reading what is no event, on connections that cannot write.

use keyledger_domain::ids::{AccountId, StreamRef};
use sqlx::SqlitePool;

use super::fault;
use crate::error::LogError;
use crate::limits::READ_EVENTS_MAX;
use crate::model::{Head, Position, Receipt};
use crate::row;

pub(super) async fn head(readers: &SqlitePool) -> Result<Head, LogError> {
    let found = sqlx::query(include_str!("sql/head.sql"))
        .fetch_optional(readers)
        .await
        .map_err(fault::of)?;
    row::head(&found.ok_or_else(row::no_head)?)
}

pub(super) async fn stream_heads(
    readers: &SqlitePool,
    after: Option<&StreamRef>,
    limit: u32,
) -> Result<Vec<(StreamRef, i64)>, LogError> {
    let (account, kind, id) = row::after(after);
    let rows = sqlx::query(include_str!("sql/stream_heads.sql"))
        .bind(account)
        .bind(kind)
        .bind(id)
        .bind(i64::from(limit.min(READ_EVENTS_MAX)))
        .fetch_all(readers)
        .await
        .map_err(fault::of)?;
    rows.iter().map(row::stream_head).collect()
}

pub(super) async fn receipt(
    readers: &SqlitePool,
    account: AccountId,
    key: &str,
) -> Result<Option<Receipt>, LogError> {
    let found = sqlx::query(include_str!("sql/receipt.sql"))
        .bind(account.as_bytes().as_slice())
        .bind(key)
        .fetch_optional(readers)
        .await
        .map_err(fault::of)?;
    found.as_ref().map(row::receipt).transpose()
}

pub(super) async fn position_at(readers: &SqlitePool, time_ms: i64) -> Result<Position, LogError> {
    let found = sqlx::query(include_str!("sql/position_at.sql"))
        .bind(time_ms)
        .fetch_optional(readers)
        .await
        .map_err(fault::of)?;
    row::position_at(found.as_ref())
}

pub(super) async fn claim_holder(
    readers: &SqlitePool,
    key: &[u8; 32],
) -> Result<Option<StreamRef>, LogError> {
    let found = sqlx::query(include_str!("sql/claim_holder.sql"))
        .bind(key.as_slice())
        .fetch_optional(readers)
        .await
        .map_err(fault::of)?;
    found.as_ref().map(row::claim_holder).transpose()
}
