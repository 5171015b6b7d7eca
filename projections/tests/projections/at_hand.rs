//! A follower that is handed what its own process appended, and what others write meanwhile.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use keyledger_eventstore::{Durability, EventLog, Position, SqliteLog};
use keyledger_projections::Follower;
use tokio::sync::watch;
use tokio::time::Instant;

use super::follower::{append, clock, grown};
use super::world::{START_MS, empty_live};

// Time passes only when nothing is to be done, so that what is waited for can be told from what is not.
#[tokio::test(start_paused = true)]
async fn what_is_at_hand_hides_nobody_s_events_and_is_no_word_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let own = SqliteLog::open(&path, Durability::Normal).await.unwrap();
    let own: Arc<dyn EventLog> = Arc::new(own);
    // As another node has it.
    let others = SqliteLog::open(&path, Durability::Normal).await.unwrap();
    let world = grown();
    let mut events = world.log.iter().map(append);
    let mut next = || [events.next().unwrap()];

    let (clock, now) = clock();
    let live = Arc::new(empty_live());
    let (head, hints) = watch::channel(Position::ZERO);
    let follower = Follower::spawn(Arc::clone(&own), Arc::clone(&live), hints, clock);
    let reach = async |position: i64| {
        let began = Instant::now();
        let position = Position::new(position);
        head.send_replace(position);
        assert!(live.wait_for(position, Duration::from_secs(9)).await);
        let took = began.elapsed();
        // Until nothing is left to be done.
        tokio::time::sleep(Duration::from_millis(1)).await;
        took
    };
    own.append(&next(), START_MS).await.unwrap();
    reach(1).await;
    assert_eq!(follower.last_heard_ms(), START_MS);

    // Its own, which is at hand, is taken without a word of the log.
    now.store(START_MS + 249, Ordering::SeqCst);
    own.append(&next(), START_MS).await.unwrap();
    assert_eq!(own.read_recent(Position::new(1), 9).await.unwrap().len(), 1);
    reach(2).await;
    assert_eq!(follower.last_heard_ms(), START_MS);

    // One of its own and one of others: the hint leads further than what is at hand, and is not waited out.
    own.append(&next(), START_MS).await.unwrap();
    others.append(&next(), START_MS).await.unwrap();
    assert_eq!(own.read_recent(Position::new(2), 9).await.unwrap().len(), 1);
    assert!(reach(4).await < Duration::from_millis(100));

    // What follows on others' is read, and so is everything once the log was not heard of for long.
    own.append(&next(), START_MS).await.unwrap();
    assert!(
        own.read_recent(Position::new(3), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(reach(5).await < Duration::from_millis(100));
    now.store(START_MS + 1_000, Ordering::SeqCst);
    own.append(&next(), START_MS).await.unwrap();
    reach(6).await;
    assert_eq!(follower.last_heard_ms(), START_MS + 1_000);
    assert_eq!(follower.failed(), None);
}
