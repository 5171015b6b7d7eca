//! A node: the real writer, the real follower, the real index, with a clock of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use keyledger_eventstore::{Clock, EventLog, Position, Recent, Writer, WriterHandle, WriterLimits};
use keyledger_projections::{Follower, FollowerHandle, Live};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use super::super::world::{START_MS, empty_live};
use super::link::{Link, Shared};
use super::rng::Rng;

/// One run of a node, from its start to its crash.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) writer: WriterHandle,
    pub(super) live: Arc<Live>,
    pub(super) follower: Arc<FollowerHandle>,
    pub(super) clock: Clock,
    pub(super) crashed: Arc<AtomicBool>,
}

/// Where the present run of a node is found.
pub(super) type Place = Arc<Mutex<Run>>;

/// A node.
pub(super) struct Node {
    run: Place,
    pub(super) skew_ms: Arc<AtomicI64>,
    pub(super) cut_off: Arc<Mutex<bool>>,
}

fn clock(skew_ms: &Arc<AtomicI64>, began: Instant) -> Clock {
    let skew_ms = Arc::clone(skew_ms);
    Arc::new(move || {
        let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
        START_MS + passed + skew_ms.load(Ordering::SeqCst)
    })
}

fn start(
    shared: &Arc<Shared>,
    mut rng: Rng,
    (skew_ms, cut_off): (&Arc<AtomicI64>, &Arc<Mutex<bool>>),
) -> Run {
    let crashed = Arc::new(AtomicBool::new(false));
    let log: Arc<dyn EventLog> = Arc::new(Link {
        shared: Arc::clone(shared),
        rng: Mutex::new(rng.fork()),
        crashed: Arc::clone(&crashed),
        cut_off: Arc::clone(cut_off),
        recent: Recent::default(),
    });
    let clock = clock(skew_ms, shared.committed.lock()[0]);
    let live = Arc::new(empty_live());
    let writer = Writer::spawn(
        Arc::clone(&log),
        Arc::clone(&clock),
        WriterLimits {
            // Small, so that batches are cut in many ways.
            queue_max: 64,
            batch_requests_max: 1 + usize::try_from(rng.below(4)).unwrap(),
            batch_bytes_max: 1 << 20,
        },
    );
    // Some hints are lost, and the others come late.
    let (told, hints) = watch::channel(Position::ZERO);
    let (mut own, lost) = (writer.head(), shared.faults.hint_lost_one_in);
    tokio::spawn(async move {
        while own.changed().await.is_ok() {
            let position = *own.borrow_and_update();
            tokio::time::sleep(Duration::from_millis(rng.below(20))).await;
            if !rng.one_in(lost) {
                told.send_replace(position);
            }
        }
    });
    // How old the index is does not depend on the time of day.
    let steady = self::clock(&Arc::default(), shared.committed.lock()[0]);
    let follower = Follower::spawn(Arc::clone(&log), Arc::clone(&live), hints, steady);
    Run {
        log,
        writer,
        live,
        follower: Arc::new(follower),
        clock,
        crashed,
    }
}

impl Node {
    pub(super) fn start(shared: &Arc<Shared>, rng: Rng, number: u64) -> Self {
        // Nodes do not agree on the time.
        let skew = i64::try_from(number * 40).unwrap();
        let (skew_ms, cut_off) = (Arc::new(AtomicI64::new(skew)), Arc::default());
        let run = start(shared, rng, (&skew_ms, &cut_off));
        Self {
            run: Arc::new(Mutex::new(run)),
            skew_ms,
            cut_off,
        }
    }

    pub(super) fn place(&self) -> Place {
        Arc::clone(&self.run)
    }

    pub(super) fn run(&self) -> Run {
        self.run.lock().clone()
    }

    /// Ends its run: whatever it waits for does not come any more.
    pub(super) fn crash(&mut self) {
        self.run().crashed.store(true, Ordering::SeqCst);
    }

    /// Starts it again, with an empty memory.
    pub(super) fn start_again(&mut self, shared: &Arc<Shared>, rng: Rng) {
        *self.run.lock() = start(shared, rng, (&self.skew_ms, &self.cut_off));
    }
}
