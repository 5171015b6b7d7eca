//! UpdateRole and DeleteRole.

use keyledger_domain::command::{Command, DeleteRole, UpdateRole};
use keyledger_domain::event::{Event, RoleUpdated};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ME: Who = Who::Member(ADMIN);

fn start() -> Given {
    given(house()).and(custom_member(vec![allow(&["viewProject"], &["proj/*"])]))
}

fn changed() -> RoleUpdated {
    RoleUpdated {
        id: DEPLOYER,
        name: None,
        description: None,
        policy: None,
        base_permissions: None,
        comment: None,
    }
}

fn all_fields() -> UpdateRole {
    UpdateRole {
        id: DEPLOYER,
        name: Some("New name".to_owned()),
        description: Some("New text".to_owned()),
        policy: Some(vec![allow(&["*"], &["proj/*"])]),
        base_permissions: Some("reader".to_owned()),
        comment: Some("because".to_owned()),
    }
}

#[test]
fn every_field_can_be_edited() {
    start()
        .when(ME, Command::UpdateRole(all_fields()))
        .then([Event::RoleUpdated(RoleUpdated {
            id: DEPLOYER,
            name: Some("New name".to_owned()),
            description: Some("New text".to_owned()),
            policy: Some(vec![allow(&["*"], &["proj/*"])]),
            base_permissions: Some(BuiltIn::Reader),
            comment: Some("because".to_owned()),
        })]);
}

#[test]
fn only_what_changes_is_in_the_event() {
    let command = UpdateRole {
        name: Some("deployer".to_owned()),
        description: Some("New text".to_owned()),
        base_permissions: Some("no_access".to_owned()),
        comment: Some(String::new()),
        ..edit_role(DEPLOYER)
    };
    start()
        .when(ME, Command::UpdateRole(command))
        .then([Event::RoleUpdated(RoleUpdated {
            description: Some("New text".to_owned()),
            ..changed()
        })]);
}

#[test]
fn asking_for_what_already_is_gives_no_events_but_needs_the_permission() {
    let same = || {
        Command::UpdateRole(UpdateRole {
            name: Some("deployer".to_owned()),
            policy: Some(vec![allow(&["viewProject"], &["proj/*"])]),
            comment: Some("for nothing".to_owned()),
            ..edit_role(DEPLOYER)
        })
    };
    start().when(ME, same()).then_nothing();
    start()
        .when(Who::Member(WRITER), same())
        .then_rejected(denied("updateName"));
}

