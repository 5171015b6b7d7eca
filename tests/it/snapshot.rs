//! A server that starts from a snapshot of its index knows what it knew.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Server, execute, make_token, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_starts_from_its_snapshot_and_an_erasure_ends_it() {
    let mut server = Server::start_with(&[("KEYLEDGER_SNAPSHOT_EVERY", "20")]).await;
    let (id, ann) = server.member("ann@example.com", "writer").await;
    let (_, personal) = make_token(&ann, json!({"role": "reader"})).await;
    let mut secrets = Vec::new();
    for _ in 0..20 {
        secrets.push(make_token(&server.owner(), json!({"role": "reader"})).await);
    }
    let file = server.data().join("index.snapshot");
    let began = Instant::now();
    while !file.exists() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "no snapshot is kept"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.stderr().contains("a snapshot of the index is kept"));
    // After the snapshot.
    let (gone, dead) = &secrets[0];
    server
        .owner()
        .delete(&format!("/api/v2/tokens/{gone}"))
        .await
        .expect(204);
    let (_, late) = make_token(&server.owner(), json!({"role": "reader"})).await;
    server.kill();
    // What cannot be read any more is not missed: the server begins after it. (The tables have it already.)
    let log = server.data().join("log.db");
    for statement in [
        "DROP TRIGGER event_no_update",
        "UPDATE event SET payload = x'00' WHERE position = 2",
    ] {
        execute(&log, statement).await;
    }
    server.start_again().await;
    for (secret, status) in [
        (&personal, 200),
        (&late, 200),
        (dead, 401),
        (&secrets[1].1, 200),
    ] {
        let itself = server.anonymous().token(secret);
        itself.get("/api/v2/caller-identity").await.expect(status);
    }
    server
        .owner()
        .delete(&format!("/api/v2/members/{id}"))
        .await
        .expect(204);
    let itself = server.anonymous().token(&personal);
    itself.get("/api/v2/caller-identity").await.expect(401);
    server.stop().await;
    assert!(file.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_names_somebody_who_was_erased_goes() {
    let mut server = Server::start_with(&[("KEYLEDGER_SNAPSHOT_EVERY", "5")]).await;
    let (id, _) = server.member("ann@example.com", "writer").await;
    let file = server.data().join("index.snapshot");
    let holds_her = || {
        let bytes = std::fs::read(&file).unwrap_or_default();
        bytes.windows(15).any(|part| part == b"ann@example.com")
    };
    make_token(&server.owner(), json!({"role": "reader"})).await;
    let began = Instant::now();
    while !holds_her() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "no snapshot is kept"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server
        .owner()
        .delete(&format!("/api/v2/members/{id}"))
        .await
        .expect(204);
    server.stop().await;
    let (success, _, error) = run(&server.data(), &["member", "erase", &id]);
    assert!(success, "{error}");
    assert!(!file.exists());
    server.start_again().await;
    assert!(!holds_her());
}
