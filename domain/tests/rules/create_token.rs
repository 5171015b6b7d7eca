//! CreateToken: the scope, the expiry and what the event holds.

use keyledger_domain::command::{
    CUSTOM_ROLES_MAX, Command, CreateToken, NAME_CHARS_MAX, ScopeChoice,
};
use keyledger_domain::event::{Event, TokenCreated};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ME: Who = Who::Member(ADMIN);

fn with_deployer() -> Given {
    given(house()).and([Event::RoleCreated(role_made(
        DEPLOYER,
        "deployer",
        vec![allow(
            &["updateOn"],
            &["proj/${roleAttribute/projects}:env/*:flag/*"],
        )],
    ))])
}

#[test]
fn a_personal_token_is_kept_with_its_scope_and_no_bounds() {
    given(house())
        .when(ME, create_personal(scope_role("writer")))
        .then([Event::TokenCreated(personal(
            NEW_TOKEN,
            ADMIN,
            Scope::Role(BuiltIn::Writer),
        ))]);
}

#[test]
fn a_service_token_is_kept_with_its_scope_and_its_creators_permission_by_value() {
    let statements = |policy: &keyledger_domain::policy::Policy| policy.statements().to_vec();
    given(house())
        .when(ME, create_service(scope_role("reader")))
        .then([Event::TokenCreated(TokenCreated {
            kind: TokenKind::Service,
            frozen_scope: Some(vec![statements(BuiltIn::Reader.scope_policy())]),
            bounds: vec![vec![statements(BuiltIn::Admin.member_policy())]],
            ..personal(NEW_TOKEN, ADMIN, Scope::Role(BuiltIn::Reader))
        })]);
}

#[test]
fn custom_roles_are_named_by_key_or_id_and_kept_once() {
    let id = DEPLOYER.to_string();
    with_deployer()
        .when(
            ME,
            create_personal(scope_roles(&["deployer", &id, "deployer"])),
        )
        .then([Event::TokenCreated(personal(
            NEW_TOKEN,
            ADMIN,
            Scope::CustomRoles(vec![DEPLOYER]),
        ))]);
}

#[test]
fn a_scope_of_none_is_refused() {
    let empty = ScopeChoice {
        role: Some(String::new()),
        custom_roles: Some(Vec::new()),
        inline: Some(Vec::new()),
    };
    for choice in [ScopeChoice::default(), empty] {
        given(house())
            .when(ME, create_personal(choice))
            .then_rejected(invalid(""));
    }
}

#[test]
fn a_scope_of_several_is_refused() {
    let inline = Some(vec![allow(&["*"], &["*"])]);
    let role = Some("reader".to_owned());
    let custom_roles = Some(texts(&["deployer"]));
    for (role, custom_roles, inline) in [
        (role.clone(), custom_roles.clone(), None),
        (role.clone(), None, inline.clone()),
        (None, custom_roles.clone(), inline.clone()),
        (role, custom_roles, inline),
    ] {
        let choice = ScopeChoice {
            role,
            custom_roles,
            inline,
        };
        with_deployer()
            .when(ME, create_service(choice))
            .then_rejected(invalid(""));
    }
}

#[test]
fn a_built_in_scope_is_reader_writer_or_admin() {
    for name in ["owner", "no_access", "Reader", "deployer", "superuser"] {
        with_deployer()
            .when(Who::Member(OWNER), create_personal(scope_role(name)))
            .then_rejected(invalid("/role"));
    }
}

#[test]
fn an_unknown_or_deleted_custom_role_is_refused_at_its_place() {
    with_deployer()
        .when(
            ME,
            create_personal(scope_roles(&["deployer", "unheard-of"])),
        )
        .then_rejected(invalid("/customRoleIds/1"))
        .and([role_deleted(DEPLOYER)])
        .when(ME, create_personal(scope_roles(&["deployer"])))
        .then_rejected(invalid("/customRoleIds/0"))
        .when(ME, create_personal(scope_roles(&[&DEPLOYER.to_string()])))
        .then_rejected(invalid("/customRoleIds/0"));
}

#[test]
fn too_many_custom_roles_are_refused() {
    let keys = vec!["deployer"; CUSTOM_ROLES_MAX + 1];
    with_deployer()
        .when(ME, create_personal(scope_roles(&keys)))
        .then_rejected(invalid("/customRoleIds"));
}

#[test]
fn an_inline_policy_that_does_not_parse_is_refused_at_its_place() {
    let wrong = vec![allow(&["*"], &["*"]), allow(&["*"], &["proj"])];
    given(house())
        .when(ME, create_personal(scope_inline(wrong)))
        .then_rejected(invalid("/inlineRole/1/resources/0"));
}

