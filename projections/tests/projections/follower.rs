//! Follower and projector on a real log, with its writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keyledger_domain::ids::AccountId;
use keyledger_eventstore::{
    Append, Clock, Durability, EventLog, NewEvent, Position, SqliteLog, StoredEvent, Writer,
    WriterLimits,
};
use keyledger_projections::{
    FollowError, Follower, Page, Projector, Tables, TokenFilter, catch_up, catch_up_tables,
};
use tokio::sync::watch;

use super::harness::Step;
use super::memory_log::MemoryLog;
use super::world::{START_MS, World, empty_live};

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn append(stored: &StoredEvent) -> Append {
    Append {
        events: vec![NewEvent {
            id: stored.id,
            stream: stored.stream,
            event_type: stored.event_type.clone().into(),
            schema_version: stored.schema_version,
            payload: stored.payload.clone(),
            metadata: stored.metadata.clone(),
        }],
        ..Append::default()
    }
}

pub(super) fn clock() -> (Clock, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(START_MS));
    let read = Arc::clone(&now);
    (Arc::new(move || read.load(Ordering::SeqCst)), now)
}

pub(super) fn grown() -> World {
    let mut world = World::new();
    for n in 0..=255_u8 {
        let step: Step = (n.wrapping_mul(7), n, n.wrapping_mul(13), n.wrapping_mul(29));
        world.step(step);
    }
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_follow_what_a_writer_appends() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(&folder.path().join("log.db"), Durability::Normal)
        .await
        .unwrap();
    let log: Arc<dyn EventLog> = Arc::new(log);
    let world = grown();
    let (first, rest) = world.log.split_at(world.log.len() / 2);
    let batch: Vec<Append> = first.iter().map(append).collect();
    log.append(&batch, START_MS).await.unwrap();

    let (clock, now) = clock();
    let live = Arc::new(empty_live());
    catch_up(log.as_ref(), &live).await.unwrap();
    assert_eq!(live.position().get(), first.len() as i64);
    let writer = Writer::spawn(
        Arc::clone(&log),
        Arc::clone(&clock),
        WriterLimits::default(),
    );
    let follower = Follower::spawn(
        Arc::clone(&log),
        Arc::clone(&live),
        writer.head(),
        Arc::clone(&clock),
    );
    let tables = Tables::open(&folder.path().join("projections.db"))
        .await
        .unwrap();
    let projector = Projector::spawn(Arc::clone(&log), tables.clone(), writer.head(), clock);
    for stored in rest {
        writer.append(append(stored)).await.unwrap();
    }
    let end = Position::new(world.log.len() as i64);
    assert!(live.wait_for(end, PATIENCE).await);
    assert!(tables.wait_for(end, PATIENCE).await);
    assert!(!live.wait_for(end.next(), Duration::from_millis(5)).await);
    assert!(follower.healthy(1_000));
    assert_eq!((follower.failed(), projector.failed()), (None, None));

    // It goes on looking without being told.
    now.store(START_MS + 10_000, Ordering::SeqCst);
    while follower.last_heard_ms() < START_MS + 10_000 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(follower.healthy(1_000));
    // It looks four times a second: before it does again, what it knows is too old.
    now.store(START_MS + 20_001, Ordering::SeqCst);
    let too_old = !follower.healthy(10_000);
    assert!(too_old || follower.last_heard_ms() == START_MS + 20_001);
    for (id, secret, _) in &world.secrets {
        let found = live.authenticate(secret, START_MS);
        assert!(found.is_err() || found.is_ok_and(|caller| caller.token == *id));
    }
    let all = TokenFilter {
        all: true,
        own_member: None,
    };
    let page = Page {
        limit: 1,
        offset: 0,
    };
    let (_, total) = tables.list_tokens(world.account, &all, page).await.unwrap();
    assert_eq!(total, live.token_count() as u64);
    follower.close().await;
    projector.close().await;
    writer.close().await;
}

#[tokio::test]
async fn a_changed_event_stops_both() {
    let mut world = grown();
    let at = world.log.len() / 2;
    world.log[at].recorded_at_ms += 1;
    let log = Arc::new(MemoryLog(world.log));
    let live = Arc::new(empty_live());
    let error = catch_up(log.as_ref(), &live).await.unwrap_err();
    assert!(matches!(error, FollowError::ChainBroken(_)), "{error}");
    assert_eq!(live.position(), Position::new(at as i64));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projections.db");
    let tables = Tables::open(&path).await.unwrap();
    let error = catch_up_tables(log.as_ref(), &tables, 0).await.unwrap_err();
    assert!(matches!(error, FollowError::ChainBroken(_)), "{error}");

    let (_head, head) = watch::channel(Position::ZERO);
    let (clock, _) = clock();
    let live = Arc::new(empty_live());
    let follower = Follower::spawn(log, live, head, clock);
    while follower.failed().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!follower.healthy(1_000));
    follower.close().await;
}

#[tokio::test]
async fn tables_that_are_ahead_of_the_log_are_refused() {
    let mut world = grown();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projections.db");
    let tables = Tables::open(&path).await.unwrap();
    catch_up_tables(&MemoryLog(world.log.clone()), &tables, 0)
        .await
        .unwrap();
    world.log.truncate(10);
    let error = catch_up_tables(&MemoryLog(world.log), &tables, 0)
        .await
        .unwrap_err();
    assert!(matches!(error, FollowError::Ahead { .. }), "{error}");
}

#[tokio::test]
async fn a_handle_that_is_dropped_ends_its_task() {
    let (_head, head) = watch::channel(Position::ZERO);
    let (clock, _) = clock();
    let live = Arc::new(empty_live());
    let log = Arc::new(MemoryLog(World::new().log));
    let follower = Follower::spawn(log, Arc::clone(&live), head, clock);
    assert!(live.wait_for(Position::new(3), PATIENCE).await);
    drop(follower);
    while Arc::strong_count(&live) > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(live.accounts(), [AccountId::from_bytes([1; 12])]);
}
