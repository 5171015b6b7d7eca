//! What must be true of every schedule.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use keyledger_domain::event::{self, Event};
use keyledger_domain::ids::{AccountId, EventId, MemberId};
use keyledger_domain::state::State;
use keyledger_eventstore::{Appended, EventLog as _, Position, StoredEvent, verify};
use keyledger_projections::Live;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::super::world::empty_live;
use super::STALENESS_MAX_MS;
use super::client::ACCOUNT;
use super::link::Shared;
use super::node::Node;

/// What a client was told of its command.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    /// It happened.
    Acknowledged(Appended),
    /// It may have happened.
    Unknown,
    /// It cannot happen.
    Refused,
    /// It did not happen, for now.
    NotWritten,
}

/// What all clients were told.
#[derive(Debug, Default)]
pub(super) struct Outcomes(Mutex<Vec<(Vec<EventId>, Outcome)>>);

impl Outcomes {
    pub(super) fn note(&self, ids: Vec<EventId>, outcome: Outcome) {
        self.0.lock().push((ids, outcome));
    }

    /// How many were acknowledged, unknown, refused, not written.
    pub(super) fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for (_, outcome) in self.0.lock().iter() {
            counts[match outcome {
                Outcome::Acknowledged(_) => 0,
                Outcome::Unknown => 1,
                Outcome::Refused => 2,
                Outcome::NotWritten => 3,
            }] += 1;
        }
        counts
    }
}

/// A node that says that it is fresh knows everything that was committed before its staleness ceiling.
pub(super) fn is_fresh_or_knows_that_it_is_not(shared: &Shared, node: &Node) {
    let run = node.run();
    assert_eq!(run.follower.failed(), None, "a follower gave up");
    if !run.follower.healthy(STALENESS_MAX_MS) {
        return;
    }
    let ceiling = Duration::from_millis(u64::from(STALENESS_MAX_MS));
    let Some(before) = Instant::now().checked_sub(ceiling) else {
        return;
    };
    let committed = shared.committed.lock();
    let old = committed.iter().filter(|when| **when < before).count();
    let known = usize::try_from(run.live.position().get()).unwrap();
    assert!(
        known >= old,
        "it says that it is fresh, knows {known} events, and {old} are older than its ceiling"
    );
}

/// Whatever went wrong, when nothing does any more.
pub(super) async fn everything(shared: &Shared, nodes: &[Node], outcomes: &Outcomes, seed: u64) {
    // What is still on its way arrives.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let head = shared.log.head().await.unwrap().position;
    let verified = verify(&shared.log).await.unwrap();
    assert_eq!(verified.position, head, "seed {seed}");
    let events = all(shared, head).await;
    told_the_truth(&events, outcomes);
    no_address_twice(&events);
    let expected = empty_live();
    expected.apply(&events).unwrap();
    for node in nodes {
        let run = node.run();
        let reached = run.live.wait_for(head, Duration::from_secs(60)).await;
        assert!(reached, "a node is left behind, seed {seed}");
        assert_eq!(run.follower.failed(), None);
        same(ACCOUNT, &run.live, &expected);
    }
}

async fn all(shared: &Shared, head: Position) -> Vec<StoredEvent> {
    let mut events: Vec<StoredEvent> = Vec::new();
    let mut at = Position::ZERO;
    while at < head {
        events.extend(shared.log.read(at, 1_000).await.unwrap());
        at = events.last().unwrap().position;
    }
    events
}

/// Every event that was acknowledged is where it was said to be, and none that was refused or not written is anywhere.
fn told_the_truth(events: &[StoredEvent], outcomes: &Outcomes) {
    let mut places: HashMap<EventId, Position> = HashMap::new();
    for event in events {
        let twice = places.insert(event.id, event.position);
        assert_eq!(twice, None, "an event is there twice");
    }
    for (ids, outcome) in outcomes.0.lock().iter() {
        let found: Vec<Position> = ids
            .iter()
            .filter_map(|id| places.get(id).copied())
            .collect();
        match outcome {
            Outcome::Acknowledged(appended) => {
                assert!(!appended.replayed);
                let said: Vec<Position> = (appended.first.get()..=appended.last.get())
                    .map(Position::new)
                    .collect();
                assert_eq!(found, said, "an acknowledged command is lost or elsewhere");
            }
            Outcome::Unknown => {
                assert!(
                    found.is_empty() || found.len() == ids.len(),
                    "half a command"
                );
            }
            Outcome::Refused => assert!(found.is_empty(), "a refused command is there"),
            Outcome::NotWritten => assert!(found.is_empty(), "what was not written is there"),
        }
    }
}

/// No two members have an address at the same time, and no removed member is removed again.
fn no_address_twice(events: &[StoredEvent]) {
    let mut addresses: HashMap<String, MemberId> = HashMap::new();
    let mut of: HashMap<MemberId, String> = HashMap::new();
    let mut deleted = HashSet::new();
    for stored in events {
        match event::decode(&stored.event_type, stored.schema_version, &stored.payload).unwrap() {
            Event::MemberInvited(event) => {
                let taken = addresses.insert(event.email.clone(), event.id);
                assert_eq!(taken, None, "{} is taken", event.email);
                of.insert(event.id, event.email);
            }
            Event::MemberRemoved(event) => {
                let email = of.remove(&event.id).expect("a member");
                addresses.remove(&email);
            }
            Event::TokenDeleted(event) => {
                assert!(deleted.insert(event.id), "a token is deleted twice");
            }
            _ => {}
        }
    }
}

/// Two indexes hold the same of an account.
pub(in super::super) fn same(account: AccountId, one: &Live, other: &Live) {
    assert_eq!(one.position(), other.position());
    assert_eq!(one.token_count(), other.token_count());
    let grants = |live: &Live| {
        let mut all = Vec::new();
        live.each_grant(account, |id, grant, expiry| {
            all.push((id, format!("{grant:?} {expiry:?}")));
        });
        all.sort();
        all
    };
    assert_eq!(grants(one), grants(other));
    let members = |live: &Live| {
        let read = |state: &State| {
            let members = state.members.values();
            let mut all: Vec<String> = members.map(|member| format!("{member:?}")).collect();
            all.sort();
            all
        };
        live.with_state(account, read)
    };
    assert_eq!(members(one), members(other));
}
