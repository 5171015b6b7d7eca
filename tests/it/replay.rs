//! `keyledger replay` and `keyledger verify-log`, beside a running server.

use serde_json::json;

use crate::support::{Server, make_token, run};

#[tokio::test]
async fn replay_shows_who_could_do_what_at_any_moment() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, session) = server.member("a@example.com", "writer").await;
    let (id, _) = make_token(&session, json!({"role": "writer", "name": "laptop"})).await;
    let (service, _) = make_token(
        &session,
        json!({"role": "writer", "name": "robot", "serviceToken": true}),
    )
    .await;
    let before = server.position().await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let time = format!("{}ms", crate::support::in_seconds(0));
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let patch = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    owner
        .patch(&format!("/api/v2/members/{member}"), &patch)
        .await
        .expect(200);

    let effective = |arguments: &[&str], id: &str| {
        let (success, printed, error) = run(&server.data(), arguments);
        assert!(success, "{error}");
        let token = printed
            .split("\ntoken ")
            .find(|block| block.starts_with(id));
        let token = token
            .unwrap_or_else(|| panic!("no {id} in {printed}"))
            .to_owned();
        let line = token
            .lines()
            .find_map(|line| line.trim().strip_prefix("effective: "));
        line.expect("an effective permission").to_owned()
    };
    let position = before.to_string();
    assert_eq!(effective(&["replay", "--as-of", &position], &id), "writer");
    assert_eq!(effective(&["replay", "--as-of", &time], &id), "writer");
    assert_eq!(effective(&["replay"], &id), "reader");
    assert_eq!(effective(&["replay"], &service), "writer");
    owner
        .delete(&format!("/api/v2/members/{member}"))
        .await
        .expect(204);
    assert_eq!(effective(&["replay"], &id), "nothing");
    assert_eq!(effective(&["replay"], &service), "writer");
    let (_, printed, _) = run(&server.data(), &["replay", "--as-of", "0"]);
    assert!(
        printed.starts_with("position 0") && !printed.contains("member"),
        "{printed}"
    );
    let (success, _, error) = run(&server.data(), &["replay", "--as-of", "yesterday"]);
    assert!(
        !success && error.contains("is a position, a time"),
        "{error}"
    );
}

#[tokio::test]
async fn verify_log_passes_a_whole_log_and_names_the_first_bad_record() {
    let mut server = Server::start().await;
    let owner = server.owner();
    for index in 0..5 {
        make_token(
            &owner,
            json!({"role": "reader", "name": format!("t{index}")}),
        )
        .await;
    }
    let (success, printed, error) = run(&server.data(), &["verify-log"]);
    assert!(
        success && printed.contains("events   8") && printed.contains("the log is whole"),
        "{printed}{error}"
    );
    server.kill();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(server.data().join("log.db"));
    let mut log = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options)
        .await
        .unwrap();
    let refused = sqlx::query("UPDATE event SET payload = x'00' WHERE position = 6")
        .execute(&mut log)
        .await;
    assert!(refused.unwrap_err().to_string().contains("append-only"));
    let triggers: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'event'",
    )
    .fetch_all(&mut log)
    .await
    .unwrap();
    assert!(triggers.len() >= 3);
    for (name,) in triggers {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}")))
            .execute(&mut log)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE event SET payload = CAST(payload || x'00' AS BLOB) WHERE position = 6")
        .execute(&mut log)
        .await
        .unwrap();
    drop(log);
    let (success, _, error) = run(&server.data(), &["verify-log"]);
    assert!(!success && error.contains("position 6"), "{error}");
    let (success, _, error) = run(&server.data(), &["replay"]);
    assert!(!success && error.contains("position 6"), "{error}");
}
