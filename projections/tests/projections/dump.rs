//! Everything that the tables hold, to be compared.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Row};

/// Every row of every table but the cursor's, which knows when it was written, as text.
pub(super) async fn dump(path: &Path) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' \
         AND name NOT IN ('_sqlx_migrations', 'projection') ORDER BY name",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    let mut lines = Vec::new();
    for table in tables {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns: Vec<String> = sqlx::query_scalar(AssertSqlSafe(columns))
            .fetch_all(&pool)
            .await
            .unwrap();
        let row = columns
            .iter()
            .map(|name| format!("quote({name})"))
            .collect::<Vec<_>>()
            .join(" || ',' || ");
        let sql = format!("SELECT {row} FROM {table} ORDER BY 1");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&pool)
            .await
            .unwrap();
        lines.extend(
            rows.iter()
                .map(|row| format!("{table}: {}", row.get::<String, _>(0))),
        );
    }
    lines
}
