//! What a decision was read from is named with its versions, so that the log can refuse a stale one.

use keyledger_domain::command::{Command, Context, decide, preconditions};
use keyledger_domain::event::Event;
use keyledger_domain::ids::StreamRef;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn of(given: &Given, who: Who, command: &Command) -> Vec<(StreamRef, i64)> {
    let actor = given.actor(who);
    let context = Context {
        now_ms: NOW,
        actor: &actor,
        loaded: None,
    };
    let events = decide(&given.state, command, &context).expect("accepted");
    preconditions(&given.state, &context, &events)
}

fn start() -> Given {
    given(house())
        .and(custom_member(vec![allow(&["*"], &["*"])]))
        .and([
            Event::RoleCreated(role_made(AUDITOR, "auditor", Vec::new())),
            role_edited(AUDITOR, vec![allow(&["view*"], &["*"])]),
            has_token(TOKEN, CUSTOM, Scope::Inline(vec![allow(&["*"], &["*"])])),
        ])
}

#[test]
fn a_new_token_depends_on_its_maker_the_makers_roles_and_the_roles_of_its_scope() {
    let found = of(
        &start(),
        Who::Member(CUSTOM),
        &create_personal(scope_roles(&["auditor"])),
    );
    assert_eq!(
        found,
        [
            (StreamRef::member(ACCOUNT, CUSTOM), 1),
            (StreamRef::token(ACCOUNT, NEW_TOKEN), 0),
            (StreamRef::role(ACCOUNT, DEPLOYER), 1),
            (StreamRef::role(ACCOUNT, AUDITOR), 2),
        ]
    );
}

#[test]
fn a_decision_for_a_token_depends_on_that_token_and_its_member() {
    let found = of(&start(), Who::Token(TOKEN), &delete(TOKEN));
    assert_eq!(
        found,
        [
            (StreamRef::member(ACCOUNT, CUSTOM), 1),
            (StreamRef::token(ACCOUNT, TOKEN), 1),
            (StreamRef::role(ACCOUNT, DEPLOYER), 1),
        ]
    );
}

#[test]
fn a_decision_for_a_service_token_does_not_depend_on_its_creator() {
    let all = vec![allow(&["*"], &["*"])];
    let given = start().and([Event::TokenCreated(service(
        OTHER_TOKEN,
        CUSTOM,
        all.clone(),
        all,
    ))]);
    let found = of(&given, Who::Token(OTHER_TOKEN), &delete(TOKEN));
    assert_eq!(
        found,
        [
            (StreamRef::token(ACCOUNT, TOKEN), 1),
            (StreamRef::token(ACCOUNT, OTHER_TOKEN), 1),
        ]
    );
}

#[test]
fn an_assignment_depends_on_the_roles_that_it_gives() {
    let found = of(&start(), Who::Member(ADMIN), &assign(WRITER, &["auditor"]));
    assert_eq!(
        found,
        [
            (StreamRef::member(ACCOUNT, ADMIN), 1),
            (StreamRef::member(ACCOUNT, WRITER), 1),
            (StreamRef::role(ACCOUNT, AUDITOR), 2),
        ]
    );
}

#[test]
fn a_token_that_was_loaded_for_the_command_is_the_one_that_counts() {
    let mut given = start();
    let loaded = given.state.tokens.remove(&TOKEN).expect("there");
    assert_eq!(loaded.scope, Scope::Inline(vec![allow(&["*"], &["*"])]));
    let actor = given.actor(Who::Member(CUSTOM));
    let without = Context {
        now_ms: NOW,
        actor: &actor,
        loaded: None,
    };
    assert!(decide(&given.state, &delete(TOKEN), &without).is_err());
    let with = Context {
        loaded: Some(&loaded),
        ..without
    };
    let events = decide(&given.state, &delete(TOKEN), &with).expect("accepted");
    let stream = (StreamRef::token(ACCOUNT, TOKEN), 1);
    assert!(preconditions(&given.state, &with, &events).contains(&stream));
    assert_eq!(
        given.state.member(WRITER).map(|member| member.role),
        Some(BuiltIn::Writer)
    );
}
