//! What was noted, counted by day.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// A day in UTC, such as `2026-11-25`, and how many decisions allowed and refused.
pub type Day = (String, i64, i64);

/// Counts what an account's tokens were told since a moment, Unix milliseconds.
pub(super) fn days(path: &Path, account: &str, since_ms: i64) -> Result<Vec<Day>, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let mut statement = connection.prepare(include_str!("days.sql"))?;
    let rows = statement.query_map((since_ms, account), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    rows.collect()
}
