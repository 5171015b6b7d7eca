//! The database itself refuses to change an event, on any connection.

use sqlx::{AssertSqlSafe, Executor};

use super::super::support::*;
use super::Store;

/// Copies event 1 with some columns replaced.
fn insert(verb: &str, position: &str, id: &str, version: &str) -> String {
    format!(
        "{verb} INTO event SELECT {position}, log, {id}, account_id, stream_kind, stream_id, \
         {version}, event_type, schema_version, recorded_at_ms, x'00', metadata, hash \
         FROM event WHERE position = 1"
    )
}

#[tokio::test]
async fn events_cannot_be_changed_deleted_or_replaced() {
    let store = Store::new().await;
    one(&store.log(), some(token(1), 2), 1).await.unwrap();
    let mut raw = store.raw().await;
    let free_id = "x'ffffffffffffffffffffffffffffffff'";
    let statements = [
        "UPDATE event SET payload = x'00' WHERE position = 1".to_owned(),
        "UPDATE event SET position = 9 WHERE position = 1".to_owned(),
        "UPDATE OR REPLACE event SET position = 2 WHERE position = 1".to_owned(),
        "DELETE FROM event WHERE position = 2".to_owned(),
        "DELETE FROM event".to_owned(),
        // Over each of the three keys alone.
        insert("INSERT OR REPLACE", "position", free_id, "99"),
        insert("INSERT OR REPLACE", "99", "event_id", "99"),
        insert("INSERT OR REPLACE", "99", free_id, "version"),
        insert("REPLACE", "position", "event_id", "version"),
        insert("INSERT OR IGNORE", "position", free_id, "99"),
        insert("INSERT", "position", free_id, "99"),
        format!(
            "{} ON CONFLICT DO UPDATE SET payload = x'00'",
            insert("INSERT", "position", free_id, "99").replace("= 1", "= 1 AND true")
        ),
    ];
    for recursive in ["OFF", "ON"] {
        let pragma = format!("PRAGMA recursive_triggers = {recursive}");
        raw.execute(AssertSqlSafe(pragma)).await.unwrap();
        for statement in &statements {
            let refused = raw.execute(AssertSqlSafe(statement.clone())).await;
            let error = refused.expect_err(statement).to_string();
            assert!(error.contains("append-only"), "{statement}: {error}");
        }
    }
    assert_eq!(store.log().read(p(0), 9).await.unwrap().len(), 2);
    assert_sound(&store.log()).await;
    // The statement itself is sound: over no key it goes through.
    raw.execute(AssertSqlSafe(insert("INSERT", "99", free_id, "99")))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_second_head_is_refused() {
    let store = Store::new().await;
    let mut raw = store.raw().await;
    for log in [0, 1] {
        let sql = format!("INSERT INTO log_head SELECT {log}, 0, hash, 0 FROM log_head");
        assert!(raw.execute(AssertSqlSafe(sql)).await.is_err());
    }
}
