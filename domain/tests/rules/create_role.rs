//! CreateRole.

use keyledger_domain::command::{Command, CreateRole, NAME_CHARS_MAX, TEXT_CHARS_MAX};
use keyledger_domain::event::{Event, RoleCreated};
use keyledger_domain::role::BuiltIn;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ME: Who = Who::Member(ADMIN);

fn ask(command: CreateRole) -> Outcome {
    given(house()).when(ME, Command::CreateRole(command))
}

fn made(key: &str) -> RoleCreated {
    RoleCreated {
        name: "Deployer".to_owned(),
        ..role_made(NEW_ROLE, key, new_role(key).policy)
    }
}

#[test]
fn a_role_is_kept_as_it_was_given() {
    let command = CreateRole {
        description: "Deploys".to_owned(),
        base_permissions: Some("reader".to_owned()),
        resource_category: Some("project".to_owned()),
        ..new_role("deployer")
    };
    ask(command).then([Event::RoleCreated(RoleCreated {
        description: "Deploys".to_owned(),
        base_permissions: BuiltIn::Reader,
        resource_category: Some("project".to_owned()),
        ..made("deployer")
    })]);
}

#[test]
fn keys_are_letters_digits_dots_underscores_and_hyphens() {
    for key in ["a", "Deploy-er_2.0", "--", &"k".repeat(255)] {
        ask(new_role(key)).then([Event::RoleCreated(made(key))]);
    }
    for key in [
        "",
        " ",
        "a b",
        "a/b",
        "a:b",
        "a;b",
        "é",
        "a*",
        "${memberId}",
        &"k".repeat(256),
    ] {
        ask(new_role(key)).then_rejected(invalid("/key"));
    }
}

#[test]
fn a_built_in_roles_name_is_no_key() {
    for role in BuiltIn::ALL {
        ask(new_role(role.name())).then_rejected(invalid("/key"));
    }
}

/// Such a key took that role's place wherever roles are named by id; a role may yet be made with any id.
#[test]
fn a_key_that_looks_like_an_id_is_refused() {
    let start = || {
        given(house()).and([Event::RoleCreated(role_made(
            DEPLOYER,
            "deployer",
            Vec::new(),
        ))])
    };
    for id in [DEPLOYER, NEW_ROLE, AUDITOR] {
        start()
            .when(ME, Command::CreateRole(new_role(&id.to_string())))
            .then_rejected(invalid("/key"));
    }
    let id = DEPLOYER.to_string();
    for almost in [
        id.trim_start_matches('5'),
        &format!("{id}0"),
        &id.replace('5', "g"),
    ] {
        start()
            .when(ME, Command::CreateRole(new_role(almost)))
            .then([Event::RoleCreated(made(almost))]);
    }
}

/// The owner was told that `createRole` is missing, where `role/<key>` was no resource.
#[test]
fn the_longest_key_can_be_spoken_of_in_policies() {
    let longest = "k".repeat(255);
    given(house())
        .and(custom_member(vec![allow(
            &["createRole"],
            &[&format!("role/{longest}")],
        )]))
        .when(Who::Member(CUSTOM), Command::CreateRole(new_role(&longest)))
        .then([Event::RoleCreated(made(&longest))]);
}

#[test]
fn a_key_is_taken_once_and_free_again_after_deletion() {
    given(house())
        .and([Event::RoleCreated(role_made(
            DEPLOYER,
            "deployer",
            Vec::new(),
        ))])
        .when(ME, Command::CreateRole(new_role("deployer")))
        .then_rejected(conflict("already"))
        .when(ME, Command::CreateRole(new_role("Deployer")))
        .then_accepted();
    given(house())
        .and([
            Event::RoleCreated(role_made(DEPLOYER, "deployer", Vec::new())),
            role_deleted(DEPLOYER),
        ])
        .when(ME, Command::CreateRole(new_role("deployer")))
        .then([Event::RoleCreated(made("deployer"))]);
}

#[test]
fn base_permissions_are_reader_or_no_access() {
    let with = |name: &str| CreateRole {
        base_permissions: Some(name.to_owned()),
        ..new_role("deployer")
    };
    for name in ["", "no_access"] {
        ask(with(name)).then([Event::RoleCreated(made("deployer"))]);
    }
    for name in ["writer", "admin", "owner", "Reader"] {
        ask(with(name)).then_rejected(invalid("/basePermissions"));
    }
}

#[test]
fn the_other_fields_have_their_rules() {
    let base = || new_role("deployer");
    let cases = [
        (
            CreateRole {
                name: " ".to_owned(),
                ..base()
            },
            "/name",
        ),
        (
            CreateRole {
                name: "n".repeat(NAME_CHARS_MAX + 1),
                ..base()
            },
            "/name",
        ),
        (
            CreateRole {
                description: "d".repeat(TEXT_CHARS_MAX + 1),
                ..base()
            },
            "/description",
        ),
        (
            CreateRole {
                resource_category: Some("galaxy".to_owned()),
                ..base()
            },
            "/resourceCategory",
        ),
        (
            CreateRole {
                policy: vec![allow(&["*"], &["flag"])],
                ..base()
            },
            "/policy/0/resources/0",
        ),
    ];
    for (command, pointer) in cases {
        ask(command).then_rejected(invalid(pointer));
    }
    ask(CreateRole {
        policy: Vec::new(),
        ..base()
    })
    .then_accepted();
}

#[test]
fn creating_a_role_needs_the_permission_on_its_key() {
    for member in [WRITER, READER, NOBODY] {
        given(house())
            .when(
                Who::Member(member),
                Command::CreateRole(new_role("deployer")),
            )
            .then_rejected(denied("createRole"));
    }
    let with = |key| {
        given(house())
            .and(custom_member(vec![allow(&["createRole"], &["role/web-*"])]))
            .when(Who::Member(CUSTOM), Command::CreateRole(new_role(key)))
    };
    with("web-deployer").then_accepted();
    with("shop-deployer").then_rejected(denied("createRole"));
}

#[test]
fn a_role_is_found_by_key_before_id() {
    let given = given(house()).and([Event::RoleCreated(role_made(
        DEPLOYER,
        "deployer",
        Vec::new(),
    ))]);
    let found = |key: &str| given.state.role_by_key_or_id(key).map(|role| role.id);
    assert_eq!(found("deployer"), Some(DEPLOYER));
    assert_eq!(found(&DEPLOYER.to_string()), Some(DEPLOYER));
    assert_eq!(found("Deployer"), None);
    assert_eq!(found(&AUDITOR.to_string()), None);
}
