//! RemoveMember, and what an e-mail that comes back brings with it.

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{Command, RemoveMember};
use keyledger_domain::event::Event;
use keyledger_domain::ids::MemberId;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::{Refusal, TokenStatus};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn remove(id: MemberId) -> Command {
    Command::RemoveMember(RemoveMember { id })
}

#[test]
fn a_member_is_removed_by_who_is_granted_it() {
    for member in [ADMIN, OWNER] {
        let given = given(house())
            .when(Who::Member(member), remove(WRITER))
            .then([removed(WRITER)]);
        assert!(given.state.member(WRITER).is_none());
    }
    for member in [WRITER, READER, NOBODY] {
        given(house())
            .when(Who::Member(member), remove(WRITER))
            .then_rejected(denied("deleteMember"));
    }
}

#[test]
fn the_owner_is_not_removed() {
    for member in [ADMIN, OWNER] {
        given(house())
            .when(Who::Member(member), remove(OWNER))
            .then_rejected(conflict("the owner cannot be removed"));
    }
}

#[test]
fn a_removed_member_is_not_removed_again() {
    given(house())
        .when(Who::Member(ADMIN), remove(WRITER))
        .then_accepted()
        .when(Who::Member(ADMIN), remove(WRITER))
        .then_rejected(not_found("member"))
        .when(Who::Member(ADMIN), remove(NEW_MEMBER))
        .then_rejected(not_found("member"));
}

#[test]
fn a_removed_members_personal_tokens_die_and_service_tokens_live() {
    let all = vec![allow(&["*"], &["*"])];
    let given = given(house())
        .and([
            has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Writer)),
            Event::TokenCreated(service(OTHER_TOKEN, WRITER, all.clone(), all)),
        ])
        .when(Who::Member(ADMIN), remove(WRITER))
        .then_accepted();
    assert_eq!(given.status(TOKEN), TokenStatus::Deactivated);
    assert_eq!(
        given.check(TOKEN, "viewProject", "proj/web"),
        Err(Refusal::Deactivated)
    );
    assert_eq!(given.status(OTHER_TOKEN), TokenStatus::Active);
    assert!(given.allows(OTHER_TOKEN, "updateOn", FLAG));
}

#[test]
fn a_removed_members_token_is_no_actor() {
    let given = given(house()).and([
        has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Writer)),
        removed(WRITER),
    ]);
    let token = &given.state.tokens[&TOKEN];
    assert!(Actor::token(ACCOUNT, &given.state, TOKEN, token.version, &token.grant).is_none());
}

#[test]
fn an_administrator_still_deletes_a_dead_token() {
    given(house())
        .and([
            has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Writer)),
            removed(WRITER),
        ])
        .when(Who::Member(ADMIN), delete(TOKEN))
        .then_accepted();
}

#[test]
fn the_same_e_mail_invited_again_is_a_new_member_and_old_tokens_stay_dead() {
    let given = given(house())
        .and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))])
        .when(Who::Member(ADMIN), remove(WRITER))
        .then_accepted()
        .when(
            Who::Member(ADMIN),
            invite(vec![invitation("Writer@acme.test")]),
        )
        .then_accepted();
    let back = given
        .state
        .member_by_email("writer@acme.test")
        .expect("invited");
    assert_eq!(back.id, NEW_MEMBER);
    assert_eq!(given.status(TOKEN), TokenStatus::Deactivated);
    given
        .when(Who::Member(NEW_MEMBER), delete(TOKEN))
        .then_rejected(denied("deleteAccessToken"))
        .when(Who::Member(NEW_MEMBER), reset(TOKEN, None))
        .then_rejected(forbidden("only by its member"));
}

#[test]
fn a_removed_members_password_is_gone() {
    let invited = keyledger_domain::event::MemberInvited {
        password_hash: Some("$argon2id$".to_owned()),
        ..member_invited(NEW_MEMBER, "new@acme.test", BuiltIn::Reader)
    };
    let given = given(house()).and([Event::MemberInvited(invited), removed(NEW_MEMBER)]);
    assert_eq!(given.state.members[&NEW_MEMBER].password_hash, None);
}
