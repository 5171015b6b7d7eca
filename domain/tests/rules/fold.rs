//! A log that says what cannot be is refused with a typed error.

use keyledger_domain::event::{Event, TokenDeleted, TokenReset, TokenUpdated};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::{Inconsistency, Recorded, State, evolve};

use crate::random_log::same;
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
fn what_exists_is_not_made_again_not_even_when_it_has_ended() {
    let account = house().swap_remove(0);
    let made = [
        account,
        Event::MemberInvited(member_invited(WRITER, "other@acme.test", BuiltIn::Owner)),
        Event::RoleCreated(role_made(DEPLOYER, "other", vec![allow(&["*"], &["*"])])),
        has_token(TOKEN, ADMIN, Scope::Role(BuiltIn::Admin)),
    ];
    let ended = || {
        [
            removed(WRITER),
            role_deleted(DEPLOYER),
            Event::TokenDeleted(TokenDeleted { id: TOKEN }),
        ]
    };
    for event in made {
        for (before, versions) in [(Vec::new(), [1, 2]), (Vec::from(ended()), [1, 3])] {
            for version in versions {
                let mut state = start();
                for end in &before {
                    assert_eq!(fold(&mut state, 2, end), Ok(()));
                }
                let found = fold(&mut state, version, &event);
                let event_type = event.type_name();
                assert_eq!(found, Err(Inconsistency::Twice { event_type }));
            }
        }
    }
}

#[test]
fn a_refused_event_leaves_the_state_unchanged() {
    let wrong = vec![allow(&["*"], &["no specifier"])];
    let token = |id, scope| Event::TokenCreated(personal(id, WRITER, scope));
    let rescoped = TokenUpdated {
        id: TOKEN,
        name: Some("new".to_owned()),
        description: None,
        scope: Some(Scope::Inline(wrong.clone())),
        bounds: Vec::new(),
        expiry_ms: None,
        default_api_version: None,
    };
    for (version, event) in [
        (1, house().swap_remove(0)),
        (
            1,
            Event::MemberInvited(member_invited(WRITER, "owner@acme.test", BuiltIn::Owner)),
        ),
        (
            2,
            Event::MemberInvited(member_invited(NEW_MEMBER, "new@acme.test", BuiltIn::Owner)),
        ),
        (3, promoted(WRITER, BuiltIn::Writer, BuiltIn::Owner)),
        (3, removed(WRITER)),
        (
            1,
            Event::RoleCreated(role_made(DEPLOYER, "other", Vec::new())),
        ),
        (
            2,
            Event::RoleCreated(role_made(NEW_ROLE, "other", Vec::new())),
        ),
        (2, role_edited(DEPLOYER, wrong.clone())),
        (3, role_edited(DEPLOYER, Vec::new())),
        (3, role_deleted(DEPLOYER)),
        (1, token(TOKEN, Scope::Role(BuiltIn::Admin))),
        (1, token(NEW_TOKEN, Scope::Inline(wrong))),
        (2, Event::TokenUpdated(rescoped)),
        (3, Event::TokenDeleted(TokenDeleted { id: TOKEN })),
    ] {
        let mut state = start();
        assert!(fold(&mut state, version, &event).is_err(), "{event:?}");
        assert!(same(&state, &start()), "{event:?}");
        assert_eq!(state.role_by_key_or_id("other"), None);
        let by_email = |email| state.member_by_email(email).map(|member| member.id);
        assert_eq!(by_email("writer@acme.test"), Some(WRITER));
        assert_eq!(by_email("owner@acme.test"), Some(OWNER));
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
