//! The past from snapshots, memory and log, against a plain fold of the prefix.

use std::sync::Arc;

use keyledger_domain::ids::AccountId;
use keyledger_domain::state::State;
use keyledger_eventstore::{Position, StoredEvent};
use keyledger_projections::{Past, PastError, PastEvent};
use proptest::prelude::*;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use super::harness::Step;
use super::memory_log::MemoryLog;
use super::world::World;

const SCHEMA: &str = include_str!("../../../migrations/sqlite/past/0001_past.sql");

async fn store() -> SqlitePool {
    let options = SqliteConnectOptions::new().in_memory(true);
    let pool = sqlx::sqlite::SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::raw_sql(SCHEMA).execute(&pool).await.unwrap();
    pool
}

/// The whole account by folding the prefix, event by event.
fn folded(log: &[StoredEvent], account: AccountId, at: usize) -> State {
    let mut state = State::default();
    for stored in log[..at].iter().filter(|one| one.stream.account == account) {
        let event = PastEvent::of(stored.clone()).unwrap();
        event.fold_into(&mut state).unwrap();
    }
    state
}

fn assert_same(found: &State, expected: &State) {
    assert_eq!(found.account, expected.account);
    assert_eq!(found.members, expected.members);
    assert_eq!(found.roles, expected.roles);
    assert_eq!(found.teams, expected.teams);
    assert_eq!(
        found.owner().map(|owner| owner.id),
        expected.owner().map(|owner| owner.id)
    );
    assert!(found.tokens.is_empty());
}

fn past_of(log: &[StoredEvent], store: &SqlitePool) -> Past {
    Past::new(Arc::new(MemoryLog(log.to_vec())), Some(store.clone())).snapshot_every(7)
}

async fn check(world: &World, positions: &[prop::sample::Index]) {
    let store = store().await;
    let past = past_of(&world.log, &store);
    for (number, position) in positions.iter().enumerate() {
        let at = position.index(world.log.len() + 1);
        let expected = folded(&world.log, world.account, at);
        let at = Position::new(i64::try_from(at).unwrap());
        let ground = past.ground(world.account, at).await.unwrap();
        assert_same(&ground, &expected);
        for id in world.tokens() {
            let token = past.token(world.account, id, at).await.unwrap();
            assert_eq!(token.as_ref(), expected.tokens.get(&id));
        }
        // Another node starts, with nothing but the snapshots.
        if number % 3 == 2 {
            let other = past_of(&world.log, &store);
            let ground = other.ground(world.account, at).await.unwrap();
            assert_same(&ground, &expected);
        }
    }
    let mut seen = 0;
    let end = Position::new(i64::try_from(world.log.len()).unwrap());
    let all = (Position::ZERO, end);
    let counted = past.each::<PastError>(world.account, true, all, |_| {
        seen += 1;
        Ok(())
    });
    counted.await.unwrap();
    assert_eq!(seen, world.log.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_moment_is_a_fold_of_the_prefix(
        steps in prop::collection::vec(any::<Step>(), 1..128),
        positions in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(check(&world, &positions));
    }
}

/// An account with some roles, whose ground has at least twenty events.
fn busy() -> World {
    let mut world = World::new();
    for _ in 0..20 {
        world.invite("writer");
    }
    world
}

async fn count(store: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM snapshot")
        .fetch_one(store)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_snapshot_of_another_log_or_with_damaged_bytes_is_thrown_away() {
    let end = |world: &World| Position::new(i64::try_from(world.log.len()).unwrap());
    for sql in [
        "UPDATE snapshot SET log_hash = zeroblob(32)",
        "UPDATE snapshot SET bytes = zeroblob(length(bytes))",
        "UPDATE snapshot SET digest = zeroblob(32)",
    ] {
        let (world, store) = (busy(), store().await);
        let first = past_of(&world.log, &store);
        first.ground(world.account, end(&world)).await.unwrap();
        assert!(count(&store).await > 0);
        sqlx::query(sql).execute(&store).await.unwrap();
        let other = Past::new(Arc::new(MemoryLog(world.log.clone())), Some(store.clone()));
        let ground = other.ground(world.account, end(&world)).await.unwrap();
        let expected = folded(&world.log, world.account, world.log.len());
        assert_same(&ground, &expected.without_tokens());
        assert_eq!(count(&store).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn snapshots_of_one_account_stay_few_and_the_newest_stays() {
    let (world, store) = (busy(), store().await);
    let past = Past::new(Arc::new(MemoryLog(world.log.clone())), Some(store.clone()));
    let past = past.snapshot_every(1);
    let head = world.log.len();
    for round in 0..10 {
        // The memory is forgotten, not the snapshots: each round keeps some again.
        let fresh = Past::new(Arc::new(MemoryLog(world.log.clone())), Some(store.clone()));
        let fresh = fresh.snapshot_every(1);
        for at in 1..=head {
            let at = Position::new(i64::try_from(at).unwrap());
            let past = if round % 2 == 0 { &past } else { &fresh };
            past.ground(world.account, at).await.unwrap();
        }
        assert!(count(&store).await <= 64);
    }
    let newest: i64 = sqlx::query_scalar("SELECT max(position) FROM snapshot")
        .fetch_one(&store)
        .await
        .unwrap();
    assert_eq!(usize::try_from(newest).unwrap(), head);
    past.forget(&[world.account]).await;
    assert_eq!(count(&store).await, 0);
}

#[tokio::test]
async fn an_account_that_is_not_there_yet_is_empty() {
    let world = World::new();
    let store = store().await;
    let past = past_of(&world.log, &store);
    let ground = past.ground(world.account, Position::ZERO).await.unwrap();
    assert_same(&ground, &State::default());
    let stranger = AccountId::from_bytes([77; 12]);
    let ground = past.ground(stranger, Position::new(3)).await.unwrap();
    assert_same(&ground, &State::default());
}
