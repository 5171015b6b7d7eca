//! The random commands reach everything: otherwise the property says little.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::harness::Step;
use super::world::World;

#[test]
fn random_steps_make_every_kind_of_event() {
    let mut runner = TestRunner::deterministic();
    let steps = prop::collection::vec(any::<Step>(), 64..128);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..128 {
        let mut world = World::new();
        for step in steps.new_tree(&mut runner).unwrap().current() {
            world.step(step);
        }
        for stored in world.log {
            *found.entry(stored.event_type).or_default() += 1;
        }
    }
    let kinds = keyledger_domain::event::Event::READABLE;
    for (kind, _) in kinds {
        assert!(
            found.get(*kind).is_some_and(|count| *count >= 10),
            "{kind}: {found:?}"
        );
    }
    if std::env::var_os("SHOW").is_some() {
        eprintln!("{found:?}");
    }
}
