//! An index that starts from a snapshot is the one that starts from the first event.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyledger_domain::policy::Resource;
use keyledger_eventstore::{EventLog, Position};
use keyledger_projections::{
    Live, SnapshotFileError, Snapshots, catch_up, discard_snapshot, keep_snapshot, start_from,
};
use proptest::prelude::*;

use super::harness::{PROBES, Step};
use super::memory_log::MemoryLog;
use super::simulation::check::same;
use super::world::{World, empty_live};

fn grown(steps: &[Step]) -> World {
    let mut world = World::new();
    for step in steps {
        world.step(*step);
    }
    world
}

fn many() -> World {
    let steps: Vec<Step> = (0..=255_u8)
        .map(|n| (n.wrapping_mul(7), n, n.wrapping_mul(13), n.wrapping_mul(29)))
        .collect();
    grown(&steps)
}

/// Every secret and every question has the same answer, at moments before and after secrets end.
fn same_answers(world: &World, one: &Live, other: &Live) {
    same(world.account, one, other);
    assert_eq!(
        one.find_email("owner1@example.com"),
        other.find_email("owner1@example.com")
    );
    for later_ms in [0, 3_600_000, 400_000_000_000] {
        let now_ms = world.now_ms + later_ms;
        for (_, secret, _) in &world.secrets {
            let answers = |live: &Live| format!("{:?}", live.authenticate(secret, now_ms));
            assert_eq!(answers(one), answers(other));
            for (action, resource) in PROBES {
                let resource = Resource::parse(resource).unwrap();
                let answers = |live: &Live| live.decide(secret, action, &resource, now_ms);
                assert_eq!(answers(one), answers(other));
            }
        }
    }
}

async fn compare(world: &World, cut: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.snapshot");
    let before = MemoryLog(world.log[..cut].to_vec());
    let kept = keep_snapshot(&before, &empty_live(), &path).await.unwrap();
    assert_eq!(kept, Position::new(i64::try_from(cut).unwrap()));
    let log = MemoryLog(world.log.clone());
    let (live, whole) = (Arc::new(empty_live()), Arc::new(empty_live()));
    assert_eq!(start_from(&log, &live, &path).await.unwrap(), kept);
    catch_up(&log, &whole).await.unwrap();
    same_answers(world, &live, &whole);
    // One that is made of the last one is the one that is made of the log.
    let again = folder.path().join("again.snapshot");
    keep_snapshot(&log, &live, &path).await.unwrap();
    keep_snapshot(&log, &live, &again).await.unwrap();
    let (one, other) = (Arc::new(empty_live()), Arc::new(empty_live()));
    start_from(&log, &one, &path).await.unwrap();
    start_from(&log, &other, &again).await.unwrap();
    same_answers(world, &one, &other);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_snapshot_and_the_events_after_it_are_the_whole_log(
        steps in prop::collection::vec(any::<Step>(), 1..60),
        part in any::<prop::sample::Index>(),
    ) {
        let world = grown(&steps);
        let cut = 1 + part.index(world.log.len());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(compare(&world, cut));
    }
}

#[tokio::test]
async fn a_long_history_comes_back_whole() {
    let world = many();
    for cut in [3, world.log.len() / 2, world.log.len()] {
        compare(&world, cut).await;
    }
}

async fn starts_anew(log: &dyn EventLog, world: &World, path: &Path) {
    let (live, whole) = (Arc::new(empty_live()), Arc::new(empty_live()));
    let from = start_from(log, &live, path).await.unwrap();
    assert_eq!(from, Position::ZERO);
    assert!(!path.exists(), "it is thrown away");
    catch_up(log, &whole).await.unwrap();
    same_answers(world, &live, &whole);
}

#[tokio::test]
async fn a_snapshot_that_is_damaged_cut_off_or_of_another_log_costs_a_replay() {
    let world = many();
    let log = MemoryLog(world.log.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.snapshot");
    keep_snapshot(&log, &empty_live(), &path).await.unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let good = std::fs::read(&path).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..good.len())
        .step_by(good.len() / 40)
        .map(|at| {
            let mut bytes = good.clone();
            bytes[at] ^= 0x10;
            bytes
        })
        .collect();
    for length in [0, 15, 16, 47, 48, good.len() - 1] {
        damaged.push(good[..length].to_vec());
    }
    for bytes in damaged {
        std::fs::write(&path, bytes).unwrap();
        starts_anew(&log, &world, &path).await;
    }
    let mut other = World::with_seed(2);
    other.invite("reader");
    let another = MemoryLog(other.log.clone());
    std::fs::write(&path, &good).unwrap();
    starts_anew(&another, &other, &path).await;
    // A log that was put back to an earlier state has no event there.
    let shorter = MemoryLog(world.log[..world.log.len() - 1].to_vec());
    std::fs::write(&path, &good).unwrap();
    let live = Arc::new(empty_live());
    assert_eq!(
        start_from(&shorter, &live, &path).await.unwrap(),
        Position::ZERO
    );
    assert!(!path.exists());
    let nowhere = folder.path().join("no/such/folder");
    let refused = keep_snapshot(&log, &empty_live(), &nowhere).await;
    assert!(
        matches!(refused, Err(SnapshotFileError::Io(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_snapshot_is_kept_when_it_is_due_and_made_anew_after_an_erasure() {
    let world = many();
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog(world.log.clone()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.snapshot");
    let live = Arc::new(empty_live());
    start_from(log.as_ref(), &live, &path).await.unwrap();
    let erasures = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&erasures);
    let spawn = |every: u32, last: Position| {
        let counted = Arc::clone(&counted);
        let erasures = move || counted.load(Ordering::SeqCst);
        let (log, live) = (Arc::clone(&log), Arc::clone(&live));
        Snapshots::spawn(log, live, path.clone(), (every, last), erasures)
    };
    let due = u32::try_from(world.log.len()).unwrap();
    let not_yet = spawn(due + 1, Position::ZERO);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!path.exists());
    not_yet.close();
    let now = spawn(due, Position::ZERO);
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    now.close();
    // What was there before somebody was erased goes, though no new one is due.
    erasures.store(1, Ordering::SeqCst);
    let after = spawn(due + 1, live.position());
    while path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    after.close();
}

#[test]
fn what_is_discarded_is_overwritten_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.snapshot");
    discard_snapshot(&path).unwrap();
    std::fs::write(&path, b"ann@example.com").unwrap();
    // Another name of the same bytes shows what became of them.
    let same = folder.path().join("same");
    std::fs::hard_link(&path, &same).unwrap();
    discard_snapshot(&path).unwrap();
    assert!(!path.exists());
    assert_eq!(std::fs::read(&same).unwrap(), [0; 15]);
}
