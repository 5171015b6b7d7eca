//! What a personal token may do: its scope, and what its member may do now.

use keyledger_domain::event::{Event, RoleUpdated, TokenUpdated};
use keyledger_domain::permission::LayerKind;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::{Refusal, TokenStatus};

use crate::sample::*;
use crate::scenario::*;

fn token(scope: Scope) -> Given {
    given(house()).and([has_token(TOKEN, WRITER, scope)])
}

#[test]
fn an_action_is_allowed_when_scope_and_member_allow_it() {
    let given = token(Scope::Inline(vec![allow(
        &["updateOn", "deleteMember"],
        &["*"],
    )]));
    assert_eq!(given.check(TOKEN, "updateOn", FLAG), Ok(()));
    assert_eq!(
        given.check(TOKEN, "viewProject", "proj/web"),
        Err(Refusal::NotAllowedBy(LayerKind::Scope))
    );
    assert_eq!(
        given.check(TOKEN, "deleteMember", &format!("member/{READER}")),
        Err(Refusal::NotAllowedBy(LayerKind::Member))
    );
}

#[test]
fn a_demotion_narrows_at_once_and_a_promotion_widens_back() {
    let given = token(Scope::Role(BuiltIn::Writer));
    assert!(given.allows(TOKEN, "updateOn", FLAG));
    let given = given.and([downgraded(WRITER, BuiltIn::Writer, BuiltIn::Reader)]);
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
    assert!(given.allows(TOKEN, "viewFlag", FLAG));
    let given = given.and([downgraded(WRITER, BuiltIn::Reader, BuiltIn::NoAccess)]);
    assert!(!given.allows(TOKEN, "viewFlag", FLAG));
    let given = given.and([promoted(WRITER, BuiltIn::NoAccess, BuiltIn::Writer)]);
    assert!(given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn a_promotion_widens_only_up_to_the_scope() {
    let given = token(Scope::Role(BuiltIn::Reader)).and([promoted(
        WRITER,
        BuiltIn::Writer,
        BuiltIn::Admin,
    )]);
    assert!(given.member_may(WRITER, "updateOn", FLAG));
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn a_promotion_reaches_a_scope_that_was_wider_than_the_member() {
    let member = format!("member/{READER}");
    let given = token(Scope::Inline(vec![allow(&["deleteMember"], &["*"])]));
    assert!(!given.allows(TOKEN, "deleteMember", &member));
    let given = given.and([promoted(WRITER, BuiltIn::Writer, BuiltIn::Admin)]);
    assert!(given.allows(TOKEN, "deleteMember", &member));
}

#[test]
fn a_removed_members_token_is_deactivated_for_good() {
    let given = token(Scope::Role(BuiltIn::Writer)).and([removed(WRITER)]);
    assert_eq!(
        given.check(TOKEN, "updateOn", FLAG),
        Err(Refusal::Deactivated)
    );
    let back = member_invited(NEW_MEMBER, "writer@acme.test", BuiltIn::Admin);
    let given = given.and([Event::MemberInvited(back)]);
    assert_eq!(
        given.check(TOKEN, "updateOn", FLAG),
        Err(Refusal::Deactivated)
    );
    assert_eq!(given.status(TOKEN), TokenStatus::Deactivated);
}

#[test]
fn an_edit_of_a_role_in_the_scope_is_followed_at_once() {
    let made = role_made(DEPLOYER, "deployer", vec![allow(&["updateOn"], &["*"])]);
    let given = token(Scope::CustomRoles(vec![DEPLOYER])).and([Event::RoleCreated(made)]);
    assert!(given.allows(TOKEN, "updateOn", FLAG));
    let given = given.and([role_edited(DEPLOYER, vec![allow(&["viewFlag"], &["*"])])]);
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
    assert!(given.allows(TOKEN, "viewFlag", FLAG));
    let given = given.and([role_deleted(DEPLOYER)]);
    assert!(!given.allows(TOKEN, "viewFlag", FLAG));
}

#[test]
fn an_edit_of_a_role_of_the_member_is_followed_at_once() {
    let given = given(house())
        .and(custom_member(vec![allow(&["updateOn"], &["*"])]))
        .and([has_token(TOKEN, CUSTOM, Scope::Role(BuiltIn::Writer))]);
    assert!(given.allows(TOKEN, "updateOn", FLAG));
    let given = given.and([role_edited(DEPLOYER, Vec::new())]);
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn custom_roles_replace_the_base_role_and_the_most_permissive_wins() {
    let roles = [
        Event::RoleCreated(role_made(DEPLOYER, "deployer", vec![deny(&["*"], &["*"])])),
        Event::RoleCreated(role_made(
            AUDITOR,
            "auditor",
            vec![allow(&["viewFlag"], &["*"])],
        )),
    ];
    let given = token(Scope::Role(BuiltIn::Writer))
        .and(roles)
        .and([roles_assigned(WRITER, &[DEPLOYER, AUDITOR])]);
    assert!(given.allows(TOKEN, "viewFlag", FLAG));
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
    let given = given.and([roles_assigned(WRITER, &[])]);
    assert!(given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn inside_one_policy_a_deny_wins() {
    let given = token(Scope::Inline(vec![
        allow(&["*"], &["*"]),
        deny(&["updateOn"], &["proj/*:env/live:flag/*"]),
    ]));
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
    assert!(given.allows(TOKEN, "updateOn", "proj/web:env/test:flag/dark-mode"));
}

#[test]
fn a_new_scope_counts_at_once() {
    let edit = TokenUpdated {
        id: TOKEN,
        name: None,
        description: None,
        scope: Some(Scope::Role(BuiltIn::Reader)),
        bounds: Vec::new(),
        expiry_ms: None,
        default_api_version: None,
    };
    let given = token(Scope::Role(BuiltIn::Writer)).and([Event::TokenUpdated(edit)]);
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn role_attributes_are_those_of_the_member_now() {
    let made = role_made(
        DEPLOYER,
        "deployer",
        vec![allow(
            &["updateOn"],
            &["proj/${roleAttribute/projects}:env/*:flag/*"],
        )],
    );
    let given = token(Scope::CustomRoles(vec![DEPLOYER])).and([Event::RoleCreated(made)]);
    assert!(
        !given.allows(TOKEN, "updateOn", FLAG),
        "no values match nothing"
    );
    let given = given.and([attributes_set(
        WRITER,
        attributes("projects", &["shop", "web"]),
    )]);
    assert!(given.allows(TOKEN, "updateOn", FLAG));
    let given = given.and([attributes_set(WRITER, attributes("projects", &["shop"]))]);
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn the_member_id_stands_for_the_tokens_member() {
    let own = vec![allow(&["viewAccessToken"], &["member/${memberId}:token/*"])];
    let given = token(Scope::Inline(own));
    assert!(given.allows(
        TOKEN,
        "viewAccessToken",
        &format!("member/{WRITER}:token/{TOKEN}")
    ));
    assert!(!given.allows(
        TOKEN,
        "viewAccessToken",
        &format!("member/{READER}:token/{TOKEN}")
    ));
}

#[test]
fn a_base_permission_changed_alone_is_followed() {
    let given = given(house())
        .and(custom_member(Vec::new()))
        .and([has_token(TOKEN, CUSTOM, Scope::Role(BuiltIn::Reader))]);
    assert!(!given.allows(TOKEN, "viewFlag", FLAG));
    let given = given.and([Event::RoleUpdated(RoleUpdated {
        id: DEPLOYER,
        name: None,
        description: None,
        policy: None,
        base_permissions: Some(BuiltIn::Reader),
        comment: None,
    })]);
    assert!(given.allows(TOKEN, "viewFlag", FLAG));
}

#[test]
fn an_expiry_ends_a_token_at_its_moment() {
    let given = given(house()).and([Event::TokenCreated(keyledger_domain::event::TokenCreated {
        expiry_ms: Some(NOW),
        ..personal(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))
    })]);
    let token = &given.state.tokens[&TOKEN];
    assert_eq!(
        given.state.token_status(token, NOW - 1),
        TokenStatus::Active
    );
    assert_eq!(given.state.token_status(token, NOW), TokenStatus::Expired);
}
