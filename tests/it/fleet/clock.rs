//! Clocks that jump: a node's time of day goes a day forward and a day back, under load.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use keyledger_test_postgres::{connect, fresh_database};
use serde_json::json;

use super::Fleet;
use super::load::Load;
use crate::support::{Server, make_token};

const DAY_MS: i64 = 86_400_000;

/// Debian's library that stands between a program and its clock.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let name = "faketime/libfaketimeMT.so.1";
    let mut found = folders.map(|folder| folder.path().join(name));
    found
        .find(|library| library.exists())
        .expect("libfaketime is not installed: run `make test-deps`")
}

/// Sets the clock, relative to the true time.
fn set(file: &Path, offset: &str) {
    // In one step: the node reads it each time that it asks for the time.
    let next = file.with_extension("next");
    std::fs::write(&next, offset).unwrap();
    std::fs::rename(next, file).unwrap();
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_stops_nobody_and_the_logs_time_never_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offset");
    set(&file, "+0");
    let url = fresh_database().await;
    let mut fleet = Fleet::over(&url, 1, &[]).await;
    let library = faketime();
    let jumping = [
        ("DATABASE_URL", url.as_str()),
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", file.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let node = Server::join(&fleet.nodes[0], &jumping).await;
    fleet.nodes.push(node);
    let load = Load::start(&fleet.owners(), 8);
    let (id, secret) = make_token(&fleet.nodes[0].owner(), json!({"role": "reader"})).await;
    load.more(30).await;
    for offset in ["+1d", "-1d", "+0"] {
        set(&file, offset);
        load.more(30).await;
        for node in &fleet.nodes {
            let itself = node.anonymous().token(&secret);
            itself.get("/api/v2/caller-identity").await.expect(200);
        }
    }
    // A revocation still reaches the node whose clock jumped.
    let path = format!("/api/v2/tokens/{id}");
    fleet.nodes[0].owner().delete(&path).await.expect(204);
    let itself = fleet.nodes[1].anonymous().token(&secret);
    let began = Instant::now();
    while itself.get("/api/v2/caller-identity").await.status == 200 {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let written = load.stop().await;
    assert_eq!(written.failures, 0, "a clock is no reason to fail");
    let (head, last): (i64, i64) =
        sqlx::query_as("SELECT max(position), max(recorded_at_ms) FROM keyledger.event")
            .fetch_one(&mut connect(&url).await)
            .await
            .unwrap();
    assert!(last > now_ms() + DAY_MS / 2, "the jump was in the log");
    let back: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM keyledger.event AS e JOIN keyledger.event AS f
         ON f.log = e.log AND f.position = e.position + 1
         WHERE f.recorded_at_ms < e.recorded_at_ms",
    )
    .fetch_one(&mut connect(&url).await)
    .await
    .unwrap();
    assert_eq!(back, 0, "of {head}");
}
