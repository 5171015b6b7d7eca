//! The tables in a shared PostgreSQL hold what a node's own hold, and one projector at a time fills them.

mod compare;
mod word;

use std::sync::Arc;

use keyledger_eventstore::postgres::{Database, DatabaseOptions, Pooling, Steps};
use keyledger_eventstore::{EventLog, PostgresLog};
use keyledger_projections::{SHARED_STEPS, catch_up_shared};
use keyledger_test_postgres::fresh_database;

use super::memory_log::MemoryLog;
use super::world::World;

/// An empty database with the schema of the log, which comes first: it makes the roles.
async fn with_log() -> (String, Database) {
    let url = fresh_database().await;
    let database = connect(&url).await;
    PostgresLog::open(&database).await.unwrap();
    (url, database)
}

/// An empty database with the schema of the tables.
async fn database() -> (String, Database) {
    let (url, database) = with_log().await;
    database.bring_up_to_date(&SHARED_STEPS).await.unwrap();
    (url, database)
}

async fn connect(url: &str) -> Database {
    let options = DatabaseOptions::parse(url, Pooling::Session).unwrap();
    Database::connect(&options).await.unwrap()
}

/// A program that was never left without an update has made each step by itself. Nothing that an earlier step said to its
/// transaction is in force then.
#[tokio::test]
async fn each_step_works_on_a_database_that_has_the_ones_before() {
    let (_, database) = with_log().await;
    for count in 1..=SHARED_STEPS.all.len() {
        let (so_far, _) = SHARED_STEPS.all.split_at(count);
        let steps = Steps {
            all: so_far,
            ..SHARED_STEPS
        };
        let done = database.bring_up_to_date(&steps).await;
        done.unwrap_or_else(|error| panic!("step {count}: {error}"));
    }
    database.require(&SHARED_STEPS).await.unwrap();
}

fn log_of(world: &World) -> Arc<dyn EventLog> {
    Arc::new(MemoryLog(world.log.clone()))
}

async fn fill(database: &Database, world: &World) {
    catch_up_shared(&log_of(world), database, world.now_ms)
        .await
        .unwrap();
}
