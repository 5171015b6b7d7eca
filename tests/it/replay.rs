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
        !success && error.contains("it is a position, Unix milliseconds"),
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

#[tokio::test]
async fn a_replay_takes_times_as_people_write_them_and_judges_expiry_at_that_time() {
    let server = Server::start().await;
    let owner = server.owner();
    let expiry = crate::support::in_seconds(3_600);
    let form = json!({"role": "reader", "name": "short", "expiry": expiry});
    let (id, secret) = make_token(&owner, form).await;
    let block = |as_of: &str| {
        let (success, printed, error) = run(&server.data(), &["replay", "--as-of", as_of]);
        assert!(success, "{error}");
        assert!(!printed.contains(&secret), "a replay shows a secret");
        let block = printed
            .split("\ntoken ")
            .find(|block| block.starts_with(&id));
        block.map(str::to_owned)
    };
    assert_eq!(block("2020-01-01T00:00:00Z"), None);
    assert!(
        block(&format!("{}ms", expiry - 1))
            .unwrap()
            .contains("effective: reader")
    );
    let ended = block("2099-01-01T01:00:00+01:00").unwrap();
    assert!(
        ended.contains("expired") && ended.contains("effective: nothing"),
        "{ended}"
    );
}

#[tokio::test]
async fn a_moment_that_is_none_is_refused() {
    let server = Server::start().await;
    for as_of in [
        "",
        "now",
        "1e3",
        "-1",
        "5 ms",
        "2026-13-01T00:00:00Z",
        "2026-11-25",
    ] {
        let as_of = format!("--as-of={as_of}");
        let (success, printed, error) = run(&server.data(), &["replay", &as_of]);
        assert!(
            !success && error.contains("--as-of"),
            "{as_of}: {printed}{error}"
        );
    }
}

#[tokio::test]
async fn an_audit_of_a_folder_without_a_log_fails_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["replay", "verify-log"] {
        let (success, printed, error) = run(folder.path(), &[command]);
        assert!(!success && printed.is_empty(), "{printed}");
        assert!(error.starts_with("keyledger: "), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn verify_log_and_replay_run_beside_a_server_that_writes() {
    let server = Server::start().await;
    let owner = server.owner();
    let writing = tokio::spawn(async move {
        for index in 0..200 {
            let form = json!({"role": "reader", "name": format!("t{index}")});
            make_token(&owner, form).await;
        }
    });
    let data = server.data();
    let audits = tokio::task::spawn_blocking(move || {
        let mut audits = 0;
        while !writing.is_finished() || audits == 0 {
            for command in ["verify-log", "replay"] {
                let (success, _, error) = run(&data, &[command]);
                assert!(success, "{command}: {error}");
            }
            audits += 1;
        }
        (audits, writing)
    });
    let (audits, writing) = audits.await.unwrap();
    writing.await.expect("no write is disturbed");
    assert!(audits > 0);
    assert_eq!(server.position().await, 203);
}
