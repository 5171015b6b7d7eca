//! Reads cells, and trusts nothing in them.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::error::TablesError;

/// A cell of a type that SQLite has.
pub(super) fn cell<'r, T>(row: &'r SqliteRow, column: &str) -> Result<T, TablesError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(column).map_err(|error| damage(column, error))
}

/// A text that stands for something, such as an id.
pub(super) fn parsed<T>(row: &SqliteRow, column: &str) -> Result<T, TablesError>
where
    T: FromStr,
    T::Err: Display,
{
    let text: &str = cell(row, column)?;
    text.parse().map_err(|error| damage(column, error))
}

/// As [`parsed`], for a cell that may be null.
pub(super) fn parsed_or_null<T>(row: &SqliteRow, column: &str) -> Result<Option<T>, TablesError>
where
    T: FromStr,
    T::Err: Display,
{
    let text: Option<&str> = cell(row, column)?;
    let value = text.map(str::parse).transpose();
    value.map_err(|error| damage(column, error))
}

/// JSON text that may be null.
pub(super) fn json_or_null<T: DeserializeOwned>(
    row: &SqliteRow,
    column: &str,
) -> Result<Option<T>, TablesError> {
    let text: Option<&str> = cell(row, column)?;
    let value = text.map(serde_json::from_str).transpose();
    value.map_err(|error| damage(column, error))
}

/// A number that fits a smaller type.
pub(super) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &str) -> Result<T, TablesError> {
    let number: i64 = cell(row, column)?;
    T::try_from(number).map_err(|_| damage(column, format!("{number} is out of range")))
}

/// A value that cannot be.
pub(super) fn damage(column: &str, reason: impl Display) -> TablesError {
    TablesError::Corrupt(format!("column {column}: {reason}"))
}
