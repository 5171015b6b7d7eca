//! `verify` names the first bad record, whatever somebody did to the file.

use keyledger_eventstore::{LogError, VerifyError, verify};
use sqlx::{AssertSqlSafe, Executor};

use super::super::support::*;
use super::Store;

/// Ten events in three streams at rising times, then `sql` on a connection without the triggers.
async fn damaged(sql: &str) -> Store {
    let store = Store::new().await;
    for n in 0..10 {
        let request = some(token(n % 3), 1);
        one(&store.log(), request, i64::from(n) * 10).await.unwrap();
    }
    let mut raw = store.raw().await;
    raw.execute(
        "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete; \
         DROP TRIGGER event_no_replace; PRAGMA ignore_check_constraints = ON;",
    )
    .await
    .unwrap();
    raw.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    store
}

/// Damages a log and gives back the position that `verify` names, and why.
async fn named(sql: &str) -> (i64, String) {
    let store = damaged(sql).await;
    match verify(store.log().as_ref()).await {
        Err(VerifyError::Broken { position, reason }) => (position.get(), reason),
        other => panic!("{sql}: {other:?}"),
    }
}

#[tokio::test]
async fn an_intact_log_is_found_right() {
    let store = damaged("SELECT 1").await;
    let head = store.log().head().await.unwrap();
    let verified = verify(store.log().as_ref()).await.unwrap();
    assert_eq!((verified.events, verified.streams), (10, 3));
    assert_eq!(
        (verified.position, verified.hash),
        (head.position, head.hash)
    );
}

#[tokio::test]
async fn the_first_bad_event_is_named() {
    for (sql, position) in [
        ("UPDATE event SET payload = x'00' WHERE position = 4", 4),
        (
            "UPDATE event SET metadata = x'' WHERE position IN (4, 7)",
            4,
        ),
        (
            "UPDATE event SET event_type = 'token.reset' WHERE position = 4",
            4,
        ),
        ("UPDATE event SET recorded_at_ms = 1 WHERE position = 4", 4),
        ("UPDATE event SET hash = zeroblob(32) WHERE position = 4", 4),
        ("DELETE FROM event WHERE position = 4", 4),
        ("DELETE FROM event WHERE position = 1", 1),
        ("DELETE FROM event", 1),
        // Truncated: the head remembers.
        ("DELETE FROM event WHERE position >= 9", 9),
        // Reordered.
        (
            "UPDATE event SET position = 99 WHERE position = 4; \
             UPDATE event SET position = 4 WHERE position = 5; \
             UPDATE event SET position = 5 WHERE position = 99",
            4,
        ),
        // Inserted: after the end, and between by moving the rest.
        (
            "INSERT INTO event SELECT 11, log, zeroblob(16), account_id, stream_kind, stream_id, \
             99, event_type, schema_version, recorded_at_ms, payload, metadata, hash \
             FROM event WHERE position = 10",
            11,
        ),
        (
            "UPDATE event SET position = -position WHERE position >= 5; \
             UPDATE event SET position = 1 - position WHERE position < 0; \
             INSERT INTO event SELECT 5, log, zeroblob(16), account_id, stream_kind, stream_id, \
             99, event_type, schema_version, recorded_at_ms, payload, metadata, hash \
             FROM event WHERE position = 4",
            5,
        ),
        // Cells that cannot be read, alone and after something worse.
        ("UPDATE event SET hash = x'00' WHERE position = 4", 4),
        ("UPDATE event SET stream_kind = 99 WHERE position = 4", 4),
        ("UPDATE event SET schema_version = -1 WHERE position = 4", 4),
        (
            "UPDATE event SET payload = x'00' WHERE position = 3; \
             UPDATE event SET hash = x'00' WHERE position = 6",
            3,
        ),
        (
            "DELETE FROM event WHERE position = 3; \
             UPDATE event SET hash = x'00' WHERE position = 6",
            3,
        ),
        // The head.
        ("UPDATE log_head SET hash = zeroblob(32)", 10),
        ("UPDATE log_head SET recorded_at_ms = 5", 10),
        ("UPDATE log_head SET position = 9", 9),
        ("UPDATE log_head SET position = 12", 11),
        // The streams: tokens 0, 1 and 2 end at 10, 8 and 9.
        (
            "UPDATE stream SET version = version + 1 WHERE stream_id = zeroblob(12)",
            10,
        ),
        ("DELETE FROM stream WHERE stream_id <> zeroblob(12)", 8),
    ] {
        let (named, reason) = named(sql).await;
        assert_eq!(named, position, "{sql}: {reason}");
    }
}

#[tokio::test]
async fn a_stream_row_without_events_is_named() {
    let (position, reason) = named(
        "INSERT INTO stream SELECT account_id, stream_kind, randomblob(12), 3 FROM stream LIMIT 1",
    )
    .await;
    assert_eq!(position, 0, "{reason}");
}

#[tokio::test]
async fn what_cannot_be_read_says_where_it_is() {
    for (sql, expected) in [
        (
            "UPDATE event SET hash = x'00' WHERE position = 4",
            "event.hash",
        ),
        (
            "UPDATE event SET stream_kind = 99 WHERE position = 4",
            "event.stream_kind",
        ),
        (
            "UPDATE event SET account_id = x'00' WHERE position = 4",
            "event.account_id",
        ),
    ] {
        let store = damaged(sql).await;
        match store.log().read(p(0), 100).await {
            Err(LogError::Corrupt {
                position, place, ..
            }) => assert_eq!((position.get(), place), (4, expected)),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_head_that_was_set_back_stops_the_append() {
    let store = damaged("UPDATE log_head SET position = 5").await;
    let refused = store.log().append(&[some(token(1), 1)], 1).await;
    assert!(
        matches!(refused, Err(LogError::Corrupt { .. })),
        "{refused:?}"
    );
    let store = damaged("DELETE FROM log_head").await;
    let refused = store.log().append(&[some(token(1), 1)], 1).await;
    assert!(
        matches!(refused, Err(LogError::Corrupt { .. })),
        "{refused:?}"
    );
}
