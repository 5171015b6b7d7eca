//! Sorts the driver's errors by what the caller can do about them.

use sqlx::Error;

use crate::error::LogError;
use crate::model::Position;

/// SQLite's primary result codes, the low byte of the extended ones (sqlite.org/rescode.html).
mod code {
    pub(super) const BUSY: i64 = 5;
    pub(super) const LOCKED: i64 = 6;
    pub(super) const CORRUPT: i64 = 11;
    pub(super) const CONSTRAINT: i64 = 19;
    pub(super) const NOTADB: i64 = 26;
}

fn corrupt(error: &Error) -> LogError {
    LogError::Corrupt {
        position: Position::ZERO,
        place: "the file",
        reason: error.to_string(),
    }
}

/// An error of any statement but COMMIT: nothing was written.
pub(super) fn of(error: Error) -> LogError {
    let primary = match &error {
        Error::Database(database) => database
            .code()
            .and_then(|text| text.parse::<i64>().ok())
            .map(|extended| extended & 0xff),
        // The writing connection is in use, or a rollback has left it unusable: it is replaced.
        Error::PoolTimedOut | Error::InvalidSavePointStatement => Some(code::BUSY),
        _ => None,
    };
    match primary {
        Some(code::BUSY | code::LOCKED) => LogError::Busy(error.into()),
        // INVARIANT: requests are checked against every constraint, under the lock, before rows
        // are written. A constraint that still fires contradicts what was read.
        Some(code::CORRUPT | code::NOTADB | code::CONSTRAINT) => corrupt(&error),
        _ => LogError::Unavailable(error.into()),
    }
}

/// An error of a statement that reads a stretch of events.
pub(super) fn of_stretch(error: rusqlite::Error) -> LogError {
    let primary = error
        .sqlite_error()
        .map(|found| i64::from(found.extended_code) & 0xff);
    match primary {
        Some(code::BUSY | code::LOCKED) => LogError::Busy(error.into()),
        Some(code::CORRUPT | code::NOTADB) => LogError::Corrupt {
            position: Position::ZERO,
            place: "the file",
            reason: error.to_string(),
        },
        _ => LogError::Unavailable(error.into()),
    }
}

/// An error of COMMIT: unless SQLite says that it did not begin to, it may have happened.
pub(super) fn of_commit(error: Error) -> LogError {
    match of(error) {
        LogError::Unavailable(source) => LogError::OutcomeUnknown(source),
        other => other,
    }
}
