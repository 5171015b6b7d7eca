//! Reads entries, the newest first.

use keyledger_domain::ids::{AccountId, StreamKind};
use keyledger_eventstore::Position;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::super::error::{self, TablesError};
use super::super::row::{cell, damage, json_or_null, parsed, parsed_or_null};
use super::{AuditRange, AuditRow, AuditToken};

/// The most rows of one answer.
const LIMIT_MAX: u32 = 1_000;

impl AuditRow {
    fn read(row: &SqliteRow) -> Result<Self, TablesError> {
        let token = match parsed_or_null(row, "actor_token_id")? {
            None => None,
            Some(id) => Some(AuditToken {
                id,
                name: cell::<Option<String>>(row, "token_name")?.unwrap_or_default(),
                ending: cell::<Option<String>>(row, "token_ending")?.unwrap_or_default(),
                service: cell::<Option<&str>>(row, "token_kind")? == Some("service"),
            }),
        };
        Ok(Self {
            position: Position::new(cell(row, "position")?),
            at_ms: cell(row, "at_ms")?,
            kind: match cell(row, "kind")? {
                "account" => StreamKind::Account,
                "member" => StreamKind::Member,
                "role" => StreamKind::Role,
                "team" => StreamKind::Team,
                "token" => StreamKind::Token,
                other => return Err(damage("kind", format!("no kind is {other:?}"))),
            },
            event_type: cell(row, "event_type")?,
            target_id: cell(row, "target_id")?,
            name: cell(row, "name")?,
            resource: cell(row, "resource")?,
            actions: json_or_null(row, "actions")?.unwrap_or_default(),
            member: match cell::<Option<&str>>(row, "actor_member_id")? {
                None => None,
                Some(_) => Some(parsed(row, "actor_member_id")?),
            },
            token,
            comment: cell(row, "comment")?,
        })
    }
}

/// Entries of an account.
pub(in super::super) async fn entries(
    readers: &SqlitePool,
    account: AccountId,
    range: &AuditRange,
) -> Result<Vec<AuditRow>, TablesError> {
    let rows = sqlx::query(include_str!("../sql/audit_entries.sql"))
        .bind(account.to_string())
        .bind(range.before.get())
        .bind(range.before_ms)
        .bind(range.after_ms)
        .bind(range.limit.min(LIMIT_MAX))
        .fetch_all(readers)
        .await
        .map_err(error::of)?;
    rows.iter().map(AuditRow::read).collect()
}

/// The entry of a position, if it is the account's.
pub(in super::super) async fn entry(
    readers: &SqlitePool,
    account: AccountId,
    position: Position,
) -> Result<Option<AuditRow>, TablesError> {
    let row = sqlx::query(include_str!("../sql/audit_entry.sql"))
        .bind(account.to_string())
        .bind(position.get())
        .fetch_optional(readers)
        .await
        .map_err(error::of)?;
    row.as_ref().map(AuditRow::read).transpose()
}
