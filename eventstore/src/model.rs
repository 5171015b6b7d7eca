//! What goes into a log and what comes out of it.

use std::borrow::Cow;
use std::fmt;

pub use keyledger_domain::claim::ClaimChange;
use keyledger_domain::ids::{AccountId, EventId, StreamRef};

/// A place in a log: 1 is the first event, and no number is ever skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(i64);

impl Position {
    /// The place before the first event.
    pub const ZERO: Self = Self(0);

    /// The position of this number; below zero means [`Position::ZERO`].
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(if number < 0 { 0 } else { number })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The position that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event to append; its position, version, time and hash are given by the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The event's own identity; a log accepts each id once.
    pub id: EventId,
    /// The stream it belongs to.
    pub stream: StreamRef,
    /// Its stable dotted name, such as `token.created`: 1 to 100 visible ASCII characters.
    pub event_type: Cow<'static, str>,
    /// Which version of that name's layout the payload has.
    pub schema_version: u16,
    /// The encoded event, at most [`PAYLOAD_BYTES_MAX`](crate::limits::PAYLOAD_BYTES_MAX).
    pub payload: Vec<u8>,
    /// The encoded circumstances (who, why), at most
    /// [`METADATA_BYTES_MAX`](crate::limits::METADATA_BYTES_MAX).
    pub metadata: Vec<u8>,
}

/// An event as a log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the log.
    pub position: Position,
    /// Its own identity.
    pub id: EventId,
    /// The stream it belongs to.
    pub stream: StreamRef,
    /// Its number within the stream, from 1.
    pub version: i64,
    /// Its stable dotted name.
    pub event_type: String,
    /// Which version of that name's layout the payload has.
    pub schema_version: u16,
    /// When it was recorded, milliseconds since 1970 UTC; never less than its predecessor's.
    pub recorded_at_ms: i64,
    /// The encoded event.
    pub payload: Vec<u8>,
    /// The encoded circumstances.
    pub metadata: Vec<u8>,
    /// The chain's hash up to and including this event, see [`chain`](crate::chain).
    pub hash: [u8; 32],
    /// What a sealed payload says, where the key is at hand: the payload of the version before sealing. It is not
    /// stored, and no part of the chain.
    pub opened: Option<Vec<u8>>,
}

impl StoredEvent {
    /// What the event says: what was sealed, if whoever read it has the key; else what is stored.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.opened.as_deref().unwrap_or(&self.payload)
    }
}

/// A precondition: the stream is at this version when the request is applied.
///
/// It may name a stream that the request only read. A stream that is written without one gets the
/// events at whatever version it has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    /// The stream.
    pub stream: StreamRef,
    /// Its last version; 0 when it must not exist.
    pub version: i64,
}

/// A change to a uniqueness claim, such as an e-mail address or a role key.
///
/// Claims of a request are applied in order, so releasing and taking a key in one request works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// A digest of what must be unique, its account and its kind included by the caller.
    pub key: [u8; 32],
    /// Whether to take or to release.
    pub change: ClaimChange,
    /// The stream that takes or releases.
    pub stream: StreamRef,
}

/// An idempotency key and the request it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReceiptKey {
    /// The account in which the key is unique.
    pub account: AccountId,
    /// The client's key: 1 to 255 characters, no control characters.
    pub key: String,
    /// A digest of the request; the same key with another digest is refused.
    pub fingerprint: [u8; 32],
}

/// What was recorded for an idempotency key. Receipts are kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The digest of the request that was applied.
    pub fingerprint: [u8; 32],
    /// The position of its first event.
    pub first_position: Position,
    /// The position of its last event.
    pub last_position: Position,
    /// When it was recorded, milliseconds since 1970 UTC.
    pub recorded_at_ms: i64,
}

/// One request: all of its events and claims are stored, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Append {
    /// What must hold, at most [`EXPECTS_MAX`](crate::limits::EXPECTS_MAX).
    pub expect: Vec<Expect>,
    /// What happened: 1 to [`EVENTS_MAX`](crate::limits::EVENTS_MAX) events.
    pub events: Vec<NewEvent>,
    /// Uniqueness to take and release, at most [`CLAIMS_MAX`](crate::limits::CLAIMS_MAX).
    pub claims: Vec<Claim>,
    /// The client's idempotency key, if it sent one.
    pub receipt: Option<ReceiptKey>,
}

/// Where an accepted request's events are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The position of its first event.
    pub first: Position,
    /// The position of its last event.
    pub last: Position,
    /// When it was recorded, milliseconds since 1970 UTC.
    pub recorded_at_ms: i64,
    /// True when an earlier request with the same idempotency key stored the events.
    pub replayed: bool,
}

/// The end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The position of the last event, [`Position::ZERO`] in an empty log.
    pub position: Position,
    /// The last event's hash, the genesis hash in an empty log.
    pub hash: [u8; 32],
    /// When the last event was recorded, 0 in an empty log.
    pub recorded_at_ms: i64,
}
