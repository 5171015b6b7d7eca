//! The database itself refuses to change an event, for the owner of the tables as well.

use sqlx::{AssertSqlSafe, Executor as _, Row as _};

use super::super::support::*;
use super::Store;

#[tokio::test]
async fn events_cannot_be_changed_deleted_or_truncated() {
    let store = Store::new().await;
    one(&store.log(), some(token(1), 2), 1).await.unwrap();
    let mut raw = store.raw().await;
    for statement in [
        "UPDATE keyledger.event SET payload = '' WHERE position = 1",
        "UPDATE keyledger.event SET position = 9 WHERE position = 1",
        "DELETE FROM keyledger.event WHERE position = 2",
        "TRUNCATE keyledger.event",
        "INSERT INTO keyledger.event SELECT * FROM keyledger.event WHERE position = 1 \
         ON CONFLICT (log, position) DO UPDATE SET payload = ''",
    ] {
        let refused = raw.execute(statement).await;
        let error = refused.expect_err(statement).to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(store.log().read(p(0), 9).await.unwrap().len(), 2);
    assert_sound(&store.log()).await;
}

#[tokio::test]
async fn no_request_can_break_a_constraint_that_the_limits_do_not_know() {
    let store = Store::new().await;
    one(&store.log(), some(token(1), 1), 1).await.unwrap();
    let mut raw = store.raw().await;
    // Each breaks one CHECK; the statement without a change goes through.
    let columns = [
        ("event_id", "'\\x00'::bytea"),
        ("account_id", "'\\x00'::bytea"),
        ("stream_kind", "0::smallint"),
        ("stream_id", "'\\x00'::bytea"),
        ("version", "0"),
        ("event_type", "''"),
        ("schema_version", "65536"),
        ("recorded_at_ms", "-1"),
        ("hash", "'\\x00'::bytea"),
    ];
    let insert = |changed: &str, value: &str| {
        let mut cells = vec!["7::bigint".to_owned(), "log".to_owned()];
        for column in [
            "event_id",
            "account_id",
            "stream_kind",
            "stream_id",
            "version",
            "event_type",
            "schema_version",
            "recorded_at_ms",
            "payload",
            "metadata",
            "hash",
        ] {
            cells.push(match column {
                _ if column == changed => value.to_owned(),
                "event_id" => "decode(md5('another'), 'hex')".to_owned(),
                "version" => "99".to_owned(),
                _ => column.to_owned(),
            });
        }
        let cells = cells.join(", ");
        format!("INSERT INTO keyledger.event SELECT {cells} FROM keyledger.event")
    };
    for (column, value) in columns {
        let refused = raw.execute(AssertSqlSafe(insert(column, value))).await;
        let error = refused.expect_err(column);
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("23514"), "{column}: {error}");
    }
    raw.execute(AssertSqlSafe(insert("", ""))).await.unwrap();
    let count = raw
        .fetch_one("SELECT count(*) FROM keyledger.event")
        .await
        .unwrap();
    assert_eq!(count.get::<i64, _>(0), 2);
}
