//! Sorts the errors of the drivers by what the caller can do about them.

use crate::connections::ConnectionError;
use crate::error::{LogError, SourceError};
use crate::model::Position;

/// SQLite's primary result codes, the low byte of the extended ones (sqlite.org/rescode.html).
mod code {
    pub(super) const BUSY: i64 = 5;
    pub(super) const LOCKED: i64 = 6;
    pub(super) const CORRUPT: i64 = 11;
    pub(super) const CONSTRAINT: i64 = 19;
    pub(super) const NOTADB: i64 = 26;
}

fn sorted(extended: Option<i64>, error: SourceError) -> LogError {
    match extended.map(|code| code & 0xff) {
        Some(code::BUSY | code::LOCKED) => LogError::Busy(error),
        // INVARIANT: requests are checked against every constraint, under the lock, before rows
        // are written. A constraint that still fires contradicts what was read.
        Some(code::CORRUPT | code::NOTADB | code::CONSTRAINT) => LogError::Corrupt {
            position: Position::ZERO,
            place: "the file",
            reason: error.to_string(),
        },
        _ => LogError::Unavailable(error),
    }
}

/// An error of any statement but COMMIT: nothing was written.
pub(super) fn of(error: rusqlite::Error) -> LogError {
    let code = error.sqlite_error();
    sorted(code.map(|found| found.extended_code.into()), error.into())
}

/// An error of COMMIT: unless SQLite says that it did not begin to, it may have happened.
pub(super) fn of_commit(error: rusqlite::Error) -> LogError {
    match of(error) {
        LogError::Unavailable(source) => LogError::OutcomeUnknown(source),
        other => other,
    }
}

/// An error of the driver that looks at the schema.
pub(super) fn of_sqlx(error: sqlx::Error) -> LogError {
    let code = error.as_database_error().and_then(|found| found.code());
    let code = code.and_then(|text| text.parse().ok());
    sorted(code, error.into())
}

impl From<ConnectionError> for LogError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Busy => Self::Busy(error.into()),
            ConnectionError::File { .. } | ConnectionError::Closed => {
                Self::Unavailable(error.into())
            }
            ConnectionError::Open(error) => of(error),
            ConnectionError::BrokenOff(_) => Self::OutcomeUnknown(error.into()),
        }
    }
}
