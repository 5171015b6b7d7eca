//! What is really in the files, read without the binary.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Row as _};

/// One event as it is stored.
#[derive(Debug)]
pub struct Stored {
    /// Its place in the log.
    pub position: i64,
    /// The id of the account, member, token or role that it is about, in hex.
    pub about: String,
    /// Its dotted name.
    pub kind: String,
}

async fn open(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    SqliteConnection::connect_with(&options)
        .await
        .expect("a database")
}

/// Changes a database of a server that does not run.
pub async fn execute(file: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut database = SqliteConnection::connect_with(&options)
        .await
        .expect("a database");
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(&mut database)
        .await
        .expect("a change");
    database.close().await.expect("a closed database");
}

/// The rows of a query, each column as a text.
pub async fn query(file: &Path, sql: &str) -> Vec<Vec<Option<String>>> {
    let mut database = open(file).await;
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
        .fetch_all(&mut database)
        .await
        .expect("rows");
    let texts = |row: &sqlx::sqlite::SqliteRow| (0..row.len()).map(|at| row.get(at)).collect();
    rows.iter().map(texts).collect()
}

/// All events of a log, in order.
pub async fn stored_events(data: &Path) -> Vec<Stored> {
    let mut log = open(&data.join("log.db")).await;
    let rows = sqlx::query(
        "SELECT position, lower(hex(stream_id)) AS about, event_type FROM event ORDER BY position",
    )
    .fetch_all(&mut log)
    .await
    .expect("events");
    let event = |row: &sqlx::sqlite::SqliteRow| Stored {
        position: row.get("position"),
        about: row.get("about"),
        kind: row.get("event_type"),
    };
    rows.iter().map(event).collect()
}

/// Every value of every column of every table of every database in a folder, as bytes with its place.
/// A long value is spread over pages of the file, where a search of the file alone could miss it.
pub async fn databases(data: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(data).expect("a folder") {
        let file = entry.expect("a file").path();
        if file.extension().is_none_or(|extension| extension != "db") {
            continue;
        }
        let mut database = open(&file).await;
        let columns = sqlx::query(
            "SELECT t.name AS t, c.name AS c FROM sqlite_schema t, pragma_table_xinfo(t.name) c \
             WHERE t.type = 'table'",
        )
        .fetch_all(&mut database)
        .await
        .expect("columns");
        for column in &columns {
            let (table, column): (String, String) = (column.get("t"), column.get("c"));
            let query = format!(
                "SELECT CAST(\"{column}\" AS BLOB) AS v FROM \"{table}\" WHERE \"{column}\" IS NOT NULL"
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(query))
                .fetch_all(&mut database)
                .await
                .expect("values");
            let place = format!("{}:{table}.{column}", file.display());
            found.extend(
                rows.iter()
                    .map(|row| (place.clone(), row.get::<Vec<u8>, _>("v"))),
            );
        }
    }
    found
}
