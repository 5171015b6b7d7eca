//! A log that says what cannot be is refused with a typed error.

use keyledger_domain::event::{Event, TokenDeleted, TokenReset};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::{Inconsistency, Recorded, State, evolve};

use crate::sample::*;
use crate::scenario::*;

fn fold(state: &mut State, version: i64, event: &Event) -> Result<(), Inconsistency> {
    let recorded = Recorded {
        account: ACCOUNT,
        version,
        recorded_at_ms: NOW,
        event,
    };
    evolve(state, &recorded)
}

fn start() -> State {
    let role = Event::RoleCreated(role_made(DEPLOYER, "deployer", Vec::new()));
    let token = has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Writer));
    given(house()).and([role, token]).state
}

#[test]
fn an_event_about_what_was_never_made_is_missing() {
    let reset = Event::TokenReset(TokenReset {
        id: TOKEN,
        digest: digest(1),
        ending: String::new(),
        previous_until_ms: None,
    });
    for event in [
        removed(WRITER),
        downgraded(WRITER, BuiltIn::Writer, BuiltIn::Reader),
        roles_assigned(WRITER, &[]),
        role_edited(DEPLOYER, Vec::new()),
        role_deleted(DEPLOYER),
        reset,
        Event::TokenDeleted(TokenDeleted { id: TOKEN }),
    ] {
        let found = fold(&mut State::default(), 1, &event);
        assert!(
            matches!(found, Err(Inconsistency::Missing { event_type, .. }) if event_type == event.type_name())
        );
    }
}

#[test]
fn an_event_about_what_has_ended_is_missing() {
    for event in [
        removed(WRITER),
        role_deleted(DEPLOYER),
        Event::TokenDeleted(TokenDeleted { id: TOKEN }),
    ] {
        let mut state = start();
        assert_eq!(fold(&mut state, 2, &event), Ok(()));
        let found = fold(&mut state, 3, &event);
        assert!(
            matches!(found, Err(Inconsistency::Missing { .. })),
            "{found:?}"
        );
    }
}

#[test]
fn a_version_that_does_not_follow_is_refused() {
    for event in [
        removed(WRITER),
        role_deleted(DEPLOYER),
        Event::TokenDeleted(TokenDeleted { id: TOKEN }),
    ] {
        for version in [0, 1, 3] {
            let found = fold(&mut start(), version, &event);
            assert_eq!(
                found,
                Err(Inconsistency::Version {
                    event_type: event.type_name(),
                    expected: 2,
                    found: version,
                })
            );
        }
    }
}

#[test]
fn a_first_event_has_the_version_one() {
    for event in [
        Event::MemberInvited(member_invited(NEW_MEMBER, "new@acme.test", BuiltIn::Reader)),
        Event::RoleCreated(role_made(NEW_ROLE, "new", Vec::new())),
        has_token(NEW_TOKEN, WRITER, Scope::Role(BuiltIn::Reader)),
    ] {
        let found = fold(&mut start(), 2, &event);
        assert!(
            matches!(
                found,
                Err(Inconsistency::Version {
                    expected: 1,
                    found: 2,
                    ..
                })
            ),
            "{found:?}"
        );
    }
}

#[test]
fn a_stored_policy_that_does_not_parse_is_refused() {
    let wrong = vec![allow(&["*"], &["no specifier"])];
    for event in [
        Event::RoleCreated(role_made(NEW_ROLE, "new", wrong.clone())),
        has_token(NEW_TOKEN, WRITER, Scope::Inline(wrong.clone())),
        Event::TokenCreated(service(NEW_TOKEN, WRITER, Vec::new(), wrong)),
    ] {
        let found = fold(&mut start(), 1, &event);
        assert!(
            matches!(found, Err(Inconsistency::Policy { .. })),
            "{found:?}"
        );
    }
}
