//! The network between the nodes and the database fails.

use std::time::{Duration, Instant};

use keyledger_test_postgres::{Cut, Proxy, by_port, fresh_database, port_of};
use serde_json::json;

use super::Fleet;
use super::load::Load;
use crate::support::{Server, make_token};

/// How long something may take that a node does by itself.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_in_the_middle_of_commit_lose_and_double_nothing() {
    let url = fresh_database().await;
    let proxy = Proxy::start(port_of(&url)).await;
    let fleet = Fleet::over(&by_port(&url, proxy.port), 2, &[]).await;
    let load = Load::start(&fleet.owners(), 16);
    for round in 0..20 {
        // More at once than a writer tries: some clients are told that the outcome is unknown.
        let times = if round % 5 == 4 { 16 } else { 1 };
        proxy.cut_at_commit([Cut::After, Cut::Before][round % 2], times);
        load.more(20).await;
    }
    proxy.cut_at_commit(Cut::Before, 0);
    let written = load.stop().await;
    assert!(proxy.cuts() >= 20, "{} cuts", proxy.cuts());
    fleet.holds(&written, &url).await;
}

async fn until(node: &Server, status: u16) -> Duration {
    let began = Instant::now();
    while node.anonymous().get("/health/ready").await.status != status {
        assert!(
            began.elapsed() < PATIENCE,
            "not {status}: {}",
            node.stderr()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_fails_closed_and_recovers_by_itself() {
    let url = fresh_database().await;
    let first = Server::start_with(&[("DATABASE_URL", &url)]).await;
    let proxy = Proxy::start(port_of(&url)).await;
    let theirs = by_port(&url, proxy.port);
    let env = [
        ("DATABASE_URL", theirs.as_str()),
        ("KEYLEDGER_STALENESS_MAX_MS", "2000"),
        ("KEYLEDGER_WAIT_MAX_MS", "500"),
    ];
    let cut_off = Server::join(&first, &env).await;
    let (id, secret) = make_token(&first.owner(), json!({"role": "reader"})).await;
    let asked = json!({"token": secret, "action": "viewProject", "resource": "proj/default"});
    until(&cut_off, 200).await;
    let decided = async || cut_off.owner().post("/api/v2/decisions", &asked).await;
    // The token is known there before the network fails.
    let began = Instant::now();
    while decided().await.json["allowed"] != json!(true) {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    proxy.partition(true);
    first
        .owner()
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    // It cannot know that the token is dead; it must know in time that it does not know.
    until(&cut_off, 503).await;
    let refused = decided().await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    cut_off
        .owner()
        .post("/api/v2/tokens", &json!({"role": "reader"}))
        .await
        .expect(503);
    // The others go on.
    first.anonymous().get("/health/ready").await.expect(200);
    let (_, other) = make_token(&first.owner(), json!({"role": "reader"})).await;
    proxy.partition(false);
    until(&cut_off, 200).await;
    let began = Instant::now();
    while cut_off
        .anonymous()
        .token(&other)
        .get("/api/v2/caller-identity")
        .await
        .status
        != 200
    {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // It knows now that the token is dead, and takes writes again.
    let asked = decided().await.expect(200);
    assert_eq!(asked.json["allowed"], json!(false));
    make_token(&cut_off.owner(), json!({"role": "reader"})).await;
}
