//! What can go wrong, by what the caller can do about it.

use keyledger_domain::ids::{EventId, StreamRef};

use crate::model::Position;

/// The driver's own error, kept for the operator's log and never for a client.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Why one request was not applied; the other requests of its batch are not concerned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A precondition does not hold: read the stream, decide again.
    #[error("{stream:?} is at version {actual}, not {expected}")]
    Conflict {
        /// The stream.
        stream: StreamRef,
        /// The version that the request relied on.
        expected: i64,
        /// The version that the stream has.
        actual: i64,
    },
    /// Another stream holds the key.
    #[error("the claim is held by {holder:?}")]
    Claimed {
        /// The claim's key.
        key: [u8; 32],
        /// The stream that holds it.
        holder: StreamRef,
    },
    /// The stream gave back a key that it does not hold.
    #[error("the claim to release is not held by the stream")]
    NotHeld {
        /// The claim's key.
        key: [u8; 32],
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The event id is in the log already, in another event.
    #[error("event id {id} is used already")]
    EventIdUsed {
        /// The id.
        id: EventId,
    },
    /// A part of the request is over its limit.
    #[error("{found} {what}, at most {max} allowed")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How many there were.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// A part of the request is malformed.
    #[error("{what}: {reason}")]
    Invalid {
        /// Which part.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Why a log could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Another writer is in the way and nothing was written: try again.
    #[error("the log is busy")]
    Busy(#[source] SourceError),
    /// The store cannot be reached or failed; nothing was written.
    #[error("the log is unavailable: {0}")]
    Unavailable(#[source] SourceError),
    /// A commit was asked for and its answer was lost. Append the same events again: what was
    /// stored is recognised by its event ids.
    #[error("the outcome of a commit is unknown")]
    OutcomeUnknown(#[source] SourceError),
    /// What is stored cannot have been written by this program. Stop and look.
    #[error("corrupt log, {place} at position {position}: {reason}")]
    Corrupt {
        /// The event concerned; [`Position::ZERO`] when it is not about one event.
        position: Position,
        /// The table and column, such as `event.hash`.
        place: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The caller asked for more than the limit allows; nothing was done.
    #[error("more than {max} {what}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// The store's schema is not the one that this program knows.
    #[error("the log's schema does not fit: {reason}")]
    Schema {
        /// What differs and what to do.
        reason: String,
    },
    /// The log was opened for reading.
    #[error("the log was opened for reading only")]
    ReadOnly,
}

/// Why an append through the [`Writer`](crate::Writer) did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// This request cannot be applied.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Too many requests wait already; nothing was written. Try again in a moment.
    #[error("too many requests are waiting for the log")]
    Overloaded,
    /// The log cannot be written; nothing was written. The text is for the operator.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// The request may or may not have been stored, and the log cannot be asked.
    #[error("the outcome is unknown")]
    OutcomeUnknown,
    /// The log is damaged: the writer has stopped. The text is for the operator.
    #[error("{0}")]
    Corrupt(String),
}
