//! What each plan includes: it gates what is made, and leaves what exists.

use keyledger_domain::command::{Command, CreateTeam};
use keyledger_domain::event::{AccountPlanChanged, Event};
use keyledger_domain::plan::{Feature, Plan, require};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn on(plan: Plan) -> Given {
    let policy = vec![allow(&["view*"], &["*"])];
    given(house())
        .and(custom_member(policy.clone()))
        .and([Event::TokenCreated(service(
            TOKEN,
            ADMIN,
            policy.clone(),
            policy,
        ))])
        .and([Event::AccountPlanChanged(AccountPlanChanged {
            from: Plan::Enterprise,
            to: plan,
        })])
}

/// What only the enterprise plan includes.
fn enterprise() -> Vec<Command> {
    vec![
        Command::CreateRole(new_role("new")),
        Command::CreateToken(create(TokenKind::Service, scope_role("reader"))),
        Command::CreateToken(create(
            TokenKind::Personal,
            scope_inline(vec![allow(&["view*"], &["*"])]),
        )),
        Command::CreateTeam(CreateTeam {
            id: team_id(1),
            key: "web".to_owned(),
            name: "Web".to_owned(),
            description: String::new(),
            members: Vec::new(),
            roles: Vec::new(),
            grants: Vec::new(),
            role_attributes: RoleAttributes::default(),
        }),
        assign(READER, &["deployer"]),
    ]
}

#[test]
fn what_only_enterprise_includes_is_refused_below_it_and_says_so() {
    for plan in [Plan::Starter, Plan::Pro] {
        for command in enterprise() {
            on(plan)
                .when(Who::Member(ADMIN), command)
                .then_rejected(forbidden("need the plan enterprise; this account is on"));
        }
    }
    for command in enterprise() {
        on(Plan::Enterprise)
            .when(Who::Member(ADMIN), command)
            .then_accepted();
    }
}

#[test]
fn what_exists_goes_on() {
    let given = on(Plan::Starter);
    assert!(given.allows(TOKEN, "viewRole", "role/x"));
    assert!(given.member_may(CUSTOM, "viewRole", "role/x"));
    // Taking away needs no plan.
    given
        .when(Who::Member(ADMIN), assign(CUSTOM, &[]))
        .then_accepted();
    on(Plan::Starter)
        .and([has_token(OTHER_TOKEN, READER, Scope::Role(BuiltIn::Reader))])
        .when(Who::Member(ADMIN), delete(OTHER_TOKEN))
        .then_accepted();
}

#[test]
fn calls_need_pro_and_an_account_without_its_first_event_includes_nothing() {
    for (plan, included) in [
        (Plan::Starter, false),
        (Plan::Pro, true),
        (Plan::Enterprise, true),
    ] {
        assert_eq!(
            require(&on(plan).state, Feature::RestApi).is_ok(),
            included,
            "{plan}"
        );
    }
    assert!(require(&given([]).state, Feature::RestApi).is_err());
}

#[test]
fn a_plan_is_read_by_its_name() {
    for plan in Plan::ALL {
        assert_eq!(plan.name().parse(), Ok(plan));
    }
    assert!("Pro".parse::<Plan>().is_err());
}