#[test]
fn each_field_needs_its_own_action() {
    let fields = [
        (
            "updateName",
            UpdateRole {
                name: all_fields().name,
                ..edit_role(DEPLOYER)
            },
        ),
        (
            "updateDescription",
            UpdateRole {
                description: all_fields().description,
                ..edit_role(DEPLOYER)
            },
        ),
        (
            "updatePolicy",
            UpdateRole {
                policy: all_fields().policy,
                ..edit_role(DEPLOYER)
            },
        ),
        (
            "updateBasePermissions",
            UpdateRole {
                base_permissions: all_fields().base_permissions,
                ..edit_role(DEPLOYER)
            },
        ),
    ];
    for (action, command) in fields {
        let with = |policy| {
            given(house())
                .and(custom_member(policy))
                .when(Who::Member(CUSTOM), Command::UpdateRole(command.clone()))
        };
        with(vec![allow(&[action], &["role/deployer"])]).then_accepted();
        with(vec![
            allow(&["*"], &["*"]),
            deny(&[action], &["role/deployer"]),
        ])
        .then_rejected(denied(action));
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (command, pointer) in [
        (
            UpdateRole {
                name: Some(String::new()),
                ..edit_role(DEPLOYER)
            },
            "/name",
        ),
        (
            UpdateRole {
                description: Some("\u{0}".to_owned()),
                ..edit_role(DEPLOYER)
            },
            "/description",
        ),
        (
            UpdateRole {
                policy: Some(vec![allow(&["*"], &[])]),
                ..edit_role(DEPLOYER)
            },
            "/policy/0/resources",
        ),
        (
            UpdateRole {
                base_permissions: Some("admin".to_owned()),
                ..edit_role(DEPLOYER)
            },
            "/basePermissions",
        ),
        (
            UpdateRole {
                comment: Some("\u{0}".to_owned()),
                ..edit_role(DEPLOYER)
            },
            "/comment",
        ),
    ] {
        start()
            .when(ME, Command::UpdateRole(command))
            .then_rejected(invalid(pointer));
    }
}

#[test]
fn members_with_the_role_follow_an_edit_at_once() {
    let given = start();
    assert!(!given.member_may(CUSTOM, "updateOn", FLAG));
    let given = given.and([role_edited(
        DEPLOYER,
        vec![allow(&["updateOn"], &["proj/*:env/*:flag/*"])],
    )]);
    assert!(given.member_may(CUSTOM, "updateOn", FLAG));
    assert!(!given.member_may(CUSTOM, "viewProject", "proj/web"));
}

#[test]
fn the_base_permission_reader_adds_what_a_reader_may_and_a_deny_wins_against_it() {
    let base = UpdateRole {
        base_permissions: Some("reader".to_owned()),
        policy: Some(vec![deny(&["viewProject"], &["proj/secret"])]),
        ..edit_role(DEPLOYER)
    };
    let given = start().when(ME, Command::UpdateRole(base)).then_accepted();
    assert!(given.member_may(CUSTOM, "viewProject", "proj/web"));
    assert!(!given.member_may(CUSTOM, "viewProject", "proj/secret"));
    assert!(given.member_may(
        CUSTOM,
        "createAccessToken",
        &format!("member/{CUSTOM}:token/{TOKEN}")
    ));
    assert!(!given.member_may(CUSTOM, "updateOn", FLAG));
}

#[test]
fn the_base_permission_reader_gives_a_scope_no_token_management() {
    let given = start()
        .and([
            Event::RoleUpdated(RoleUpdated {
                base_permissions: Some(BuiltIn::Reader),
                ..changed()
            }),
            has_token(TOKEN, ADMIN, Scope::CustomRoles(vec![DEPLOYER])),
        ])
        .when(Who::Token(TOKEN), create_personal(scope_role("reader")))
        .then_rejected(denied("createAccessToken"));
    assert!(given.allows(TOKEN, "viewProject", "proj/web"));
}

#[test]
fn a_role_is_deleted_by_who_is_granted_it() {
    let delete = || Command::DeleteRole(DeleteRole { id: DEPLOYER });
    start()
        .when(Who::Member(WRITER), delete())
        .then_rejected(denied("deleteRole"))
        .when(ME, delete())
        .then([role_deleted(DEPLOYER)])
        .when(ME, delete())
        .then_rejected(not_found("role"))
        .when(ME, Command::UpdateRole(all_fields()))
        .then_rejected(not_found("role"));
}

#[test]
fn a_deleted_role_grants_nothing_and_gives_no_base_role_back() {
    let given = start()
        .and([has_token(TOKEN, CUSTOM, Scope::Role(BuiltIn::Reader))])
        .and([role_deleted(DEPLOYER)]);
    // The member's base role is reader, which would allow it.
    assert!(!given.member_may(CUSTOM, "viewProject", "proj/web"));
    assert!(!given.allows(TOKEN, "viewProject", "proj/web"));
    let given = given
        .when(Who::Member(CUSTOM), create_personal(scope_role("reader")))
        .then_rejected(denied("createAccessToken"));
    let given = given.when(ME, assign(CUSTOM, &[])).then_accepted();
    assert!(given.member_may(CUSTOM, "viewProject", "proj/web"));
}

#[test]
fn a_new_role_with_a_deleted_roles_key_is_another_role() {
    let given = start().and([
        role_deleted(DEPLOYER),
        Event::RoleCreated(role_made(NEW_ROLE, "deployer", vec![allow(&["*"], &["*"])])),
    ]);
    assert!(!given.member_may(CUSTOM, "viewProject", "proj/web"));
    assert_eq!(
        given
            .state
            .role_by_key_or_id("deployer")
            .map(|role| role.id),
        Some(NEW_ROLE)
    );
}
