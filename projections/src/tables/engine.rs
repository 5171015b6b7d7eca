//! One statement on either engine: the file of a node, or the database that nodes share.
//!
//! Both take `$1` for a parameter, so most statements are one text. Lists come as JSON, which each engine takes apart in
//! its own way: those statements have a text for each.

use keyledger_eventstore::postgres::{Pooling, in_time};
use rusqlite::types::{ToSql, ToSqlOutput};
use serde::{Serialize, Serializer};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::error::{self, TablesError};
use super::policies::json;

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

/// The value of a parameter.
#[derive(Debug)]
pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Vec<u8>),
}

macro_rules! values {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

values! {
    String => |value| Self::Text(Some(value));
    &String => |value| Self::Text(Some(value.clone()));
    &str => |value| Self::Text(Some(value.to_owned()));
    Option<String> => |value| Self::Text(value);
    &Option<String> => |value| Self::Text(value.clone());
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
    i64 => |value| Self::Number(Some(value));
    Option<i64> => |value| Self::Number(value);
    u32 => |value| Self::Number(Some(value.into()));
    Option<u32> => |value| Self::Number(value.map(i64::from));
    bool => |value| Self::Number(Some(i64::from(value)));
    &[u8] => |value| Self::Bytes(value.to_owned());
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Number(number) => number.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Bytes(bytes) => bytes.serialize(serializer),
        }
    }
}

/// The values of a new row, by the names that its statement has for them.
#[derive(Debug, Default)]
pub(super) struct NewRow(Vec<(&'static str, Value)>);

impl NewRow {
    /// Adds a value.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl Serialize for NewRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

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
                let statement = connection.prepare_cached(text.sqlite);
                let done = statement.and_then(|mut statement| {
                    bind(&mut statement, &values)?;
                    statement.raw_execute()
                });
                Ok(done.map_err(error::of_file)? as u64)
            }
            Self::Postgres(connection, pooling) => {
                let query = query!(text.postgres, values).persistent(keeps(*pooling));
                let done = in_time(query.execute(&mut **connection)).await;
                Ok(done.map_err(error::of_postgres)?.rows_affected())
            }
        }
    }

    /// Writes new rows: into a database by one statement that takes them as a JSON list, into a file by one that takes a row.
    pub(super) async fn insert(&mut self, text: Text, rows: &[NewRow]) -> Result<(), TablesError> {
        match self {
            Self::File(connection) => {
                insert_each(connection, text.sqlite, rows).map_err(error::of_file)
            }
            Self::Postgres(..) => {
                let all = self.execute(Query::new(text).bind(json(rows)?));
                all.await.map(|_rows| ())
            }
        }
    }

    /// Runs a statement that gives at most one row.
    pub(super) async fn row(&mut self, query: Query) -> Result<Option<Row>, TablesError> {
        let Query { text, values } = query;
        match self {
            Self::File(connection) => {
                let row = file_row(connection, text.sqlite, &values);
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

/// Gives a statement its values: `$2` is the second, wherever it stands first.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for place in 1..=statement.parameter_count() {
        let name = statement.parameter_name(place).unwrap_or_default();
        let number = name.strip_prefix('$').and_then(|text| text.parse().ok());
        let value = number.and_then(|number: usize| values.get(number.checked_sub(1)?));
        let Some(value) = value else {
            return Err(rusqlite::Error::InvalidParameterName(name.to_owned()));
        };
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

/// Writes new rows into a file, by a statement that takes one with its values by name.
fn insert_each(
    connection: &rusqlite::Connection,
    sql: &str,
    rows: &[NewRow],
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let names = rows.first().into_iter().flat_map(|row| &row.0);
    let mut places = Vec::with_capacity(rows.first().map_or(0, |row| row.0.len()));
    for (name, _) in names {
        let place = statement.parameter_index(&format!(":{name}"))?;
        places.push(place.ok_or_else(|| rusqlite::Error::InvalidParameterName((*name).into()))?);
    }
    for row in rows {
        // INVARIANT: the rows of one run have the same names in the same order.
        for (place, (_, value)) in places.iter().zip(&row.0) {
            statement.raw_bind_parameter(*place, value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

fn file_row(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value],
) -> rusqlite::Result<Option<FileRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let names: Vec<String> = statement
        .column_names()
        .into_iter()
        .map(Into::into)
        .collect();
    bind(&mut statement, values)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let cells = names.into_iter().enumerate();
    let cells = cells.map(|(column, name)| Ok((name, row.get(column)?)));
    cells.collect::<rusqlite::Result<_>>().map(Some)
}

/// Whether statements may be kept prepared: a pooler would give them to somebody else.
const fn keeps(pooling: Pooling) -> bool {
    matches!(pooling, Pooling::Session)
}

/// The cells of a row of a file, by the names of their columns.
type FileRow = Vec<(String, rusqlite::types::Value)>;

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
