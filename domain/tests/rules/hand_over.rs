//! PromoteMember to owner: the account changes hands.

use keyledger_domain::command::{Command, PromoteMember, RemoveMember};
use keyledger_domain::event::Event;
use keyledger_domain::ids::MemberId;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::State;

use crate::sample::*;
use crate::scenario::*;

fn hand_to(id: MemberId) -> Command {
    Command::PromoteMember(PromoteMember {
        id,
        to: BuiltIn::Owner,
    })
}

#[test]
fn the_heir_becomes_owner_and_the_owner_an_admin() {
    let given = given(house())
        .when(Who::Member(OWNER), hand_to(READER))
        .then([
            promoted(READER, BuiltIn::Reader, BuiltIn::Owner),
            downgraded(OWNER, BuiltIn::Owner, BuiltIn::Admin),
        ]);
    assert_eq!(given.state.owner().map(|owner| owner.id), Some(READER));
    assert!(given.member_may(READER, "updateAccountOwner", "acct"));
    assert!(!given.member_may(OWNER, "updateAccountOwner", "acct"));
}

/// A snapshot may be cut between the two events.
#[test]
fn half_a_hand_over_kept_as_bytes_goes_on_as_it_would_have() {
    for (old, heir) in [(OWNER, READER), (READER, OWNER)] {
        let mut half = given(house())
            .and([
                promoted(old, BuiltIn::Reader, BuiltIn::Owner),
                downgraded(heir, BuiltIn::Owner, BuiltIn::Reader),
            ])
            .and([promoted(heir, BuiltIn::Reader, BuiltIn::Owner)]);
        let bytes = half.state.ground_to_bytes().expect("encodes");
        half.state = State::ground_from_bytes(&bytes).expect("decodes");
        let whole = half.and([downgraded(old, BuiltIn::Owner, BuiltIn::Admin)]);
        assert_eq!(whole.state.owner().map(|owner| owner.id), Some(heir));
    }
}

/// They would replace the owner's policy, and nobody could take them away again.
#[test]
fn the_heir_lays_down_custom_roles_first() {
    let given = given(house())
        .and(custom_member(vec![allow(&["viewProject"], &["*"])]))
        .and([has_token(TOKEN, CUSTOM, Scope::Role(BuiltIn::Admin))])
        .when(Who::Member(OWNER), hand_to(CUSTOM))
        .then([
            roles_assigned(CUSTOM, &[]),
            promoted(CUSTOM, BuiltIn::Reader, BuiltIn::Owner),
            downgraded(OWNER, BuiltIn::Owner, BuiltIn::Admin),
        ]);
    assert_eq!(given.state.owner().map(|owner| owner.id), Some(CUSTOM));
    assert!(given.member_may(CUSTOM, "updateAccountOwner", "acct"));
    assert!(given.allows(TOKEN, "updateOn", FLAG));
    given
        .when(Who::Member(CUSTOM), hand_to(OWNER))
        .then_accepted();
}

#[test]
fn the_owner_who_handed_on_cannot_take_it_back() {
    given(house())
        .when(Who::Member(OWNER), hand_to(READER))
        .then_accepted()
        .when(Who::Member(OWNER), hand_to(OWNER))
        .then_rejected(denied("updateAccountOwner"))
        .when(Who::Member(READER), hand_to(OWNER))
        .then_accepted();
}

#[test]
fn the_owner_who_handed_on_can_be_removed() {
    given(house())
        .when(Who::Member(OWNER), hand_to(ADMIN))
        .then_accepted()
        .when(
            Who::Member(ADMIN),
            Command::RemoveMember(RemoveMember { id: OWNER }),
        )
        .then([removed(OWNER)]);
}

#[test]
fn to_the_owner_it_is_nothing() {
    given(house())
        .when(Who::Member(OWNER), hand_to(OWNER))
        .then_nothing();
}

#[test]
fn nobody_but_the_owner_hands_it_on() {
    for member in [ADMIN, WRITER, READER] {
        given(house())
            .when(Who::Member(member), hand_to(member))
            .then_rejected(denied("updateAccountOwner"));
    }
    given(house())
        .and(custom_member(vec![allow(&["*"], &["*"])]))
        .when(Who::Member(CUSTOM), hand_to(CUSTOM))
        .then_rejected(forbidden("only the owner"));
}

#[test]
fn the_owners_admin_scope_does_not_hand_it_on_but_an_explicit_grant_does() {
    given(house())
        .and([has_token(TOKEN, OWNER, Scope::Role(BuiltIn::Admin))])
        .when(Who::Token(TOKEN), hand_to(READER))
        .then_rejected(denied("updateAccountOwner"));
    let grant = Scope::Inline(vec![allow(&["updateAccountOwner"], &["acct"])]);
    given(house())
        .and([has_token(TOKEN, OWNER, grant)])
        .when(Who::Token(TOKEN), hand_to(READER))
        .then_accepted();
}

#[test]
fn a_service_token_of_the_owner_does_not_hand_it_on() {
    let all = vec![allow(&["*"], &["*"])];
    given(house())
        .and([Event::TokenCreated(service(TOKEN, OWNER, all.clone(), all))])
        .when(Who::Token(TOKEN), hand_to(READER))
        .then_rejected(forbidden("only the owner"));
}
