//! The data dictionary: what analysts find in the files, from the comments of the schema itself.
//!
//! A comment stands in the lines above what it is about. Columns of views that have the name of a column of a table
//! are what that is; others stand in the view's own comment as `--   name: text`.

mod comments;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Row as _, SqlitePool};

use comments::Comments;

/// A file that analysts may read.
#[derive(Debug, Clone, Copy)]
pub struct DataFile<'a> {
    /// Its name in the data folder.
    pub name: &'a str,
    /// What it is.
    pub about: &'a str,
    /// The SQL that made it, step by step.
    pub steps: &'a [&'a str],
}

/// Why there is no dictionary.
#[derive(Debug, thiserror::Error)]
pub enum DictionaryError {
    /// The schema cannot be made.
    #[error("the schema cannot be made: {0}")]
    Schema(#[from] sqlx::Error),
    /// Something has no comment.
    #[error("{0} has no comment in the schema")]
    Silent(String),
}

/// The steps of the SQL projections, in order.
#[must_use]
pub fn projection_steps() -> Vec<&'static str> {
    let steps = crate::tables::STEPS.iter();
    steps.map(|(_, _, sql)| *sql).collect()
}

async fn made(steps: &[&str]) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new().in_memory(true);
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(options).await?;
    for sql in steps {
        sqlx::raw_sql(sqlx::AssertSqlSafe(*sql))
            .execute(&pool)
            .await?;
    }
    Ok(pool)
}

/// A table or view as the database has it.
struct Found {
    is_view: bool,
    /// Name, type, place in the primary key.
    columns: Vec<(String, String, i64)>,
}

async fn found(steps: &[&str]) -> Result<BTreeMap<String, Found>, sqlx::Error> {
    let pool = made(steps).await?;
    let rows = sqlx::query(include_str!("dictionary/columns.sql"))
        .fetch_all(&pool)
        .await?;
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    for row in rows {
        let entry = all.entry(row.try_get("name")?).or_insert(Found {
            is_view: row.try_get::<&str, _>("type")? == "view",
            columns: Vec::new(),
        });
        entry.columns.push((
            row.try_get("column")?,
            row.try_get("column_type")?,
            row.try_get("pk")?,
        ));
    }
    Ok(all)
}

fn unit(column: &str) -> &'static str {
    if column.ends_with("_ms") {
        "Unix milliseconds"
    } else {
        ""
    }
}

fn table(
    out: &mut String,
    name: &str,
    found: &Found,
    comments: &Comments,
) -> Result<(), DictionaryError> {
    let silent = |what: &str| DictionaryError::Silent(what.to_owned());
    let kind = if found.is_view { "view" } else { "table" };
    let about = comments.of(name).ok_or_else(|| silent(name))?;
    let _written = write!(
        out,
        "\n### `{name}` ({kind})\n\n{about}\n\n| column | type | key | is | unit |\n|---|---|---|---|---|\n"
    );
    for (column, column_type, pk) in &found.columns {
        let text = comments.of_column(name, column);
        let text = text.ok_or_else(|| silent(&format!("{name}.{column}")))?;
        let key = if *pk > 0 {
            pk.to_string()
        } else {
            String::new()
        };
        let text = text.replace('|', "\\|");
        let _written = writeln!(
            out,
            "| `{column}` | {} | {key} | {text} | {} |",
            column_type.to_lowercase(),
            unit(column)
        );
    }
    Ok(())
}

/// The dictionary of some files, as Markdown.
///
/// # Errors
/// When the schema cannot be made, or a table, view or column has no comment.
pub async fn dictionary(files: &[DataFile<'_>]) -> Result<String, DictionaryError> {
    let mut out = String::from(include_str!("dictionary/head.md"));
    for file in files {
        let comments = Comments::of_steps(file.steps);
        let _written = write!(out, "\n## `{}`\n\n{}\n", file.name, file.about);
        for (name, found) in found(file.steps).await? {
            table(&mut out, &name, &found, &comments)?;
        }
    }
    Ok(out)
}
