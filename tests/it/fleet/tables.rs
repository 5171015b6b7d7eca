//! The SQL tables of the database: one node at a time fills them, whatever becomes of the nodes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sqlx::{Executor as _, PgConnection};

use super::Fleet;
use super::load::{Load, Written};

const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that finds the tables, as an analyst's would.
pub async fn analyst(url: &str) -> PgConnection {
    let mut analyst = keyledger_test_postgres::connect(url).await;
    let path = "SET search_path = keyledger_projections";
    analyst.execute(path).await.unwrap();
    analyst
}

/// Waits until the tables are as far as the log.
pub async fn are_up_to_date(analyst: &mut PgConnection) -> i64 {
    let began = Instant::now();
    loop {
        let head: i64 = sqlx::query_scalar("SELECT position FROM keyledger.log_head")
            .fetch_one(&mut *analyst)
            .await
            .unwrap();
        let filled: Option<i64> = sqlx::query_scalar("SELECT position FROM projection")
            .fetch_optional(&mut *analyst)
            .await
            .unwrap();
        if filled == Some(head) {
            return head;
        }
        assert!(began.elapsed() < PATIENCE, "nobody fills the tables");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Which node fills them.
async fn filler(analyst: &mut PgConnection) -> Option<String> {
    sqlx::query_scalar(
        "SELECT node FROM projector
         WHERE until_ms > extract(epoch FROM clock_timestamp()) * 1000",
    )
    .fetch_optional(analyst)
    .await
    .unwrap()
}

/// Every event has its entry, every token its row, and each once.
async fn hold(analyst: &mut PgConnection, written: &Written) {
    let head = are_up_to_date(analyst).await;
    let (count, last): (i64, i64) =
        sqlx::query_as("SELECT count(*), max(position) FROM audit_entry")
            .fetch_one(&mut *analyst)
            .await
            .unwrap();
    assert_eq!((count, last), (head, head));
    let rows = sqlx::query_as("SELECT name, token_id, created_position FROM token_overview AS o JOIN token USING (account_id, token_id, name)")
        .fetch_all(&mut *analyst)
        .await
        .unwrap();
    written.is_what_the_rows_say(rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_is_followed_by_another_and_each_event_counts_once() {
    let mut fleet = Fleet::of(3).await;
    let mut analyst = analyst(&fleet.url).await;
    let load = Load::start(&fleet.owners(), 16);
    let mut fillers = BTreeSet::new();
    for round in 0..3 {
        load.more(100).await;
        are_there(&mut analyst, &mut fillers).await;
        fleet.nodes[round].kill();
        load.more(100).await;
        fleet.nodes[round].start_again_there().await;
    }
    let written = load.stop().await;
    hold(&mut analyst, &written).await;
    are_there(&mut analyst, &mut fillers).await;
    assert!(fillers.len() > 1, "one of the killed had the word");
}

/// Waits until somebody fills them, and notes who.
async fn are_there(analyst: &mut PgConnection, fillers: &mut BTreeSet<String>) {
    let began = Instant::now();
    loop {
        if let Some(node) = filler(analyst).await {
            fillers.insert(node);
            return;
        }
        assert!(began.elapsed() < PATIENCE, "nobody fills the tables");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stood_still_for_longer_than_its_word_holds_doubles_nothing() {
    let fleet = Fleet::of(2).await;
    let mut analyst = analyst(&fleet.url).await;
    let load = Load::start(&fleet.owners(), 8);
    load.more(50).await;
    let before = filler(&mut analyst).await.expect("somebody fills them");
    let mut stood_still = 0;
    for node in &fleet.nodes {
        node.signal("-STOP");
        let began = Instant::now();
        // Longer than the word holds; whoever has it has it no more.
        while began.elapsed() < Duration::from_secs(8) {
            if filler(&mut analyst).await.is_some_and(|now| now != before) {
                stood_still += 1;
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        node.signal("-CONT");
        if stood_still > 0 {
            break;
        }
    }
    assert_eq!(stood_still, 1, "the word went over");
    load.more(50).await;
    let written = load.stop().await;
    hold(&mut analyst, &written).await;
}
