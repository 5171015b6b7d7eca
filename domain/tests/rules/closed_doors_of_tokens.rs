//! More ways to more than one's own, each of which once was open.

use keyledger_domain::command::{Command, CreateToken, Invitation, PromoteMember};
use keyledger_domain::event::Event;
use keyledger_domain::policy::Statement;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn all() -> Vec<Statement> {
    vec![allow(&["*"], &["*"])]
}

fn narrow(actions: &[&str]) -> Event {
    has_token(TOKEN, ADMIN, Scope::Inline(vec![allow(actions, &["*"])]))
}

fn an_admin() -> Command {
    invite(vec![Invitation {
        role: Some("admin".to_owned()),
        password_hash: Some("$argon2id$".to_owned()),
        ..invitation("me-again@acme.test")
    }])
}

#[test]
fn a_personal_token_scoped_by_policy_does_not_invite_an_admin() {
    given(house())
        .and([narrow(&["createMember"])])
        .when(Who::Token(TOKEN), an_admin())
        .then_rejected(forbidden("above what you may do yourself"));
}

#[test]
fn a_personal_token_scoped_by_custom_roles_does_not_invite_an_admin() {
    let policy = vec![allow(&["createMember"], &["member/*"])];
    given(house())
        .and([
            Event::RoleCreated(role_made(DEPLOYER, "deployer", policy)),
            has_token(TOKEN, ADMIN, Scope::CustomRoles(vec![DEPLOYER])),
        ])
        .when(Who::Token(TOKEN), an_admin())
        .then_rejected(forbidden("above what you may do yourself"));
}

#[test]
fn a_personal_token_scoped_by_policy_does_not_promote_to_admin() {
    let command = PromoteMember {
        id: READER,
        to: BuiltIn::Admin,
    };
    given(house())
        .and([narrow(&["updateRole"])])
        .when(Who::Token(TOKEN), Command::PromoteMember(command))
        .then_rejected(forbidden("above what you may do yourself"));
}

#[test]
fn an_admin_scope_under_a_narrow_bound_does_not_invite_an_admin() {
    for kind in [TokenKind::Personal, TokenKind::Service] {
        given(house())
            .and([narrow(&["createMember", "createAccessToken"])])
            .when(
                Who::Token(TOKEN),
                Command::CreateToken(create(kind, scope_role("admin"))),
            )
            .then_accepted()
            .when(Who::Token(NEW_TOKEN), an_admin())
            .then_rejected(forbidden("above what you may do yourself"));
    }
}

#[test]
fn the_owners_admin_scope_does_not_take_over_a_bounded_token_that_hands_the_account_on() {
    let child = CreateToken {
        id: NEW_TOKEN,
        ..create(TokenKind::Personal, scope_inline(all()))
    };
    let given = given(house())
        .and([
            has_token(TOKEN, OWNER, Scope::Inline(all())),
            has_token(OTHER_TOKEN, OWNER, Scope::Role(BuiltIn::Admin)),
        ])
        .when(Who::Token(TOKEN), Command::CreateToken(child))
        .then_accepted();
    assert!(given.allows(NEW_TOKEN, "updateAccountOwner", "acct"));
    assert!(!given.allows(OTHER_TOKEN, "updateAccountOwner", "acct"));
    given
        .when(Who::Token(OTHER_TOKEN), reset(NEW_TOKEN, None))
        .then_rejected(forbidden("a token resets itself"));
}

#[test]
fn an_admin_scope_does_not_take_over_a_wider_token_of_a_member_with_custom_roles() {
    let given = given(house()).and(custom_member(all())).and([
        has_token(TOKEN, CUSTOM, Scope::Inline(all())),
        has_token(OTHER_TOKEN, CUSTOM, Scope::Role(BuiltIn::Admin)),
    ]);
    assert!(given.allows(TOKEN, "updateAccountOwner", "acct"));
    assert!(!given.allows(OTHER_TOKEN, "updateAccountOwner", "acct"));
    given
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then_rejected(forbidden("a token resets itself"));
}

fn with_a_role() -> Command {
    invite(vec![Invitation {
        custom_roles: texts(&["everything"]),
        password_hash: Some("$argon2id$".to_owned()),
        ..invitation("me-again@acme.test")
    }])
}

#[test]
fn a_member_who_may_only_invite_gives_no_custom_roles() {
    given(house())
        .and(custom_member(vec![allow(&["createMember"], &["member/*"])]))
        .and([Event::RoleCreated(role_made(AUDITOR, "everything", all()))])
        .when(Who::Member(CUSTOM), with_a_role())
        .then_rejected(denied("updateCustomRole"));
}

#[test]
fn a_token_that_may_only_invite_gives_no_custom_roles() {
    given(house())
        .and([
            Event::RoleCreated(role_made(AUDITOR, "everything", all())),
            narrow(&["createMember"]),
        ])
        .when(Who::Token(TOKEN), with_a_role())
        .then_rejected(denied("updateCustomRole"));
}
