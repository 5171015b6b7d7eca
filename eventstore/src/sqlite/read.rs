//! Reading what is no event, on connections that cannot write.

use keyledger_domain::ids::{AccountId, StreamRef};
use sqlx::SqlitePool;

use super::fault;
use super::row::{self, Cells};
use crate::error::LogError;
use crate::limits::READ_EVENTS_MAX;
use crate::model::{Head, Position, Receipt};

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
    // An empty account sorts before every account.
    let (account, kind, id) = match after {
        Some(stream) => (
            stream.account.as_bytes().as_slice(),
            i64::from(stream.kind.number()),
            stream.id.as_slice(),
        ),
        None => (&[][..], 0, &[][..]),
    };
    let rows = sqlx::query(include_str!("sql/stream_heads.sql"))
        .bind(account)
        .bind(kind)
        .bind(id)
        .bind(i64::from(limit.min(READ_EVENTS_MAX)))
        .fetch_all(readers)
        .await
        .map_err(fault::of)?;
    rows.iter()
        .map(|found| {
            let cells = Cells::new(found);
            let stream = cells.stream(0, row::IN_STREAM)?;
            Ok((stream, cells.number(3, "stream.version")?))
        })
        .collect()
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
    let Some(found) = found else { return Ok(None) };
    let cells = Cells::new(&found);
    Ok(Some(Receipt {
        fingerprint: cells.bytes(0, "command_receipt.fingerprint")?,
        first_position: cells.position(1, "command_receipt.first_position")?,
        last_position: cells.position(2, "command_receipt.last_position")?,
        recorded_at_ms: cells.number(3, "command_receipt.recorded_at_ms")?,
    }))
}

pub(super) async fn position_at(readers: &SqlitePool, time_ms: i64) -> Result<Position, LogError> {
    let found = sqlx::query(include_str!("sql/position_at.sql"))
        .bind(time_ms)
        .fetch_optional(readers)
        .await
        .map_err(fault::of)?;
    // The search ends without an answer when it meets a position that has no event.
    let found = found.ok_or_else(|| LogError::Corrupt {
        position: Position::ZERO,
        place: "event.position",
        reason: "the head or an event below it is missing".to_owned(),
    })?;
    Cells::new(&found).position(0, "event.position")
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
    found
        .map(|row| Cells::new(&row).stream(0, row::IN_CLAIM))
        .transpose()
}