#[test]
fn an_expiry_lies_in_the_future() {
    for (expiry_ms, accepted) in [
        (NOW + 1, true),
        (NOW, false),
        (NOW - 1, false),
        (0, false),
        (-1, false),
    ] {
        let command = Command::CreateToken(CreateToken {
            expiry_ms: Some(expiry_ms),
            ..create(TokenKind::Personal, scope_role("reader"))
        });
        let outcome = given(house()).when(ME, command);
        if accepted {
            let given = outcome.then_accepted();
            assert_eq!(given.state.tokens[&NEW_TOKEN].expiry_ms, Some(expiry_ms));
        } else {
            outcome.then_rejected(invalid("/expiry"));
        }
    }
}

#[test]
fn a_name_a_description_and_an_api_version_have_their_limits() {
    let base = || create(TokenKind::Personal, scope_role("reader"));
    let long = CreateToken {
        name: "é".repeat(NAME_CHARS_MAX + 1),
        ..base()
    };
    let control = CreateToken {
        description: "a\u{7}".to_owned(),
        ..base()
    };
    let version = CreateToken {
        default_api_version: Some(20_200_101),
        ..base()
    };
    for (command, pointer) in [
        (long, "/name"),
        (control, "/description"),
        (version, "/defaultApiVersion"),
    ] {
        given(house())
            .when(ME, Command::CreateToken(command))
            .then_rejected(invalid(pointer));
    }
    let longest = CreateToken {
        name: "é".repeat(NAME_CHARS_MAX),
        default_api_version: Some(20_191_212),
        ..base()
    };
    let given = given(house())
        .when(ME, Command::CreateToken(longest))
        .then_accepted();
    assert_eq!(
        given.state.tokens[&NEW_TOKEN].default_api_version,
        20_191_212
    );
}

#[test]
fn a_role_binding_is_only_for_service_tokens_with_custom_roles() {
    for (kind, scope) in [
        (TokenKind::Personal, scope_roles(&["deployer"])),
        (TokenKind::Personal, scope_role("reader")),
        (TokenKind::Service, scope_role("reader")),
        (
            TokenKind::Service,
            scope_inline(vec![allow(&["*"], &["*"])]),
        ),
    ] {
        for binding in [RoleBinding::Live, RoleBinding::Frozen] {
            let command = CreateToken {
                role_binding: Some(binding),
                ..create(kind, scope.clone())
            };
            with_deployer()
                .when(ME, Command::CreateToken(command))
                .then_rejected(invalid("/roleBinding"));
        }
    }
}

#[test]
fn frozen_custom_roles_are_kept_by_value_with_the_creators_attributes_filled_in() {
    with_deployer()
        .and([attributes_set(
            ADMIN,
            attributes("projects", &["web", "shop"]),
        )])
        .when(ME, create_service(scope_roles(&["deployer"])))
        .then([Event::TokenCreated(TokenCreated {
            scope: Scope::CustomRoles(vec![DEPLOYER]),
            ..service(
                NEW_TOKEN,
                ADMIN,
                vec![allow(
                    &["updateOn"],
                    &["proj/web:env/*:flag/*", "proj/shop:env/*:flag/*"],
                )],
                BuiltIn::Admin.member_policy().statements().to_vec(),
            )
        })]);
}

#[test]
fn live_custom_roles_are_kept_by_reference_with_the_creators_attributes_beside_them() {
    let projects = attributes("projects", &["web"]);
    let command = CreateToken {
        role_binding: Some(RoleBinding::Live),
        ..create(TokenKind::Service, scope_roles(&["deployer"]))
    };
    let given = with_deployer()
        .and([attributes_set(ADMIN, projects.clone())])
        .when(ME, Command::CreateToken(command))
        .then([Event::TokenCreated(TokenCreated {
            kind: TokenKind::Service,
            role_binding: RoleBinding::Live,
            role_attributes: projects,
            bounds: vec![vec![BuiltIn::Admin.member_policy().statements().to_vec()]],
            ..personal(NEW_TOKEN, ADMIN, Scope::CustomRoles(vec![DEPLOYER]))
        })])
        .and([attributes_set(ADMIN, RoleAttributes::default())]);
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
}

#[test]
fn the_operator_makes_no_tokens() {
    given(house())
        .when(Who::Operator, create_personal(scope_role("reader")))
        .then_rejected(forbidden("needs a member"));
}
