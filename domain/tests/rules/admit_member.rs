//! AdmitMember.

use keyledger_domain::command::{AdmitMember, Command};
use keyledger_domain::event::{Event, InvitationIssued, MemberAdmitted, MemberJoined};
use keyledger_domain::ids::MemberId;

use crate::sample::*;
use crate::scenario::*;

fn admit(id: MemberId) -> Command {
    Command::AdmitMember(AdmitMember { id })
}

fn issued(id: MemberId) -> Event {
    Event::InvitationIssued(InvitationIssued {
        id,
        digest: digest(1),
        expires_at_ms: NOW + 1_000,
        limited: false,
    })
}

#[test]
fn the_first_sign_in_joins_and_ends_the_link() {
    let given = given(house()).and([issued(READER)]);
    assert!(!given.state.members[&READER].joined);
    let given = given
        .when(Who::Member(READER), admit(READER))
        .then([Event::MemberAdmitted(MemberAdmitted { id: READER })]);
    let member = &given.state.members[&READER];
    assert!(member.joined && member.invitation.is_none());
    assert_eq!(member.password_hash, None, "nobody set one");
    given
        .when(Who::Member(READER), admit(READER))
        .then_nothing();
}

#[test]
fn whoever_joined_with_a_password_is_not_admitted_again() {
    let joined = Event::MemberJoined(MemberJoined {
        id: READER,
        first_name: None,
        last_name: None,
        password_hash: "$argon2id$".to_owned(),
    });
    given(house())
        .and([issued(READER), joined])
        .when(Who::Member(READER), admit(READER))
        .then_nothing();
}

#[test]
fn nobody_joins_for_another() {
    for who in [Who::Member(OWNER), Who::Member(ADMIN), Who::Operator] {
        given(house())
            .when(who, admit(READER))
            .then_rejected(forbidden("nobody joins for another"));
    }
    given(house())
        .and([removed(READER)])
        .when(Who::Operator, admit(READER))
        .then_rejected(not_found("member"));
}

#[test]
fn no_link_is_made_for_whoever_has_joined() {
    let issue = Command::IssueInvitation(keyledger_domain::command::IssueInvitation {
        id: READER,
        digest: digest(2),
        expires_at_ms: NOW + 1_000,
    });
    given(house())
        .and([Event::MemberAdmitted(MemberAdmitted { id: READER })])
        .when(Who::Member(ADMIN), issue)
        .then_rejected(conflict("joined already"));
}
