//! Why a projection cannot go on.

use keyledger_domain::event::CodecError;
use keyledger_domain::state::Inconsistency;
use keyledger_eventstore::Position;

/// An event that cannot be applied. Whoever meets one stops: what came after it would be a guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// A newer program wrote it.
    #[error(
        "position {position}: event {event_type} version {version} is unknown to this program; use a newer one"
    )]
    UnknownEvent {
        /// Where it is.
        position: Position,
        /// Its name.
        event_type: String,
        /// Its schema version.
        version: u16,
    },
    /// Its bytes do not decode.
    #[error("position {position}: {source}")]
    Malformed {
        /// Where it is.
        position: Position,
        /// Why not.
        source: CodecError,
    },
    /// It is not the one that follows.
    #[error("position {expected} follows, found {found}")]
    Gap {
        /// What would follow.
        expected: Position,
        /// What was found.
        found: Position,
    },
    /// It stands in another stream than the one that it is about.
    #[error("position {position}: the event is not about the stream that holds it")]
    WrongStream {
        /// Where it is.
        position: Position,
    },
    /// It cannot have happened after what happened before it.
    #[error("position {position}: {source}")]
    Inconsistent {
        /// Where it is.
        position: Position,
        /// Why not.
        source: Inconsistency,
    },
    /// Another token has the same digest.
    #[error("position {position}: two tokens have the same secret")]
    SharedSecret {
        /// Where it is.
        position: Position,
    },
    /// More of something than the index can number.
    #[error("position {position}: too many {what}")]
    Full {
        /// Where it is.
        position: Position,
        /// Of what.
        what: &'static str,
    },
}
