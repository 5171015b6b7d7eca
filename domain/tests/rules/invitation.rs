//! IssueInvitation and AcceptInvitation.

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{AcceptInvitation, Command, INVITATION_MS_MAX, IssueInvitation};
use keyledger_domain::event::{
    Event, InvitationIssued, MemberInvited, MemberJoined, decode, encode,
};
use keyledger_domain::ids::MemberId;
use keyledger_domain::role::BuiltIn;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn issue(id: MemberId, number: u8, expires_at_ms: i64) -> Command {
    Command::IssueInvitation(IssueInvitation {
        id,
        digest: digest(number),
        expires_at_ms,
    })
}

fn accept(id: MemberId, number: u8) -> Command {
    Command::AcceptInvitation(AcceptInvitation {
        id,
        digest: digest(number),
        first_name: Some("Ada".to_owned()),
        last_name: None,
        password_hash: "$argon2id$".to_owned(),
    })
}

fn issued(id: MemberId, number: u8) -> Event {
    Event::InvitationIssued(InvitationIssued {
        id,
        digest: digest(number),
        expires_at_ms: NOW + 1_000,
        limited: false,
    })
}

/// The invited member uses a link at a moment.
fn used(given: Given, id: MemberId, number: u8, now_ms: i64) -> Outcome {
    let actor = Actor::invited(ACCOUNT, &given.state.members[&id]);
    given.when_by(now_ms, &actor, accept(id, number))
}

#[test]
fn a_link_makes_the_invited_join_once() {
    let given = given(house())
        .when(Who::Member(ADMIN), issue(READER, 1, NOW + 1_000))
        .then([issued(READER, 1)]);
    let given = used(given, READER, 1, NOW).then([Event::MemberJoined(MemberJoined {
        id: READER,
        first_name: Some("Ada".to_owned()),
        last_name: None,
        password_hash: "$argon2id$".to_owned(),
    })]);
    assert_eq!(given.state.members[&READER].first_name, "Ada");
    used(given, READER, 1, NOW).then_rejected(not_found("invitation"));
}

#[test]
fn a_wrong_replaced_or_ended_link_and_that_of_another_do_nothing() {
    let both = || given(house()).and([issued(READER, 1), issued(READER, 2), issued(WRITER, 3)]);
    for number in [1, 3, 9] {
        used(both(), READER, number, NOW).then_rejected(not_found("invitation"));
    }
    used(both(), READER, 2, NOW + 1_000).then_rejected(not_found("invitation"));
    used(both(), READER, 2, NOW + 999).then_accepted();
    // Being somebody else, even the owner, is not being invited.
    both()
        .when(Who::Member(OWNER), accept(READER, 2))
        .then_rejected(not_found("invitation"));
    both()
        .when(Who::Operator, accept(READER, 2))
        .then_rejected(not_found("invitation"));
}

#[test]
fn whoever_was_removed_does_not_join() {
    let given = given(house()).and([issued(READER, 1)]);
    let actor = Actor::invited(ACCOUNT, &given.state.members[&READER]);
    given
        .and([removed(READER)])
        .when_by(NOW, &actor, accept(READER, 1))
        .then_rejected(not_found("invitation"));
}

#[test]
fn a_link_joins_and_does_nothing_else() {
    let given = given(house()).and([issued(ADMIN, 1)]);
    let actor = Actor::invited(ACCOUNT, &given.state.members[&ADMIN]);
    given
        .when_by(NOW, &actor, Command::CreateRole(new_role("mine")))
        .then_rejected(denied("createRole"));
}

#[test]
fn a_link_of_who_is_no_administrator_is_kept_as_such() {
    let policy = vec![allow(&["createMember"], &["member/*"])];
    let limited = InvitationIssued {
        id: READER,
        digest: digest(1),
        expires_at_ms: NOW + 1_000,
        limited: true,
    };
    let event = Event::InvitationIssued(limited);
    given(house())
        .and(custom_member(policy))
        .when(Who::Member(CUSTOM), issue(READER, 1, NOW + 1_000))
        .then([event.clone()]);
    let bytes = encode(&event).expect("encodes");
    assert_eq!(
        decode(event.type_name(), event.schema_version(), &bytes),
        Ok(event)
    );
}

#[test]
fn a_link_ends_within_thirty_days() {
    for wrong in [NOW, NOW - 1, NOW + INVITATION_MS_MAX + 1] {
        given(house())
            .when(Who::Member(ADMIN), issue(READER, 1, wrong))
            .then_rejected(invalid("/expiry"));
    }
}

#[test]
fn whoever_makes_a_link_could_have_invited_with_the_same_rights() {
    let inviter = || {
        let policy = vec![allow(&["createMember"], &["member/*"])];
        given(house()).and(custom_member(policy))
    };
    inviter()
        .when(Who::Member(CUSTOM), issue(READER, 1, NOW + 1))
        .then_accepted();
    for above in [WRITER, ADMIN] {
        inviter()
            .when(Who::Member(CUSTOM), issue(above, 1, NOW + 1))
            .then_rejected(forbidden("above what you may do"));
    }
    inviter()
        .and([roles_assigned(READER, &[DEPLOYER])])
        .when(Who::Member(CUSTOM), issue(READER, 1, NOW + 1))
        .then_rejected(denied("updateCustomRole"));
    inviter()
        .and([attributes_set(READER, attributes("project", &["web"]))])
        .when(Who::Member(CUSTOM), issue(READER, 1, NOW + 1))
        .then_rejected(denied("updateMemberRoleAttributes"));
    given(house())
        .when(Who::Member(WRITER), issue(READER, 1, NOW + 1))
        .then_rejected(denied("createMember"));
    given(house())
        .when(Who::Member(ADMIN), issue(OWNER, 1, NOW + 1))
        .then_rejected(forbidden("only the operator"));
    given(house())
        .when(Who::Operator, issue(OWNER, 1, NOW + 1))
        .then_accepted();
}

#[test]
fn nobody_but_the_operator_makes_a_link_for_whoever_has_joined() {
    let joined = || {
        given(house()).and([Event::MemberInvited(MemberInvited {
            password_hash: Some("$argon2id$".to_owned()),
            ..member_invited(NEW_MEMBER, "new@acme.test", BuiltIn::Reader)
        })])
    };
    joined()
        .when(Who::Member(OWNER), issue(NEW_MEMBER, 1, NOW + 1))
        .then_rejected(conflict("joined already"));
    joined()
        .when(Who::Operator, issue(NEW_MEMBER, 1, NOW + 1))
        .then_accepted();
}
