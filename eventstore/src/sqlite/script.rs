//! Several multi-row statements sent as one: each awaited statement costs about 46 µs.

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

use super::fault;
use crate::error::LogError;

/// Rows in one statement: with at most 12 values each, far below SQLite's 32,766.
const ROWS_MAX: usize = 500;
/// Scripts up to this many rows have few shapes and are kept prepared; larger ones are prepared
/// anew, which their rows pay for.
const ROWS_KEPT_MAX: usize = 8;

/// The statements and their values, in order.
#[derive(Default)]
pub(super) struct Script {
    sql: String,
    values: SqliteArguments,
    rows: usize,
}

impl Script {
    /// Adds a value.
    pub(super) fn value<'q, T>(&mut self, value: T) -> Result<(), LogError>
    where
        T: Encode<'q, Sqlite> + Type<Sqlite>,
    {
        self.values.add(value).map_err(LogError::Unavailable)
    }

    /// Adds a statement whose values were or will be added one by one.
    pub(super) fn statement(&mut self, sql: &'static str) {
        self.sql.push_str(sql);
        self.sql.push(';');
    }

    /// Adds `sql` for all items, repeating what is between its `/*row*/` marks; `bind` adds the
    /// values of one row. No items, no statement.
    pub(super) fn rows<T>(
        &mut self,
        sql: &'static str,
        items: impl IntoIterator<Item = T>,
        mut bind: impl FnMut(&mut Self, T) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let mut parts = sql.split("/*row*/");
        let (Some(before), Some(row), Some(after)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(LogError::Unavailable("a statement has no row marks".into()));
        };
        let mut in_statement = 0;
        for item in items {
            match in_statement {
                0 => self.sql.push_str(before),
                _ => self.sql.push(','),
            }
            self.sql.push_str(row);
            bind(self, item)?;
            self.rows += 1;
            in_statement += 1;
            if in_statement == ROWS_MAX {
                self.statement(after);
                in_statement = 0;
            }
        }
        if in_statement > 0 {
            self.statement(after);
        }
        Ok(())
    }

    /// Runs all statements and gives back the rows that they returned.
    pub(super) async fn run(
        self,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<SqliteRow>, LogError> {
        // Safe: put together from the files in `sql/` alone, every value is bound.
        sqlx::query_with(AssertSqlSafe(self.sql), self.values)
            .persistent(self.rows <= ROWS_KEPT_MAX)
            .fetch_all(connection)
            .await
            .map_err(fault::of)
    }
}
