//! A fleet in a world that is made of a seed: nodes with the real writer, the real follower and the real index over one
//! log, with a network that delays, repeats and loses, nodes that crash and start again, clocks that jump and hints that
//! do not arrive. Time is tokio's own and stands still while anybody is busy, so a schedule takes a few milliseconds and
//! is the same each time.
//!
//! `KEYLEDGER_SIMULATIONS=100000` runs more schedules; `KEYLEDGER_SIMULATION_SEED=7` runs one.

pub(super) mod check;
mod client;
mod link;
mod node;
mod rng;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyledger_eventstore::{EventLog as _, MemoryLog};
use parking_lot::Mutex;

use check::Outcomes;
use link::{Faults, Shared};
use node::Node;
use rng::Rng;

/// Schedules in one run of the tests.
const SCHEDULES: u64 = 2_000;
/// Nodes of a fleet.
const NODES: u64 = 3;
/// Commands that each client gives.
const COMMANDS: u32 = 8;
/// Clients of each node.
const CLIENTS: u64 = 2;
/// The staleness ceiling of every node, milliseconds.
const STALENESS_MAX_MS: u32 = 1_000;

/// What a schedule came to, to be compared with the same schedule once more.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    hash: [u8; 32],
    events: i64,
    acknowledged: usize,
    unknown: usize,
    refused: usize,
    not_written: usize,
    crashes: u32,
}

fn run(seed: u64) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(schedule(seed))
}

async fn schedule(seed: u64) -> Ended {
    let mut rng = Rng::new(seed);
    let shared = Arc::new(Shared::new(MemoryLog::new(), Faults::of(&mut rng)));
    client::bootstrap(&shared).await;
    let mut nodes: Vec<Node> = (0..NODES)
        .map(|number| Node::start(&shared, rng.fork(), number))
        .collect();
    let outcomes = Arc::new(Outcomes::default());
    let mut crashes = 0;
    let mut clients = Vec::new();
    for node in &nodes {
        for _ in 0..CLIENTS {
            let client = client::run(node.place(), rng.fork(), Arc::clone(&outcomes));
            clients.push(tokio::spawn(client));
        }
    }
    while clients.iter().any(|client| !client.is_finished()) {
        tokio::time::sleep(Duration::from_millis(rng.below(120))).await;
        for node in &nodes {
            check::is_fresh_or_knows_that_it_is_not(&shared, node);
        }
        let which = usize::try_from(rng.below(NODES)).unwrap();
        if rng.one_in(shared.faults.crash_one_in) {
            nodes[which].crash();
            crashes += 1;
            tokio::time::sleep(Duration::from_millis(rng.below(400))).await;
            nodes[which].start_again(&shared, rng.fork());
        }
        if rng.one_in(shared.faults.jump_one_in) {
            // Up to an hour, in either direction.
            let by = i64::try_from(rng.below(7_200_000)).unwrap() - 3_600_000;
            nodes[which].skew_ms.fetch_add(by, Ordering::SeqCst);
        }
        if rng.one_in(shared.faults.partition_one_in) {
            let mut cut_off = nodes[which].cut_off.lock();
            *cut_off = !*cut_off;
        }
    }
    for client in clients {
        client.await.unwrap();
    }
    shared.heal();
    for node in &nodes {
        *node.cut_off.lock() = false;
    }
    check::everything(&shared, &nodes, &outcomes, seed).await;
    let head = shared.log.head().await.unwrap();
    let counts = outcomes.counts();
    for node in &mut nodes {
        node.crash();
    }
    Ended {
        hash: head.hash,
        events: head.position.get(),
        acknowledged: counts[0],
        unknown: counts[1],
        refused: counts[2],
        not_written: counts[3],
        crashes,
    }
}

fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

#[test]
fn thousands_of_schedules_lose_nothing_and_double_nothing() {
    let seeds = match setting("KEYLEDGER_SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("KEYLEDGER_SIMULATIONS").unwrap_or(SCHEDULES),
    };
    let alone = seeds.end - seeds.start == 1;
    let next = AtomicU64::new(seeds.start);
    let all = Mutex::new([0; 5]);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            // What a failure shows is the seed that makes it again.
            let ended = std::panic::catch_unwind(|| run(seed));
            let ended = ended.unwrap_or_else(|_| panic!("KEYLEDGER_SIMULATION_SEED={seed} fails"));
            let crashes = usize::try_from(ended.crashes).unwrap();
            let counts = [
                ended.acknowledged,
                ended.unknown,
                ended.refused,
                ended.not_written,
                crashes,
            ];
            let mut all = all.lock();
            for (sum, count) in all.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(work);
        threads.spawn(work);
    });
    let all = all.into_inner();
    let [acknowledged, unknown, refused, not_written, crashes] = all;
    println!(
        "{acknowledged} acknowledged, {unknown} unknown, {refused} refused, {not_written} not written, {crashes} crashes"
    );
    // Each kind of ending happens, or the schedules are not what they are said to be.
    assert!(alone || all.iter().all(|count| *count > 0));
}

#[test]
fn a_schedule_is_the_same_each_time() {
    for seed in 1_000_000..1_000_020 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}
