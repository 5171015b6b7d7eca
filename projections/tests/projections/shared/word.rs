//! Who fills the tables, and what happens when it dies, stands still or leaves.

use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::postgres::Database;
use keyledger_eventstore::{EventLog, Position};
use keyledger_projections::{
    FollowError, SharedProjector, SharedProjectorHandle, TablesError, catch_up_shared,
};
use sqlx::{Executor as _, PgConnection};
use tokio::sync::watch;
use tokio::time::Instant;

use super::super::tables::grown;
use super::super::world::World;
use super::{connect, database, fill, log_of};

const PATIENCE: Duration = Duration::from_secs(60);

fn projector(database: &Database, node: &str, log: Arc<dyn EventLog>) -> SharedProjectorHandle {
    let (_, head) = watch::channel(Position::ZERO);
    SharedProjector::spawn(log, database, node.to_owned(), head, Arc::new(|| 1))
}

async fn raw(url: &str) -> PgConnection {
    let mut raw = keyledger_test_postgres::connect(url).await;
    let path = "SET search_path = keyledger_projections";
    raw.execute(path).await.unwrap();
    raw
}

async fn position(raw: &mut PgConnection) -> i64 {
    let found = sqlx::query_scalar("SELECT position FROM projection");
    let found = found.fetch_optional(raw).await.unwrap();
    found.unwrap_or(0)
}

async fn reaches(raw: &mut PgConnection, world: &World) {
    let began = Instant::now();
    while position(raw).await < world.log.len() as i64 {
        assert!(began.elapsed() < PATIENCE, "nobody fills the tables");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_entry")
        .fetch_one(raw)
        .await
        .unwrap();
    assert_eq!(entries, world.log.len() as i64, "each event counts once");
}

#[tokio::test]
async fn one_has_the_word_and_who_waits_goes_on_when_it_leaves() {
    let (url, database) = database().await;
    let mut raw = raw(&url).await;
    let mut world = grown();
    let first = projector(&database, "first", log_of(&world));
    reaches(&mut raw, &world).await;
    assert!(first.has_the_word());
    // The second one knows of more, and waits.
    let before = world.log.len() as i64;
    world.invite("writer");
    let second = projector(&database, "second", log_of(&world));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(!second.has_the_word());
    assert_eq!(position(&mut raw).await, before);
    first.close().await;
    reaches(&mut raw, &world).await;
    assert!(second.has_the_word());
    second.close().await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM projector")
        .fetch_one(&mut raw)
        .await
        .unwrap();
    assert_eq!(left, 0, "who leaves gives the word back");
}

#[tokio::test]
async fn who_dies_is_followed_when_its_time_is_over() {
    let (url, database) = database().await;
    let mut raw = raw(&url).await;
    let mut world = grown();
    // A runtime of its own that ends in the middle, as a process does.
    let dying = std::thread::spawn({
        let (url, log) = (url.clone(), log_of(&world));
        move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let database = connect(&url).await;
                let first = projector(&database, "first", log);
                while !first.has_the_word() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                std::mem::forget(first);
            });
            runtime.shutdown_background();
        }
    });
    dying.join().unwrap();
    let holder: String = sqlx::query_scalar("SELECT node FROM projector")
        .fetch_one(&mut raw)
        .await
        .unwrap();
    assert_eq!(holder, "first");
    world.invite("writer");
    let second = projector(&database, "second", log_of(&world));
    reaches(&mut raw, &world).await;
    assert!(second.has_the_word());
}

#[tokio::test]
async fn two_that_both_believe_to_have_the_word_write_nothing_twice() {
    let (url, database) = database().await;
    let mut raw = raw(&url).await;
    let world = grown();
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (log, database) = (log_of(&world), database.clone());
        race.spawn(async move { catch_up_shared(&log, &database, 1).await });
    }
    let mut conflicts = 0;
    while let Some(outcome) = race.join_next().await {
        match outcome.unwrap() {
            Ok(()) => {}
            Err(FollowError::Tables(TablesError::Conflict)) => conflicts += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(conflicts < 8, "one of them wrote");
    reaches(&mut raw, &world).await;
}

#[tokio::test]
async fn tables_that_are_ahead_of_the_log_are_not_gone_on_with() {
    let (_, database) = database().await;
    let mut world = grown();
    fill(&database, &world).await;
    world.log.truncate(3);
    let log = log_of(&world);
    let refused = catch_up_shared(&log, &database, 1).await;
    assert!(
        matches!(refused, Err(FollowError::Ahead { head, .. }) if head.get() == 3),
        "{refused:?}"
    );
}

#[tokio::test]
async fn without_the_schema_it_says_what_is_missing() {
    let url = keyledger_test_postgres::fresh_database().await;
    let database = connect(&url).await;
    let refused = catch_up_shared(&log_of(&grown()), &database, 1).await;
    assert!(
        matches!(
            &refused,
            Err(FollowError::Tables(TablesError::Schema { .. }))
        ),
        "{refused:?}"
    );
}
