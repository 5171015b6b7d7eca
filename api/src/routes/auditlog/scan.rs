//! Looks through the audit log, from the newest entry on, within bounds.

use keyledger_domain::ids::{StreamRef, TokenId};
use keyledger_eventstore::Position;
use keyledger_projections::{AuditRange, AuditRow};

use super::is_visible;
use super::query::Query;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::Node;

/// How many entries are read at first, which is enough for a page of whatever happened last.
const CHUNK_FIRST: u32 = 64;
/// How many entries are read at a time in the end; each time more than the time before.
const CHUNK_MAX: u32 = 1_000;
/// How many times more.
const CHUNK_GROWTH: u32 = 4;
/// The most entries that one request looks at; a list ends there with a link to go on.
pub(super) const LOOKED_AT_MAX: u32 = 100_000;

/// Between which bounds to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Those recorded before this time, Unix milliseconds.
    pub(super) before_ms: i64,
    /// Those recorded after this time, Unix milliseconds.
    pub(super) after_ms: i64,
    /// Those before this position.
    pub(super) before: Position,
}

/// What was found.
pub(super) struct Found {
    /// Where the entries ended: there is nothing before.
    pub(super) complete: bool,
    /// The last position that was looked at.
    pub(super) last: Position,
}

/// The same for what happened to one token, which its own stream tells: a token changes a few times, the account all the time.
async fn scan_token(
    node: &Node,
    caller: &Caller,
    (query, token): (&Query, TokenId),
    bounds: Bounds,
    mut take: impl FnMut(AuditRow) -> bool,
) -> Result<Found, ApiError> {
    let account = caller.account();
    let stream = StreamRef::token(account, token);
    let events = node.log.read_stream(&stream, None).await?;
    let within = events.iter().rev().filter(|event| {
        event.position < bounds.before
            && event.recorded_at_ms < bounds.before_ms
            && event.recorded_at_ms > bounds.after_ms
    });
    let member = caller.member_id();
    let mut last = bounds.before;
    for event in within {
        last = event.position;
        let row = node.tables.audit_entry(account, last).await;
        // What is not in the tables yet is for the next time.
        let Some(row) = row.map_err(ApiError::internal)? else {
            continue;
        };
        let shown = caller.actor_now(node, |_, actor| {
            query.matches(&row) && is_visible(actor, member, &row)
        })?;
        if shown && take(row) {
            return Ok(Found {
                complete: false,
                last,
            });
        }
    }
    Ok(Found {
        complete: true,
        last,
    })
}

/// Calls `take` with each entry that matches and that the caller may see, until it has enough.
///
/// # Errors
/// 401 when the caller is gone; 500 when the tables fail.
pub(super) async fn scan(
    node: &Node,
    caller: &Caller,
    query: &Query,
    bounds: Bounds,
    mut take: impl FnMut(AuditRow) -> bool,
) -> Result<Found, ApiError> {
    node.wait_for_tables().await?;
    if let Some(token) = query.about() {
        return scan_token(node, caller, (query, token), bounds, take).await;
    }
    let account = caller.account();
    let mut before = bounds.before;
    let (mut looked_at, mut chunk) = (0, CHUNK_FIRST);
    while looked_at < LOOKED_AT_MAX {
        let range = AuditRange {
            before,
            before_ms: bounds.before_ms,
            after_ms: bounds.after_ms,
            limit: chunk,
        };
        let rows = node.tables.audit_entries(account, &range).await;
        let rows = rows.map_err(ApiError::internal)?;
        let full = rows.len() >= chunk as usize;
        let member = caller.member_id();
        let rows: Vec<(AuditRow, bool)> = caller.actor_now(node, |_, actor| {
            let judged = rows.into_iter().map(|row| {
                let shown = query.matches(&row) && is_visible(actor, member, &row);
                (row, shown)
            });
            judged.collect()
        })?;
        for (row, shown) in rows {
            before = row.position;
            if shown && take(row) {
                return Ok(Found {
                    complete: false,
                    last: before,
                });
            }
        }
        if !full {
            return Ok(Found {
                complete: true,
                last: before,
            });
        }
        looked_at += chunk;
        chunk = (chunk * CHUNK_GROWTH).min(CHUNK_MAX);
    }
    Ok(Found {
        complete: false,
        last: before,
    })
}
