//! One decision as it is written.

use keyledger_domain::ids::MemberId;
use keyledger_eventstore::Position;
use keyledger_projections::Holder;

/// One decision.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Through which door.
    pub door: &'static str,
    /// The token, where one was known.
    pub holder: Option<Holder>,
    /// The member who was asked about without a token.
    pub member: Option<MemberId>,
    /// Action and resource, unless only whether the token works was asked.
    pub asked: Option<(String, String)>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// Why, as a word.
    pub reason: &'static str,
    /// The layer that refused, as a word.
    pub layer: Option<&'static str>,
    /// The last event that it knew of.
    pub position: Position,
}
