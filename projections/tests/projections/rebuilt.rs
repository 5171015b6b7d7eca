//! However the log is cut into slices, the index is the same.

use keyledger_domain::policy::Resource;
use keyledger_projections::Live;
use proptest::prelude::*;

use super::harness::{PROBES, Step};
use super::world::{World, empty_live};

fn same(world: &World, one: &Live, other: &Live) {
    assert_eq!(one.position(), other.position());
    assert_eq!(one.token_count(), other.token_count());
    assert_eq!(one.accounts(), other.accounts());
    for (id, secret, _) in &world.secrets {
        let now = world.now_ms;
        assert_eq!(
            one.authenticate(secret, now),
            other.authenticate(secret, now)
        );
        assert_eq!(
            one.grant(world.account, *id),
            other.grant(world.account, *id)
        );
        for (action, resource) in PROBES {
            let resource = Resource::parse(resource).unwrap();
            assert_eq!(
                one.decide(secret, action, &resource, now),
                other.decide(secret, action, &resource, now)
            );
        }
    }
    for live in [one, other] {
        let members = live.with_state(world.account, |state| state.members.clone());
        assert_eq!(members.as_ref(), Some(&world.state.members));
        let roles = live.with_state(world.account, |state| state.roles.clone());
        assert_eq!(roles.as_ref(), Some(&world.state.roles));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn slices_do_not_matter(
        steps in prop::collection::vec(any::<Step>(), 1..96),
        cuts in prop::collection::vec(1_usize..9, 1..16),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.step(*step);
        }
        let sliced = empty_live();
        let mut rest = world.log.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (slice, others) = rest.split_at((*cut).min(rest.len()));
            sliced.apply(slice).unwrap();
            rest = others;
        }
        same(&world, &world.live(), &sliced);
    }
}
