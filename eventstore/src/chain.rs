//! The hash chain over the stored bytes, which makes a later change visible.
//!
//! Every hash is SHA-256, integers are big-endian, lengths are 8 bytes, and nothing is encoded
//! again: the payload and the metadata are hashed as stored. An auditor recomputes it with any tool.
//!
//! The genesis of log number `n`: `"keyledger/genesis/v1" ‖ n (2 bytes)`.
//!
//! The hash of an event:
//!
//! | part | bytes |
//! |---|---|
//! | `"keyledger/event/v1"` | 18 |
//! | the predecessor's hash, or the genesis | 32 |
//! | position | 8 |
//! | version in the stream | 8 |
//! | recorded_at_ms | 8 |
//! | stream kind | 2 |
//! | schema version | 2 |
//! | event id | 16 |
//! | account id | 12 |
//! | stream id | 12 |
//! | length of the event type, event type | 8 + n |
//! | length of the metadata, metadata | 8 + n |
//! | length of the payload, payload | 8 + n |
//!
//! A chain proves nothing against who can rewrite all of it: keep the head's hash elsewhere.

use keyledger_domain::ids::{EventId, StreamRef};
use sha2::{Digest, Sha256};

use crate::error::LogError;
use crate::model::{Position, StoredEvent};

/// The number of the one log that a store holds.
pub const LOG: u16 = 0;

const GENESIS_DOMAIN: &[u8] = b"keyledger/genesis/v1";
const EVENT_DOMAIN: &[u8] = b"keyledger/event/v1";

/// Everything of an event that its hash covers.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Its place in the log.
    pub position: Position,
    /// Its number within its stream.
    pub version: i64,
    /// When it was recorded, milliseconds since 1970 UTC.
    pub recorded_at_ms: i64,
    /// The stream it belongs to.
    pub stream: StreamRef,
    /// Its layout's version.
    pub schema_version: u16,
    /// Its own identity.
    pub id: EventId,
    /// Its stable dotted name.
    pub event_type: &'a str,
    /// The encoded circumstances.
    pub metadata: &'a [u8],
    /// The encoded event.
    pub payload: &'a [u8],
}

impl<'a> From<&'a StoredEvent> for Link<'a> {
    fn from(event: &'a StoredEvent) -> Self {
        Self {
            position: event.position,
            version: event.version,
            recorded_at_ms: event.recorded_at_ms,
            stream: event.stream,
            schema_version: event.schema_version,
            id: event.id,
            event_type: &event.event_type,
            metadata: &event.metadata,
            payload: &event.payload,
        }
    }
}

/// The hash before the first event of a log.
#[must_use]
pub fn genesis(log: u16) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(GENESIS_DOMAIN);
    digest.update(log.to_be_bytes());
    digest.finalize().into()
}

/// The hash of an event that follows `previous`.
#[must_use]
pub fn hash(previous: &[u8; 32], link: &Link<'_>) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(EVENT_DOMAIN);
    digest.update(previous);
    digest.update(link.position.get().to_be_bytes());
    digest.update(link.version.to_be_bytes());
    digest.update(link.recorded_at_ms.to_be_bytes());
    digest.update(u16::from(link.stream.kind.number()).to_be_bytes());
    digest.update(link.schema_version.to_be_bytes());
    digest.update(link.id.as_bytes());
    digest.update(link.stream.account.as_bytes());
    digest.update(link.stream.id);
    // The lengths keep two different splits of the same bytes from hashing alike.
    for part in [link.event_type.as_bytes(), link.metadata, link.payload] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Follows a chain event by event: the paired check of every reader on what the writer computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainCheck {
    /// The last event that was checked.
    pub position: Position,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Default for ChainCheck {
    fn default() -> Self {
        Self::genesis()
    }
}

impl ChainCheck {
    /// Starts before the first event.
    #[must_use]
    pub fn genesis() -> Self {
        Self {
            position: Position::ZERO,
            hash: genesis(LOG),
        }
    }

    /// Goes on after an event that was checked before.
    #[must_use]
    pub const fn resume(position: Position, hash: [u8; 32]) -> Self {
        Self { position, hash }
    }

    /// Checks that `event` comes next and that its hash continues the chain, and moves on to it.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`]; the check stays where it was. A position that is not the next one is
    /// reported at the one that is missing or out of order.
    pub fn check(&mut self, event: &StoredEvent) -> Result<(), LogError> {
        let next = self.position.next();
        if event.position != next {
            return Err(LogError::Corrupt {
                position: next,
                place: "event.position",
                reason: format!("expected this position, found {}", event.position),
            });
        }
        let hash = hash(&self.hash, &Link::from(event));
        if hash != event.hash {
            return Err(LogError::Corrupt {
                position: event.position,
                place: "event.hash",
                reason: "the hash does not continue the chain".to_owned(),
            });
        }
        *self = Self {
            position: next,
            hash,
        };
        Ok(())
    }
}
