//! What can go wrong with the tables.

use keyledger_eventstore::Position;
use keyledger_eventstore::connections::ConnectionError;

/// SQLite's primary result codes, the low byte of the extended ones (sqlite.org/rescode.html).
mod code {
    pub(super) const CORRUPT: i64 = 11;
    pub(super) const CONSTRAINT: i64 = 19;
    pub(super) const NOTADB: i64 = 26;
}

/// Why the tables could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TablesError {
    /// The file cannot be opened, is busy, or the disk failed. It may pass.
    #[error("the projections are unavailable: {0}")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Somebody else moved the cursor. What was to be written was not.
    #[error("another process writes the projections")]
    Conflict,
    /// The file's schema or rules are not those of this program.
    #[error("the projections do not fit this program: {reason}")]
    Schema {
        /// What differs and what to do.
        reason: String,
    },
    /// What is stored cannot have been written by this program. Delete the file; it is computed again.
    #[error("corrupt projections: {0}")]
    Corrupt(String),
    /// An event that cannot follow on what is in the tables.
    #[error("position {position}: {event_type} does not follow on what the projections hold")]
    Inconsistent {
        /// The event's place.
        position: Position,
        /// The event's name.
        event_type: &'static str,
    },
    /// The tables were opened for reading.
    #[error("the projections were opened for reading only")]
    ReadOnly,
}

impl TablesError {
    /// Damage, in its own words.
    pub(super) fn corrupt(reason: impl std::fmt::Display) -> Self {
        Self::Corrupt(reason.to_string())
    }
}

/// Sorts the errors of PostgreSQL by what can be done about them (PostgreSQL manual, appendix A).
pub(super) fn of_postgres(error: sqlx::Error) -> TablesError {
    let code = match &error {
        sqlx::Error::Database(database) => database.code(),
        _ => None,
    };
    match code.as_deref() {
        // What the schema says cannot be, or no type can hold.
        Some(code) if code.starts_with("22") || code.starts_with("23") => {
            TablesError::corrupt(error)
        }
        // A table, a column or a schema that is not there, or that the login may not touch.
        Some("42P01" | "42703" | "3F000" | "42501") => TablesError::Schema {
            reason: error.to_string(),
        },
        _ => TablesError::Storage(error.into()),
    }
}

/// Sorts the errors of SQLite, by its extended code, by what can be done about them.
fn sorted(
    extended: Option<i64>,
    error: impl std::error::Error + Send + Sync + 'static,
) -> TablesError {
    match extended.map(|code| code & 0xff) {
        Some(code::CORRUPT | code::NOTADB | code::CONSTRAINT) => TablesError::corrupt(error),
        _ => TablesError::Storage(error.into()),
    }
}

/// An error of whatever reads a file.
pub(super) fn of(error: sqlx::Error) -> TablesError {
    let code = error.as_database_error().and_then(|found| found.code());
    sorted(code.and_then(|text| text.parse().ok()), error)
}

/// An error of what writes a file.
pub(super) fn of_file(error: rusqlite::Error) -> TablesError {
    match error.sqlite_error() {
        Some(found) => sorted(Some(found.extended_code.into()), error),
        // A cell that cannot be what it is taken for.
        None => TablesError::corrupt(error),
    }
}

impl From<ConnectionError> for TablesError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Open(error) => of_file(error),
            other => Self::Storage(other.into()),
        }
    }
}
