//! Sorts the driver's errors by what the caller can do about them.

use sqlx::Error;

use crate::error::LogError;
use crate::model::Position;

/// SQLSTATE codes (PostgreSQL's manual, appendix A).
mod code {
    /// The transaction would not have been serializable; a deadlock; a lock that was waited for too long; a transaction
    /// that stood still too long. The server has rolled back.
    pub(super) const AGAIN: [&str; 4] = ["40001", "40P01", "55P03", "25P03"];
    /// The server ends, starts, recovers, or is a standby: another one, or this one in a moment, will do.
    pub(super) const AWAY: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "25006", "53300"];
    pub(super) const NO_TABLE: [&str; 2] = ["42P01", "3F000"];
    pub(super) const NOT_ALLOWED: &str = "42501";
    pub(super) const DAMAGED: [&str; 2] = ["XX001", "XX002"];
    /// Broken constraints: class 23.
    pub(super) const CONSTRAINT: &str = "23";
    /// Broken connections: class 08.
    pub(super) const CONNECTION: &str = "08";
}

/// What an error says, where it is the server's.
fn state(error: &Error) -> Option<String> {
    let database = error.as_database_error()?;
    database.code().map(|code| code.into_owned())
}

fn corrupt(error: &Error) -> LogError {
    LogError::Corrupt {
        position: Position::ZERO,
        place: "the database",
        reason: error.to_string(),
    }
}

/// Whether the login lacks a right.
pub(super) fn is_not_allowed(error: &Error) -> bool {
    state(error).as_deref() == Some(code::NOT_ALLOWED)
}

/// Whether the server was not reached, or went away.
fn is_away(error: &Error) -> bool {
    match (error, state(error)) {
        (_, Some(state)) => {
            code::AWAY.contains(&state.as_str()) || state.starts_with(code::CONNECTION)
        }
        // The driver's own: what it read was cut off, or it had no connection to read from.
        (Error::Io(_) | Error::Protocol(_) | Error::PoolTimedOut | Error::WorkerCrashed, None) => {
            true
        }
        _ => false,
    }
}

/// An error of a statement that reads.
pub(super) fn of_read(error: Error) -> LogError {
    match state(&error).as_deref() {
        Some(state) if code::AGAIN.contains(&state) => LogError::Busy(error.into()),
        Some(state) if code::DAMAGED.contains(&state) => corrupt(&error),
        Some(state) if code::NO_TABLE.contains(&state) => LogError::Schema {
            reason: format!("{error}: run `keyledger migrate`"),
        },
        _ => LogError::Unavailable(error.into()),
    }
}

/// An error of an append before its COMMIT was sent: nothing was written, and a connection that was lost is tried again.
pub(super) fn of_append(error: Error) -> LogError {
    match state(&error).as_deref() {
        // INVARIANT: requests are checked against every constraint, under the lock, before rows are written. A
        // constraint that still fires contradicts what was read.
        Some(state) if state.starts_with(code::CONSTRAINT) => corrupt(&error),
        _ if is_away(&error) => LogError::Busy(error.into()),
        _ => of_read(error),
    }
}

/// An error of COMMIT: unless the server says that it rolled back, it may have happened.
pub(super) fn of_commit(error: Error) -> LogError {
    match state(&error).as_deref() {
        Some(state) if code::AGAIN.contains(&state) => LogError::Busy(error.into()),
        _ => LogError::OutcomeUnknown(error.into()),
    }
}
