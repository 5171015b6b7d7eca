//! Row for row, table by table and view by view.

use std::path::Path;

use keyledger_projections::{Tables, catch_up_tables};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqlitePool};

use tokio::sync::Mutex;

use super::super::harness::Step;
use super::super::memory_log::MemoryLog;
use super::super::world::World;
use super::{database, fill};

/// JSON in a text is compared as what it means: the engines order keys and list members each in its own way.
fn meaning(cell: Value) -> Value {
    let Value::String(text) = &cell else {
        return cell;
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(mut lists)) => {
            for list in lists.values_mut() {
                if let Value::Array(items) = list {
                    items.sort_by_key(ToString::to_string);
                }
            }
            Value::Object(lists)
        }
        Ok(Value::Array(items)) => Value::Array(items),
        _ => cell,
    }
}

fn rows(texts: Vec<String>) -> Vec<String> {
    let row = |text: String| {
        let cells: Vec<Value> = serde_json::from_str(&text).unwrap();
        let cells: Vec<Value> = cells.into_iter().map(meaning).collect();
        serde_json::to_string(&cells).unwrap()
    };
    let mut rows: Vec<String> = texts.into_iter().map(row).collect();
    rows.sort();
    rows
}

async fn file(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = SqlitePoolOptions::new().connect_with(options).await;
    pool.unwrap()
}

/// Each table and view with its columns, as the file has them; when a cursor was moved is nobody's to compare.
async fn relations(file: &SqlitePool) -> Vec<(String, Vec<String>)> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') \
         AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(file)
    .await
    .unwrap();
    let mut relations = Vec::new();
    for name in names {
        let columns = format!(
            "SELECT name FROM pragma_table_info('{name}') WHERE name NOT IN ('updated_at_ms', 'hash')"
        );
        let columns = sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(file);
        relations.push((name, columns.await.unwrap()));
    }
    assert!(relations.len() > 25, "{relations:?}");
    relations
}

/// What `path` and the database hold is the same; how many rows that was.
async fn is_the_same(path: &Path, database: &mut PgConnection) -> usize {
    let file = file(path).await;
    let mut count = 0;
    for (name, columns) in relations(&file).await {
        let columns = columns.join(", ");
        let here = format!("SELECT json_array({columns}) FROM {name}");
        let here = sqlx::query_scalar(AssertSqlSafe(here)).fetch_all(&file);
        let there = format!("SELECT json_build_array({columns})::text FROM {name}");
        let there = sqlx::query_scalar(AssertSqlSafe(there)).fetch_all(&mut *database);
        let (here, there) = (rows(here.await.unwrap()), rows(there.await.unwrap()));
        assert_eq!(here, there, "{name} ({columns})");
        count += here.len();
    }
    file.close().await;
    count
}

async fn empty(database: &mut PgConnection) {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'keyledger_projections'",
    )
    .fetch_all(&mut *database)
    .await
    .unwrap();
    assert!(tables.len() > 18, "{tables:?}");
    let sql = format!("TRUNCATE {}", tables.join(", "));
    database.execute(AssertSqlSafe(sql)).await.unwrap();
}

#[test]
fn whatever_happens_both_engines_hold_the_same_rows() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (url, database) = runtime.block_on(database());
    let raw = runtime.block_on(async {
        let mut raw = keyledger_test_postgres::connect(&url).await;
        let path = "SET search_path = keyledger_projections";
        raw.execute(path).await.unwrap();
        Mutex::new(raw)
    });
    let config = ProptestConfig {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 500,
        ..ProptestConfig::default()
    };
    let steps = prop::collection::vec(any::<Step>(), 32..160);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let mut world = World::new();
        for step in &steps {
            world.step(*step);
        }
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("projections.db");
            let tables = Tables::open(&path).await.unwrap();
            let log = MemoryLog(world.log.clone());
            catch_up_tables(&log, &tables, world.now_ms).await.unwrap();
            let mut raw = raw.lock().await;
            empty(&mut raw).await;
            fill(&database, &world).await;
            let rows = is_the_same(&path, &mut raw).await;
            assert!(rows > world.log.len(), "each event has its entry");
            tables.close().await;
        });
        Ok(())
    });
    runtime.block_on(raw.into_inner().close()).unwrap();
    outcome.unwrap();
}
