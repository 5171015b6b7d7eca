//! The tables are computed anew beside those that are in use, while a thousand commands a second go on.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyledger_domain::event::{By, Event, TokenUpdated};
use keyledger_domain::scope::TokenKind;
use keyledger_eventstore::{Append, Durability, EventLog, Position, SqliteLog, StoredEvent};
use keyledger_projections::{
    FollowError, Projector, Rebuild, Tables, TablesError, catch_up_tables,
};
use tokio::sync::watch;
use tokio::time::Instant;

use super::dump::dump;
use super::follower::append;
use super::memory_log::MemoryLog;
use super::tables::grown;
use super::world::START_MS;

const PATIENCE: Duration = Duration::from_secs(60);
/// Commands in one commit of the load, and how often one is made: a thousand a second.
const TOGETHER: usize = 10;
const EVERY: Duration = Duration::from_millis(10);
/// What the load keeps for the time after the exchange: a machine on which the rebuild is no faster than the load has to
/// catch up without it.
const AFTER: usize = 3_000;
/// What the log holds before the load begins.
const BEFORE: usize = 3_000;

/// All kinds of events, then tokens that come, change and go.
fn long(events: usize) -> Vec<StoredEvent> {
    let mut world = grown();
    while world.log.len() < events {
        let (id, _) = world.token(&world.owner(), TokenKind::Service, "writer", None);
        let renamed = TokenUpdated {
            id,
            name: Some("Renamed".to_owned()),
            description: None,
            scope: None,
            bounds: Vec::new(),
            expiry_ms: None,
            default_api_version: None,
        };
        world.happen(&Event::TokenUpdated(renamed), By::Operator);
    }
    world.log
}

