//! Several nodes over one database, and a network between them that fails.

use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::postgres::{Pooling, spawn_hints};
use keyledger_eventstore::{EventLog as _, LogError, PostgresLog, Writer, WriterLimits};
use keyledger_test_postgres::{Cut, Proxy, by_port, port_of};
use sqlx::Executor as _;

use super::super::support::*;
use super::{Store, database, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_get_dense_positions_and_conflicts_are_told() {
    let store = Store::new().await;
    let (mut tasks, mut logs) = (Vec::new(), Vec::new());
    for node in 0..3_u32 {
        let log: Log = open(&store.url, Pooling::Session).await;
        let handle = Writer::spawn(log.clone(), clock(), WriterLimits::default());
        logs.push(log);
        for client in 0..8_u32 {
            let handle = handle.clone();
            tasks.push(tokio::spawn(async move {
                let mut last = 0;
                for version in 0..25 {
                    let stream = token(node * 100 + client);
                    let appended = handle.append(at(stream, version)).await.unwrap();
                    assert!(appended.first.get() > last);
                    last = appended.last.get();
                    // One stream that all of them write: who is late is refused, and nothing else.
                    let _either = handle.append(at(token(9_999), version)).await;
                }
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    // Verifies that positions, versions, times and hashes follow one another without a gap.
    assert_sound(&store.log()).await;
    let shared = store.log().read_stream(&token(9_999), None).await.unwrap();
    assert_eq!(shared.len(), 25);
    // What a node has at hand of its own events is what they became, whatever others wrote in between.
    let end = store.log().head().await.unwrap().position;
    for log in logs {
        let mut found = 0;
        for after in 0..end.get() {
            let at_hand = log.read_recent(p(after), 3).await.unwrap();
            if let Some(last) = at_hand.last() {
                let range = log.read_range(p(after + 1), last.position).await;
                assert_eq!(at_hand, range.unwrap());
                found += 1;
            }
        }
        assert!(found > 0);
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_in_the_middle_of_commit_doubles_and_loses_nothing() {
    let store = Store::new().await;
    let proxy = Proxy::start(port_of(&store.url)).await;
    let url = by_port(&store.url, proxy.port);
    let log: Log = open(&url, Pooling::Session).await;
    let handle = Writer::spawn(log.clone(), clock(), WriterLimits::default());
    for round in 0..20 {
        let cut = [Cut::Before, Cut::After][round % 2];
        proxy.cut_at_commit(cut, 1 + u32::try_from(round / 10).unwrap());
        let version = i64::try_from(round).unwrap();
        let request = keyed(at(token(1), version), &format!("key {round}"), 1);
        let appended = handle.append(request.clone()).await.unwrap();
        assert_eq!(appended.first, p(version + 1), "{cut:?}");
        // It is the first answer, not that to a repetition.
        assert!(!appended.replayed);
    }
    // Once in each of the first ten rounds. Of the others, what was cut before is cut twice, and what had happened is
    // found and not committed again.
    assert_eq!(proxy.cuts(), 10 + 5 * 2 + 5);
    assert_eq!(store.log().head().await.unwrap().position, p(20));
    assert_sound(&store.log()).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_of_unknown_outcome() {
    let store = Store::new().await;
    let proxy = Proxy::start(port_of(&store.url)).await;
    let log = open(&by_port(&store.url, proxy.port), Pooling::Session).await;
    for (cut, stored) in [(Cut::Before, 0), (Cut::After, 1)] {
        proxy.cut_at_commit(cut, 1);
        let request = some(token(1), 1);
        let lost = log.append(std::slice::from_ref(&request), 1).await;
        assert!(matches!(lost, Err(LogError::OutcomeUnknown(_))), "{lost:?}");
        assert_eq!(store.log().head().await.unwrap().position, p(stored));
    }
}

#[tokio::test]
async fn a_node_that_stops_in_the_middle_does_not_keep_the_others_out() {
    let store = Store::new().await;
    // What a node does that stops after it has locked the head.
    let mut stopped = store.raw().await;
    stopped
        .execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = '300ms'")
        .await
        .unwrap();
    stopped
        .execute("SELECT 1 FROM keyledger.log_head FOR UPDATE")
        .await
        .unwrap();
    let handle = Writer::spawn(store.log(), clock(), WriterLimits::default());
    let appended = handle.append(some(token(1), 1)).await.unwrap();
    assert_eq!(appended.first, p(1));
    // The setting is the append's own as well.
    let begin = include_str!("../../../src/postgres/sql/begin.sql");
    assert!(begin.contains("SET LOCAL idle_in_transaction_session_timeout = '5s'"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_is_a_hint_to_every_node() {
    let store = Store::new().await;
    for pooling in [Pooling::Session, Pooling::Transaction] {
        let writing = database(&store.url, pooling).await;
        let log = Arc::new(PostgresLog::open(&writing).await.unwrap());
        let handle = Writer::spawn(log, clock(), WriterLimits::default());
        let own = spawn_hints(&writing, handle.head());
        let other = database(&store.url, pooling).await;
        let (_quiet, no_writer) = tokio::sync::watch::channel(p(0));
        let mut heard = spawn_hints(&other, no_writer);
        let appended = handle.append(some(token(1), 1)).await.unwrap();
        let hint = heard.wait_for(|position| *position >= appended.last);
        tokio::time::timeout(Duration::from_secs(20), hint)
            .await
            .expect("no hint came")
            .unwrap();
        let mut own = own;
        own.wait_for(|position| *position >= appended.last)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn hints_are_heard_again_after_the_connection_was_cut() {
    let store = Store::new().await;
    let writing = database(&store.url, Pooling::Session).await;
    let handle = Writer::spawn(store.log(), clock(), WriterLimits::default());
    let _own = spawn_hints(&writing, handle.head());
    let proxy = Proxy::start(port_of(&store.url)).await;
    let node = database(&by_port(&store.url, proxy.port), Pooling::Session).await;
    let (_quiet, no_writer) = tokio::sync::watch::channel(p(0));
    let mut heard = spawn_hints(&node, no_writer);
    for round in 1..=3 {
        handle.append(some(token(1), 1)).await.unwrap();
        let hint = heard.wait_for(|position| *position == p(round));
        tokio::time::timeout(Duration::from_secs(20), hint)
            .await
            .expect("no hint came")
            .unwrap();
        proxy.cut_all();
    }
}
