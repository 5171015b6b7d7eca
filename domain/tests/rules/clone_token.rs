//! CloneToken: the kind and scope of another, under the cloner's own ceiling.

use keyledger_domain::command::{CloneToken, Command};
use keyledger_domain::event::{Event, TokenCreated};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn clone_of_token() -> CloneToken {
    CloneToken {
        source: TOKEN,
        id: NEW_TOKEN,
        secret: secret(1),
        name: None,
        description: None,
        expiry_ms: None,
    }
}

fn clone() -> Command {
    Command::CloneToken(clone_of_token())
}

fn writers_token() -> TokenCreated {
    TokenCreated {
        description: "nightly".to_owned(),
        expiry_ms: Some(NOW + 5),
        default_api_version: 20_191_212,
        digest: digest(7),
        ..personal(TOKEN, WRITER, Scope::Role(BuiltIn::Writer))
    }
}

#[test]
fn a_clone_takes_over_all_but_the_secret_and_the_expiry() {
    given(house())
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(WRITER), clone())
        .then([Event::TokenCreated(TokenCreated {
            id: NEW_TOKEN,
            digest: digest(1),
            expiry_ms: None,
            cloned_from: Some(TOKEN),
            ..writers_token()
        })]);
}

#[test]
fn a_clone_may_have_its_own_name_description_and_expiry() {
    let command = CloneToken {
        name: Some("copy".to_owned()),
        description: Some(String::new()),
        expiry_ms: Some(NOW + 9),
        ..clone_of_token()
    };
    let given = given(house())
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(WRITER), Command::CloneToken(command))
        .then_accepted();
    let copy = &given.state.tokens[&NEW_TOKEN];
    assert_eq!(
        (copy.name.as_str(), copy.description.as_str()),
        ("copy", "")
    );
    assert_eq!(copy.expiry_ms, Some(NOW + 9));
}

#[test]
fn a_clone_belongs_to_the_cloner_and_follows_the_cloners_permission() {
    let given = given(house())
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(ADMIN), clone())
        .then_accepted()
        .and([downgraded(WRITER, BuiltIn::Writer, BuiltIn::Reader)]);
    assert_eq!(given.state.tokens[&NEW_TOKEN].grant.member, ADMIN);
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn a_clone_of_another_members_token_needs_to_see_it() {
    given(house())
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(READER), clone())
        .then_rejected(denied("viewAccessToken"));
}

#[test]
fn a_clone_is_not_above_the_cloners_rank() {
    given(house())
        .and([
            Event::TokenCreated(writers_token()),
            downgraded(WRITER, BuiltIn::Writer, BuiltIn::Reader),
        ])
        .when(Who::Member(WRITER), clone())
        .then_rejected(forbidden("above your own"));
}

#[test]
fn a_clone_needs_the_permission_to_create() {
    given(house())
        .and(custom_member(vec![allow(&["viewAccessToken"], &["*"])]))
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(CUSTOM), clone())
        .then_rejected(denied("createAccessToken"));
}

#[test]
fn the_clone_of_a_service_token_is_frozen_by_value_under_the_cloners_ceiling() {
    let frozen = vec![allow(&["updateOn", "deleteMember"], &["*"])];
    let source = TokenCreated {
        scope: Scope::CustomRoles(vec![DEPLOYER]),
        ..service(TOKEN, OWNER, frozen.clone(), vec![allow(&["*"], &["*"])])
    };
    let made = role_made(DEPLOYER, "deployer", frozen.clone());
    let admin = BuiltIn::Admin.member_policy().statements().to_vec();
    let given = given(house())
        .and([
            Event::RoleCreated(made),
            Event::TokenCreated(source.clone()),
            role_edited(DEPLOYER, vec![allow(&["viewProject"], &["*"])]),
        ])
        .when(Who::Member(ADMIN), clone())
        .then([Event::TokenCreated(TokenCreated {
            id: NEW_TOKEN,
            member: ADMIN,
            bounds: vec![vec![admin]],
            cloned_from: Some(TOKEN),
            ..source
        })]);
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
    assert!(!given.allows(NEW_TOKEN, "viewProject", "proj/web"));
}

#[test]
fn a_lower_member_clones_a_service_token_and_is_capped() {
    let all = vec![allow(&["*"], &["*"])];
    let given = given(house())
        .and([Event::TokenCreated(service(TOKEN, OWNER, all.clone(), all))])
        .when(Who::Member(READER), clone())
        .then_accepted();
    assert_eq!(
        given.state.tokens[&NEW_TOKEN].grant.kind,
        TokenKind::Service
    );
    assert!(given.allows(NEW_TOKEN, "viewProject", "proj/web"));
    assert!(!given.allows(NEW_TOKEN, "updateOn", FLAG));
}

#[test]
fn the_clone_of_a_live_service_token_is_live() {
    let source = TokenCreated {
        kind: TokenKind::Service,
        role_binding: RoleBinding::Live,
        role_attributes: attributes("projects", &["web"]),
        bounds: vec![vec![vec![allow(&["*"], &["*"])]]],
        ..personal(TOKEN, OWNER, Scope::CustomRoles(vec![DEPLOYER]))
    };
    let policy = |action| {
        vec![allow(
            &[action],
            &["proj/${roleAttribute/projects}:env/*:flag/*"],
        )]
    };
    let given = given(house())
        .and([
            Event::RoleCreated(role_made(DEPLOYER, "deployer", policy("updateOn"))),
            Event::TokenCreated(source),
        ])
        .when(Who::Member(ADMIN), clone())
        .then_accepted();
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
    let given = given.and([role_edited(DEPLOYER, policy("viewFlag"))]);
    assert!(!given.allows(NEW_TOKEN, "updateOn", FLAG));
    assert!(given.allows(NEW_TOKEN, "viewFlag", FLAG));
}

#[test]
fn a_clone_by_a_token_is_bounded_by_that_token() {
    let maker = vec![
        allow(&["createAccessToken", "viewAccessToken"], &["*"]),
        allow(&["viewProject"], &["*"]),
    ];
    let given = given(house())
        .and([
            Event::TokenCreated(writers_token()),
            has_token(OTHER_TOKEN, ADMIN, Scope::Inline(maker)),
        ])
        .when(Who::Token(OTHER_TOKEN), clone())
        .then_accepted();
    assert!(given.allows(NEW_TOKEN, "viewProject", "proj/web"));
    assert!(!given.allows(NEW_TOKEN, "updateOn", FLAG));
}

#[test]
fn a_clone_of_what_is_not_there_is_refused() {
    given(house())
        .when(Who::Member(ADMIN), clone())
        .then_rejected(not_found("token"))
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(ADMIN), delete(TOKEN))
        .then_accepted()
        .when(Who::Member(ADMIN), clone())
        .then_rejected(not_found("token"));
}

#[test]
fn a_clone_with_an_expiry_in_the_past_is_refused() {
    let command = CloneToken {
        expiry_ms: Some(NOW),
        ..clone_of_token()
    };
    given(house())
        .and([Event::TokenCreated(writers_token())])
        .when(Who::Member(WRITER), Command::CloneToken(command))
        .then_rejected(invalid("/expiry"));
}
