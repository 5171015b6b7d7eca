//! Opening, reopening and sharing the file.

use keyledger_eventstore::{Durability, EventLog, LogError, SqliteLog, verify};
use sqlx::{Connection, Executor, Row};

use super::super::support::*;
use super::Store;

#[tokio::test]
async fn reopening_keeps_everything() {
    let store = Store::new().await;
    let request = keyed(some(token(1), 3), "key", 1);
    one(&store.log(), request.clone(), 9).await.unwrap();
    let before = store.log().read(p(0), 9).await.unwrap();
    store.log.close().await;
    for durability in [Durability::Normal, Durability::Full] {
        let log = SqliteLog::open(&store.path(), durability).await.unwrap();
        assert_eq!(log.read(p(0), 9).await.unwrap(), before);
        assert!(log.receipt(account(1), "key").await.unwrap().is_some());
        let answers = log
            .append(std::slice::from_ref(&request), 10)
            .await
            .unwrap();
        assert_eq!(answers[0].as_ref().unwrap().first, p(1));
        verify(&log).await.unwrap();
        log.close().await;
    }
}

#[tokio::test]
async fn a_reader_follows_a_writer_and_cannot_write() {
    let store = Store::new().await;
    let reader = SqliteLog::open_read_only(&store.path()).await.unwrap();
    assert_eq!(reader.head().await.unwrap().position, p(0));
    one(&store.log(), some(token(1), 3), 9).await.unwrap();
    assert_eq!(reader.read(p(0), 9).await.unwrap().len(), 3);
    verify(&reader).await.unwrap();
    let refused = reader.append(&[some(token(1), 1)], 1).await;
    assert!(matches!(refused, Err(LogError::ReadOnly)));
    // Without the server as well.
    store.log.close().await;
    reader.close().await;
    let alone = SqliteLog::open_read_only(&store.path()).await.unwrap();
    assert_eq!(verify(&alone).await.unwrap().events, 3);
}

#[tokio::test]
async fn a_file_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = SqliteLog::open_read_only(&folder.path().join("none.db")).await;
    assert!(
        matches!(missing, Err(LogError::Unavailable(_))),
        "{missing:?}"
    );
    let nowhere = SqliteLog::open(&folder.path().join("no/such.db"), Durability::Full).await;
    assert!(
        matches!(nowhere, Err(LogError::Unavailable(_))),
        "{nowhere:?}"
    );
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database".repeat(99)).unwrap();
    for opened in [
        SqliteLog::open(&text, Durability::Full).await,
        SqliteLog::open_read_only(&text).await,
    ] {
        assert!(
            matches!(opened, Err(LogError::Corrupt { .. })),
            "{opened:?}"
        );
    }
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let opened = SqliteLog::open_read_only(&empty).await;
    assert!(matches!(opened, Err(LogError::Schema { .. })), "{opened:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_an_older_one_is_not_read() {
    let store = Store::new().await;
    store.log.close().await;
    let mut raw = store.raw().await;
    raw.execute(
        "INSERT INTO _sqlx_migrations SELECT 9999, 'later', installed_on, success, checksum, 0 \
         FROM _sqlx_migrations WHERE version = 1",
    )
    .await
    .unwrap();
    for opened in [
        SqliteLog::open(&store.path(), Durability::Full).await,
        SqliteLog::open_read_only(&store.path()).await,
    ] {
        assert!(matches!(opened, Err(LogError::Schema { .. })), "{opened:?}");
    }
    raw.execute("DELETE FROM _sqlx_migrations").await.unwrap();
    let opened = SqliteLog::open_read_only(&store.path()).await;
    assert!(matches!(opened, Err(LogError::Schema { .. })), "{opened:?}");
}

#[tokio::test]
async fn the_file_is_set_up_for_its_purpose() {
    let store = Store::new().await;
    one(&store.log(), some(token(1), 1), 1).await.unwrap();
    let mut raw = store.raw().await;
    let row = raw.fetch_one("PRAGMA journal_mode").await.unwrap();
    assert_eq!(row.get::<String, _>(0), "wal");
    #[cfg(unix)]
    for file in ["log.db", "log.db-wal"] {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(store.folder.path().join(file)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_file() {
    let store = Store::new().await;
    let path = store.path();
    let second = SqliteLog::open(&path, Durability::Full).await.unwrap();
    let log = store.log();
    let first = tokio::spawn(async move {
        for version in 0..50 {
            one(&log, at(token(1), version), 1).await.unwrap();
        }
    });
    for version in 0..50 {
        let answers = second.append(&[at(token(2), version)], 1).await.unwrap();
        assert!(answers[0].is_ok());
    }
    first.await.unwrap();
    assert_eq!(verify(&second).await.unwrap().events, 100);
}

#[tokio::test]
async fn the_writer_recovers_after_a_failed_transaction() {
    let store = Store::new().await;
    let log = store.log();
    one(&log, some(token(1), 1), 1).await.unwrap();
    let mut raw = store.raw().await;
    raw.execute(
        "CREATE TRIGGER full BEFORE UPDATE ON stream BEGIN SELECT RAISE(ROLLBACK, 'x'); END",
    )
    .await
    .unwrap();
    // SQLite rolls back by itself; the connection must not stay in a state that the driver
    // believes to be a transaction.
    for _ in 0..2 {
        assert!(log.append(&[some(token(1), 1)], 1).await.is_err());
    }
    raw.execute("DROP TRIGGER full").await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(one(&log, some(token(1), 1), 1).await.unwrap().first, p(2));
    assert_sound(&log).await;
}