/// Appends at the pace until it is told to stop or has nothing left; how many events were acknowledged, and how many
/// a second.
async fn load(
    log: Arc<SqliteLog>,
    rest: Vec<StoredEvent>,
    head: watch::Sender<Position>,
    (exchanged, stop): (Arc<AtomicBool>, Arc<AtomicBool>),
) -> (usize, f64) {
    let mut pace = tokio::time::interval(EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let begin = Instant::now();
    let mut acknowledged = 0;
    for commands in rest.chunks(TOGETHER) {
        while acknowledged + AFTER > rest.len() && !exchanged.load(Ordering::SeqCst) {
            tokio::time::sleep(EVERY).await;
        }
        if stop.load(Ordering::SeqCst) {
            break;
        }
        pace.tick().await;
        let batch: Vec<Append> = commands.iter().map(append).collect();
        for answer in log.append(&batch, START_MS).await.unwrap() {
            head.send_replace(answer.unwrap().last);
            acknowledged += 1;
        }
    }
    (
        acknowledged,
        acknowledged as f64 / begin.elapsed().as_secs_f64(),
    )
}

async fn fresh(log: &dyn EventLog, folder: &Path) -> Vec<String> {
    let path = folder.join("fresh.db");
    let tables = Tables::open(&path).await.unwrap();
    catch_up_tables(log, &tables, 0).await.unwrap();
    tables.close().await;
    dump(&path).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_while_a_thousand_commands_a_second_go_on_loses_nothing() {
    let events = long(40_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projections.db");
    let log_path = folder.path().join("log.db");
    let log = SqliteLog::open(&log_path, Durability::Full).await.unwrap();
    let log = Arc::new(log);
    let (before, rest) = events.split_at(BEFORE);
    for part in before.chunks(1_000) {
        let batch: Vec<Append> = part.iter().map(append).collect();
        log.append(&batch, START_MS).await.unwrap();
    }
    let tables = Tables::open(&path).await.unwrap();
    let (head, followed) = watch::channel(Position::new(BEFORE as i64));
    let port: Arc<dyn EventLog> = log.clone();
    let projector = Projector::spawn(port, tables.clone(), followed, Arc::new(|| START_MS));
    let (exchanged, stop) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let flags = (exchanged.clone(), stop.clone());
    let loading = tokio::spawn(load(log.clone(), rest.to_vec(), head, flags));
    assert!(
        tables
            .wait_for(Position::new(BEFORE as i64 + 200), PATIENCE)
            .await
    );

    // Interrupted after some batches; and only one at a time may go on.
    let mut rebuild = Rebuild::begin(&path, log.as_ref()).await.unwrap();
    assert_eq!((rebuild.number(), rebuild.begun_at()), (2, Position::ZERO));
    assert!(rebuild.step(log.as_ref(), START_MS).await.unwrap());
    let twice = Rebuild::begin(&path, log.as_ref()).await;
    let busy = matches!(
        twice.err(),
        Some(FollowError::Tables(TablesError::Storage(_)))
    );
    assert!(busy);
    let reached = rebuild.position();
    drop(rebuild);
    let mut rebuild = Rebuild::begin(&path, log.as_ref()).await.unwrap();
    assert_eq!((rebuild.number(), rebuild.begun_at()), (2, reached));
    while rebuild.step(log.as_ref(), START_MS).await.unwrap() {}
    let computed = rebuild.position();
    assert!(computed > Position::new(BEFORE as i64), "{computed}");
    rebuild.swap().await.unwrap();
    exchanged.store(true, Ordering::SeqCst);

    // The load goes on over the exchange, and ends.
    assert!(
        tables
            .wait_for(Position::new(computed.get() + 500), PATIENCE)
            .await
    );
    stop.store(true, Ordering::SeqCst);
    let (acknowledged, a_second) = loading.await.unwrap();
    println!("rebuilt under {a_second:.0} commands a second");
    let end = log.head().await.unwrap().position;
    assert_eq!(end.get(), (BEFORE + acknowledged) as i64);
    assert!(tables.wait_for(end, PATIENCE).await);
    assert_eq!(projector.failed(), None);

    // What is read is the new generation, and it is what the log says.
    let second = folder.path().join("projections-2.db");
    assert_eq!(
        std::fs::read_link(&path).unwrap().as_path(),
        Path::new("projections-2.db")
    );
    assert!(second.exists());
    projector.close().await;
    tables.close().await;
    let (taken, expected) = (dump(&path).await, fresh(log.as_ref(), folder.path()).await);
    assert!(taken.len() > BEFORE + acknowledged);
    assert_eq!(taken, expected);
    // The first generation is gone, with all that SQLite kept beside it.
    let left = || std::fs::read_dir(folder.path()).unwrap().flatten();
    while left().any(|entry| entry.file_name() == "projections.db-wal") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_a_rebuild_left_and_cannot_be_used_is_thrown_away() {
    let world = grown();
    let log = MemoryLog(world.log);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projections.db");
    Tables::open(&path).await.unwrap().close().await;
    std::fs::write(
        folder.path().join("projections-2.db"),
        "no SQLite file, but as long as a header ".repeat(9),
    )
    .unwrap();
    let mut rebuild = Rebuild::begin(&path, &log).await.unwrap();
    assert_eq!(rebuild.begun_at(), Position::ZERO);
    while rebuild.step(&log, 0).await.unwrap() {}
    rebuild.swap().await.unwrap();
    let tables = Tables::open(&path).await.unwrap();
    assert_eq!(tables.position(), log.head().await.unwrap().position);
    tables.close().await;
    assert_eq!(dump(&path).await, fresh(&log, folder.path()).await);
}

#[tokio::test]
async fn a_rebuild_of_a_log_that_was_put_back_begins_again() {
    let world = grown();
    let half = MemoryLog(world.log[..world.log.len() / 2].to_vec());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projections.db");
    Tables::open(&path).await.unwrap().close().await;
    let whole = MemoryLog(world.log);
    let mut rebuild = Rebuild::begin(&path, &whole).await.unwrap();
    while rebuild.step(&whole, 0).await.unwrap() {}
    drop(rebuild);
    // Its cursor is beyond the end of what the log is now.
    let mut rebuild = Rebuild::begin(&path, &half).await.unwrap();
    assert_eq!(rebuild.begun_at(), Position::ZERO);
    while rebuild.step(&half, 0).await.unwrap() {}
    rebuild.swap().await.unwrap();
    assert_eq!(dump(&path).await, fresh(&half, folder.path()).await);
}
