//! Starting nodes over a database.

use std::time::{Duration, Instant};

use keyledger_test_postgres::fresh_database;
use serde_json::json;

use super::Fleet;
use crate::support::{Server, make_token, run_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_make_one_account() {
    let url = fresh_database().await;
    // With one pepper for all, as a deployment gives it to them.
    let folder = tempfile::tempdir().unwrap();
    let pepper = folder.path().join("pepper");
    std::fs::write(&pepper, format!("1 {}\n", "5a".repeat(32))).unwrap();
    std::fs::set_permissions(&pepper, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let pepper = pepper.to_str().unwrap();
    let emails = ["a@example.com", "b@example.com", "c@example.com"];
    let started: Vec<_> = emails
        .map(|email| {
            let (url, pepper) = (url.clone(), pepper.to_owned());
            tokio::spawn(async move {
                Server::start_anyhow(&[
                    ("DATABASE_URL", &url),
                    ("KEYLEDGER_PEPPER_FILE", &pepper),
                    ("KEYLEDGER_OWNER_EMAIL", email),
                ])
                .await
            })
        })
        .into_iter()
        .collect();
    let mut nodes = Vec::new();
    for node in started {
        nodes.push(node.await.unwrap());
    }
    let owners: Vec<&Server> = nodes
        .iter()
        .filter(|node| !node.stdout().is_empty())
        .collect();
    assert_eq!(owners.len(), 1, "one of them printed the owner's token");
    let secret = owners[0].owner_secret();
    for node in &nodes {
        let itself = node.anonymous().token(secret);
        let itself = itself.with("X-Keyledger-Min-Position", "3");
        itself.get("/api/v2/caller-identity").await.expect(200);
        assert_eq!(node.position().await, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_the_pepper_of_the_others_does_not_start() {
    let fleet = Fleet::of(1).await;
    let env = [
        ("DATABASE_URL", fleet.url.as_str()),
        ("KEYLEDGER_LISTEN", "127.0.0.1:0"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (success, _, error) = run_with(folder.path(), &env, &["serve"]);
    assert!(
        !success && error.contains("copy it from another node"),
        "{error}"
    );
    assert!(
        !folder.path().join("pepper").exists(),
        "it made none of its own"
    );
    let pepper = folder.path().join("pepper");
    std::fs::write(&pepper, format!("1 {}\n", "00".repeat(32))).unwrap();
    std::fs::set_permissions(&pepper, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (success, _, error) = run_with(folder.path(), &env, &["serve"]);
    assert!(
        !success && error.contains("pepper 1 is not the one"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_cannot_be_reached_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens there; a port that is free now may be another test's in a moment.
    let nowhere = "postgres://postgres:secret-word@127.0.0.1:1/none";
    for (url, reason) in [
        (nowhere, "Connection refused"),
        (
            "mysql://root@127.0.0.1/none",
            "DATABASE_URL is not a PostgreSQL URL",
        ),
    ] {
        let env = [("DATABASE_URL", url), ("KEYLEDGER_LISTEN", "127.0.0.1:0")];
        let (success, _, error) = run_with(folder.path(), &env, &["serve"]);
        assert!(!success && error.contains(reason), "{error}");
        assert!(!error.contains("secret-word"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_holds_at_every_node_and_its_end_as_well() {
    let fleet = Fleet::of(2).await;
    fleet.nodes[0].invite("ann@example.com", "writer").await;
    let cookie = fleet.nodes[0].cookie("ann@example.com").await;
    fleet.settle().await;
    let there = fleet.nodes[1].anonymous();
    let there = there
        .with("Cookie", &cookie)
        .with("Origin", &fleet.nodes[1].url());
    there.get("/api/v2/caller-identity").await.expect(200);
    there.delete("/session").await.expect(204);
    let here = fleet.nodes[0].anonymous().with("Cookie", &cookie);
    let here = here.with("Origin", &fleet.nodes[0].url());
    here.get("/api/v2/caller-identity").await.expect(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_at_one_node_is_seen_at_the_other() {
    let fleet = Fleet::of(2).await;
    let (member, ann) = fleet.nodes[0].member("ann@example.com", "writer").await;
    let (id, secret) = make_token(&ann, json!({"role": "reader"})).await;
    fleet.settle().await;
    let itself = fleet.nodes[0].anonymous().token(&secret);
    itself.get("/api/v2/caller-identity").await.expect(200);
    let there = fleet.nodes[1].owner();
    let began = Instant::now();
    loop {
        let token = there.get(&format!("/api/v2/tokens/{id}")).await.expect(200);
        let seen = there
            .get(&format!("/api/v2/members/{member}"))
            .await
            .expect(200);
        let by_token = seen.json["_lastSeenMetadata"]["tokenId"] == json!(id);
        if token.json["lastUsed"].is_i64() && by_token {
            return;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{} {}",
            token.body,
            seen.body
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
