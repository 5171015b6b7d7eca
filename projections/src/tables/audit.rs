//! The audit log: an entry for each event, written with the rows that the event changes.

mod actions;
mod read;
mod write;

use keyledger_domain::ids::{MemberId, StreamKind, TokenId};
use keyledger_eventstore::Position;

pub(super) use read::{entries, entry};
pub(super) use write::{created_token, created_tokens, event};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The event's place in the log.
    pub position: Position,
    /// When it was recorded, Unix milliseconds.
    pub at_ms: i64,
    /// What it is about.
    pub kind: StreamKind,
    /// The event's name.
    pub event_type: String,
    /// The id of what it is about, as text.
    pub target_id: String,
    /// Its name at that moment.
    pub name: String,
    /// The same as a resource.
    pub resource: String,
    /// The actions that it took.
    pub actions: Vec<String>,
    /// The member who did it, or who made the token.
    pub member: Option<MemberId>,
    /// The token with which it was done.
    pub token: Option<AuditToken>,
    /// Why.
    pub comment: Option<String>,
}

/// The token with which something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditToken {
    /// The token.
    pub id: TokenId,
    /// Its name now; empty when it has none.
    pub name: String,
    /// The last four characters of its secret now.
    pub ending: String,
    /// Whether it is a service token.
    pub service: bool,
}

/// Which entries, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRange {
    /// Those before this position.
    pub before: Position,
    /// Those recorded before this time, Unix milliseconds.
    pub before_ms: i64,
    /// Those recorded after this time, Unix milliseconds.
    pub after_ms: i64,
    /// How many at most; above 1,000 counts as 1,000.
    pub limit: u32,
}
