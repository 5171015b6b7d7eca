//! BootstrapAccount.

use keyledger_domain::command::{
    BootstrapAccount, ChangePlan, Command, LATEST_API_VERSION, PromoteMember, RecoverOwner,
};
use keyledger_domain::event::{
    AccountCreated, AccountPlanChanged, Event, MemberInvited, TokenCreated,
};
use keyledger_domain::plan::Plan;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn bootstrap() -> BootstrapAccount {
    BootstrapAccount {
        account: ACCOUNT,
        name: "Acme".to_owned(),
        owner: OWNER,
        email: "owner@acme.test".to_owned(),
        password_hash: Some("$argon2id$".to_owned()),
        token: NEW_TOKEN,
        secret: secret(1),
    }
}

#[test]
fn an_account_starts_with_its_owner_and_the_owners_token() {
    let given = given([])
        .when(Who::Operator, Command::BootstrapAccount(bootstrap()))
        .then([
            Event::AccountCreated(AccountCreated {
                id: ACCOUNT,
                name: "Acme".to_owned(),
                plan: Plan::Enterprise,
            }),
            Event::MemberInvited(MemberInvited {
                password_hash: Some("$argon2id$".to_owned()),
                ..member_invited(OWNER, "owner@acme.test", BuiltIn::Owner)
            }),
            Event::TokenCreated(TokenCreated {
                name: "Owner's first token".to_owned(),
                description: "Made when the server first started".to_owned(),
                default_api_version: LATEST_API_VERSION,
                ..personal(NEW_TOKEN, OWNER, Scope::Role(BuiltIn::Admin))
            }),
        ]);
    assert_eq!(given.state.owner().map(|owner| owner.id), Some(OWNER));
    assert!(given.allows(NEW_TOKEN, "createMember", &format!("member/{NEW_MEMBER}")));
}

#[test]
fn a_second_account_is_refused() {
    given(house())
        .when(Who::Operator, Command::BootstrapAccount(bootstrap()))
        .then_rejected(conflict("exists already"));
}

#[test]
fn an_account_needs_a_name_and_an_e_mail() {
    let nameless = BootstrapAccount {
        name: " ".to_owned(),
        ..bootstrap()
    };
    let unreachable = BootstrapAccount {
        email: "nobody".to_owned(),
        ..bootstrap()
    };
    for (command, pointer) in [(nameless, "/name"), (unreachable, "/email")] {
        given([])
            .when(Who::Operator, Command::BootstrapAccount(command))
            .then_rejected(invalid(pointer));
    }
}

#[test]
fn the_operator_invites_but_makes_no_token_for_a_member_and_no_second_owner() {
    given(house())
        .when(Who::Operator, invite(vec![invitation("new@acme.test")]))
        .then_accepted();
    given(house())
        .when(
            Who::Operator,
            Command::CreateToken(create(TokenKind::Personal, scope_role("admin"))),
        )
        .then_rejected(forbidden("needs a member"));
    given(house())
        .when(
            Who::Operator,
            Command::PromoteMember(PromoteMember {
                id: ADMIN,
                to: BuiltIn::Owner,
            }),
        )
        .then_rejected(forbidden("only the owner"));
}

#[test]
fn plans_and_the_way_back_in_are_the_operators_alone() {
    let plan = || Command::ChangePlan(ChangePlan { to: Plan::Starter });
    let recover = || {
        Command::RecoverOwner(RecoverOwner {
            token: NEW_TOKEN,
            secret: secret(7),
        })
    };
    for who in [OWNER, ADMIN, READER] {
        for command in [plan(), recover()] {
            given(house())
                .when(Who::Member(who), command)
                .then_rejected(forbidden("only the operator"));
        }
    }
    given(house())
        .when(Who::Operator, plan())
        .then([Event::AccountPlanChanged(AccountPlanChanged {
            from: Plan::Enterprise,
            to: Plan::Starter,
        })])
        .when(Who::Operator, plan())
        .then_nothing();
    let given = given(house())
        .when(Who::Operator, recover())
        .then_accepted();
    assert!(given.allows(NEW_TOKEN, "updateRole", "member/x"));
    assert!(!given.allows(NEW_TOKEN, "updateAccountOwner", "acct"));
}
