//! One statement on either engine: the file of a node, or the database that nodes share.
//!
//! Both take `$1` for a parameter, so most statements are one text. Lists come as JSON, which each engine takes apart in
//! its own way: those statements have a text for each. New rows go into a file one by one, with names for parameters.

mod file;
mod value;

use keyledger_eventstore::postgres::{Pooling, in_time};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::error::{self, TablesError};
use super::policies::json;
use file::FileRow;
pub(super) use value::{NewRow, Value};

/// A connection, in a transaction.
pub(super) enum Connection<'c> {
    /// To a file, on a thread that may block: nothing that is asked of it waits for another task.
    File(&'c mut rusqlite::Connection),
    /// To a database, and what stands in between.
    Postgres(&'c mut PgConnection, Pooling),
}

/// The text of a statement for each engine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Text {
    /// A statement that only a shared database is ever told.
    pub(super) const fn of_postgres(postgres: &'static str) -> Self {
        Self {
            sqlite: "",
            postgres,
        }
    }
}

/// A statement that is one text for both engines: `both!("touch_member")` is `sql/touch_member.sql`.
macro_rules! both {
    ($name:literal) => {{
        let text = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/tables/sql/",
            $name,
            ".sql"
        ));
        $crate::tables::engine::Text {
            sqlite: text,
            postgres: text,
        }
    }};
}

/// A statement with a text for each engine: `each!("enter_team")` is `sql/enter_team.sql` and
/// `sql/postgres/enter_team.sql`.
macro_rules! each {
    ($name:literal) => {
        $crate::tables::engine::Text {
            sqlite: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/tables/sql/",
                $name,
                ".sql"
            )),
            postgres: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/tables/sql/postgres/",
                $name,
                ".sql"
            )),
        }
    };
}

pub(super) use {both, each};

/// A statement with its values.
#[derive(Debug)]
pub(super) struct Query {
    text: Text,
    values: Vec<Value>,
}

impl Query {
    pub(super) const fn new(text: Text) -> Self {
        Self {
            text,
            values: Vec::new(),
        }
    }

    /// Adds the value of the next parameter.
    #[must_use]
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// The query of a statement for one of the drivers.
macro_rules! query {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
            };
        }
        query
    }};
}

impl Connection<'_> {
    /// Runs a statement and says how many rows it changed.
    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, TablesError> {
        let Query { text, values } = query;
        match self {
            Self::File(connection) => {
                let done = file::execute(connection, text.sqlite, &values);
                Ok(done.map_err(error::of_file)? as u64)
            }
            Self::Postgres(connection, pooling) => {
                let query = query!(text.postgres, values).persistent(keeps(*pooling));
                let done = in_time(query.execute(&mut **connection)).await;
                Ok(done.map_err(error::of_postgres)?.rows_affected())
            }
        }
    }

    /// Writes new rows and empties their list: into a database by one statement that takes all of them as JSON, into a file by one
    /// that takes a row.
    pub(super) async fn insert(
        &mut self,
        text: Text,
        rows: &mut Vec<NewRow>,
    ) -> Result<(), TablesError> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::File(connection) => {
                file::insert(connection, text.sqlite, rows).map_err(error::of_file)?;
            }
            Self::Postgres(..) => {
                self.execute(Query::new(text).bind(json(rows)?)).await?;
            }
        }
        rows.clear();
        Ok(())
    }

    /// Runs a statement that gives at most one row.
    pub(super) async fn row(&mut self, query: Query) -> Result<Option<Row>, TablesError> {
        let Query { text, values } = query;
        match self {
            Self::File(connection) => {
                let row = file::row(connection, text.sqlite, &values);
                Ok(row.map_err(error::of_file)?.map(Row::File))
            }
            Self::Postgres(connection, pooling) => {
                let query = query!(text.postgres, values).persistent(keeps(*pooling));
                let row = in_time(query.fetch_optional(&mut **connection)).await;
                Ok(row.map_err(error::of_postgres)?.map(Row::Postgres))
            }
        }
    }
}

/// Whether statements may be kept prepared: a pooler would give them to somebody else.
const fn keeps(pooling: Pooling) -> bool {
    matches!(pooling, Pooling::Session)
}

/// A row of either engine.
pub(super) enum Row {
    File(FileRow),
    Postgres(PgRow),
}

macro_rules! cell {
    ($row:expr, $column:expr, $kind:ident, $to:expr) => {
        match $row {
            Row::File(cells) => match cells.iter().find(|(name, _)| name == $column) {
                Some((_, rusqlite::types::Value::$kind(value))) => Ok($to(value)),
                found => Err(TablesError::corrupt(format!("{}: {found:?}", $column))),
            },
            Row::Postgres(row) => row.try_get($column).map_err(TablesError::corrupt),
        }
    };
}

impl Row {
    pub(super) fn text(&self, column: &str) -> Result<&str, TablesError> {
        cell!(self, column, Text, String::as_str)
    }

    pub(super) fn number(&self, column: &str) -> Result<i64, TablesError> {
        cell!(self, column, Integer, |value: &i64| *value)
    }

    pub(super) fn bytes(&self, column: &str) -> Result<&[u8], TablesError> {
        cell!(self, column, Blob, Vec::as_slice)
    }
}
