//! Making the schema, and refusing one that does not fit.

use keyledger_eventstore::postgres::Pooling;
use keyledger_eventstore::{LogError, PostgresLog};
use keyledger_test_postgres::{as_user, fresh_database};
use sqlx::{AssertSqlSafe, Executor as _};

use super::super::support::*;
use super::{Store, database, open};

#[tokio::test]
async fn nodes_that_start_at_once_make_one_schema() {
    let url = fresh_database().await;
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { open(&url, Pooling::Session).await })
        })
        .collect();
    for started in starting {
        let log: Log = started.await.unwrap();
        one(&log, some(token(1), 1), 1).await.unwrap();
    }
    let log: Log = open(&url, Pooling::Session).await;
    assert_eq!(log.head().await.unwrap().position, p(4));
    assert_sound(&log).await;
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let store = Store::new().await;
    let mut raw = store.raw().await;
    raw.execute(
        "INSERT INTO keyledger.log_migration
         (version, description, success, checksum, execution_time) VALUES (99, 'later', true, '', 0)",
    )
    .await
    .unwrap();
    let database = database(&store.url, Pooling::Session).await;
    for opened in [
        PostgresLog::open(&database).await,
        PostgresLog::open_read_only(&database).await,
    ] {
        let Err(LogError::Schema { reason }) = opened else {
            panic!("{opened:?}");
        };
        assert!(reason.contains("step 99"), "{reason}");
    }
}

#[tokio::test]
async fn a_step_that_was_edited_after_it_was_applied_is_refused() {
    let store = Store::new().await;
    let mut raw = store.raw().await;
    raw.execute("DELETE FROM keyledger.log_migration WHERE version = 4")
        .await
        .unwrap();
    raw.execute("UPDATE keyledger.log_migration SET checksum = '' WHERE version = 2")
        .await
        .unwrap();
    let opened = PostgresLog::open(&database(&store.url, Pooling::Session).await).await;
    let Err(LogError::Schema { reason }) = opened else {
        panic!("{opened:?}");
    };
    assert!(reason.contains("step 2"), "{reason}");
}

#[tokio::test]
async fn a_login_that_may_not_make_the_schema_is_told_what_to_do() {
    let url = fresh_database().await;
    let mut raw = keyledger_test_postgres::connect(&url).await;
    let user = format!("nobody_{}", url.rsplit('/').next().unwrap());
    raw.execute(AssertSqlSafe(format!("CREATE ROLE {user} LOGIN")))
        .await
        .unwrap();
    let theirs = as_user(&url, &user);
    let opened = PostgresLog::open(&database(&theirs, Pooling::Session).await).await;
    let Err(LogError::Schema { reason }) = opened else {
        panic!("{opened:?}");
    };
    assert!(reason.contains("keyledger migrate"), "{reason}");
    let read = PostgresLog::open_read_only(&database(&url, Pooling::Session).await).await;
    assert!(matches!(read, Err(LogError::Schema { .. })), "{read:?}");
}
