//! Tokens as credentials: what they may manage, and that they never make more than they are.

use keyledger_domain::command::Command;
use keyledger_domain::event::{Event, TokenDeleted};
use keyledger_domain::permission::LayerKind;
use keyledger_domain::policy::Statement;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::Refusal;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ME: Who = Who::Token(TOKEN);

fn admins_token(scope: Scope) -> Given {
    given(house()).and([
        has_token(TOKEN, ADMIN, scope),
        has_token(OTHER_TOKEN, ADMIN, Scope::Role(BuiltIn::Admin)),
    ])
}

fn rename(id: keyledger_domain::ids::TokenId) -> Command {
    Command::UpdateToken(keyledger_domain::command::UpdateToken {
        name: Some("renamed".to_owned()),
        ..update(id)
    })
}

#[test]
fn the_reader_and_writer_scopes_manage_no_tokens() {
    for role in [BuiltIn::Reader, BuiltIn::Writer] {
        for (command, action) in [
            (create_personal(scope_role("reader")), "createAccessToken"),
            (create_service(scope_role("reader")), "createAccessToken"),
            (reset(OTHER_TOKEN, None), "resetAccessToken"),
            (reset(TOKEN, None), "resetAccessToken"),
            (delete(OTHER_TOKEN), "deleteAccessToken"),
            (rename(TOKEN), "updateAccessTokenName"),
            (
                rescope(TOKEN, scope_role("admin")),
                "updateAccessTokenPolicy",
            ),
        ] {
            admins_token(Scope::Role(role))
                .when(ME, command)
                .then_rejected(denied(action));
        }
    }
}

#[test]
fn a_token_revokes_itself_and_others_only_if_it_may_delete_them() {
    for role in [BuiltIn::Reader, BuiltIn::Writer] {
        admins_token(Scope::Role(role))
            .when(ME, revoke(OTHER_TOKEN))
            .then_rejected(denied("deleteAccessToken"))
            .when(ME, revoke(TOKEN))
            .then([Event::TokenDeleted(TokenDeleted { id: TOKEN })]);
    }
    admins_token(Scope::Role(BuiltIn::Admin))
        .when(ME, revoke(OTHER_TOKEN))
        .then_accepted();
}

#[test]
fn the_admin_scope_manages_tokens() {
    for command in [
        create_personal(scope_role("admin")),
        create_service(scope_role("admin")),
        reset(OTHER_TOKEN, None),
        delete(OTHER_TOKEN),
        rename(OTHER_TOKEN),
    ] {
        admins_token(Scope::Role(BuiltIn::Admin))
            .when(ME, command)
            .then_accepted();
    }
}

#[test]
fn an_explicit_grant_manages_just_what_it_names() {
    let scope = Scope::Inline(vec![allow(&["createAccessToken"], &["service-token/*"])]);
    admins_token(scope)
        .when(ME, create_service(scope_role("admin")))
        .then_accepted()
        .when(ME, delete(NEW_TOKEN))
        .then_rejected(denied("deleteAccessToken"))
        .when(ME, create_personal(scope_role("reader")))
        .then_rejected(denied("createAccessToken"));
}

#[test]
fn a_custom_role_with_the_grant_manages_tokens_too() {
    let role = role_made(
        DEPLOYER,
        "deployer",
        vec![allow(&["createAccessToken"], &["*"])],
    );
    admins_token(Scope::CustomRoles(vec![DEPLOYER]))
        .and([Event::RoleCreated(role)])
        .when(ME, create_service(scope_role("reader")))
        .then_accepted();
}

#[test]
fn a_token_of_a_lower_member_stays_below_that_member() {
    given(house())
        .and([has_token(
            TOKEN,
            READER,
            Scope::Inline(vec![allow(&["*"], &["*"])]),
        )])
        .when(ME, create_personal(scope_role("writer")))
        .then_rejected(forbidden("above your own"))
        .when(ME, delete(TOKEN))
        .then_accepted();
}

fn maker() -> Vec<Statement> {
    vec![
        allow(&["createAccessToken", "updateAccessTokenPolicy"], &["*"]),
        allow(&["viewProject"], &["proj/*"]),
    ]
}

#[test]
fn a_token_made_by_a_token_is_bounded_by_it() {
    let everything = || scope_inline(vec![allow(&["*"], &["*"])]);
    for command in [
        create_personal(everything()),
        create_service(everything()),
        create_personal(scope_role("admin")),
        create_service(scope_role("admin")),
    ] {
        let given = admins_token(Scope::Inline(maker()))
            .when(ME, command)
            .then_accepted();
        assert!(given.allows(NEW_TOKEN, "viewProject", "proj/web"));
        assert_eq!(
            given.check(NEW_TOKEN, "updateOn", FLAG),
            Err(Refusal::NotAllowedBy(LayerKind::Bound))
        );
    }
}

#[test]
fn the_bound_is_passed_on_through_generations() {
    let given = admins_token(Scope::Inline(maker()))
        .when(ME, create_service(scope_role("admin")))
        .then_accepted();
    let grandchild = keyledger_domain::command::CreateToken {
        id: token_id(10),
        ..create(
            keyledger_domain::scope::TokenKind::Personal,
            scope_role("admin"),
        )
    };
    let given = given
        .when(Who::Token(NEW_TOKEN), Command::CreateToken(grandchild))
        .then_accepted();
    assert!(given.allows(token_id(10), "viewProject", "proj/web"));
    assert!(!given.allows(token_id(10), "updateOn", FLAG));
}

#[test]
fn a_token_does_not_widen_itself_by_patch() {
    let given = admins_token(Scope::Inline(maker()))
        .when(ME, rescope(TOKEN, scope_role("admin")))
        .then_accepted();
    assert!(given.allows(TOKEN, "viewProject", "proj/web"));
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
    let given = given
        .when(
            ME,
            rescope(TOKEN, scope_inline(vec![allow(&["*"], &["*"])])),
        )
        .then_accepted();
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn a_token_does_not_widen_another_by_patch() {
    let given = admins_token(Scope::Inline(maker()))
        .when(
            ME,
            rescope(OTHER_TOKEN, scope_inline(vec![allow(&["*"], &["*"])])),
        )
        .then_accepted();
    assert!(given.allows(OTHER_TOKEN, "viewProject", "proj/web"));
    assert!(!given.allows(OTHER_TOKEN, "updateOn", FLAG));
}

#[test]
fn the_member_in_person_lifts_the_bound_by_a_new_scope() {
    let given = admins_token(Scope::Inline(maker()))
        .when(ME, rescope(TOKEN, scope_role("admin")))
        .then_accepted()
        .when(Who::Member(ADMIN), rescope(TOKEN, scope_role("writer")))
        .then_accepted();
    assert!(given.allows(TOKEN, "updateOn", FLAG));
}

#[test]
fn a_service_token_outlives_its_member_but_makes_no_personal_tokens_then() {
    let all = vec![allow(&["*"], &["*"])];
    given(house())
        .and([
            Event::TokenCreated(service(TOKEN, WRITER, all.clone(), all)),
            removed(WRITER),
        ])
        .when(ME, create_personal(scope_role("reader")))
        .then_rejected(forbidden("was removed"))
        .when(ME, create_service(scope_role("reader")))
        .then_accepted();
}

#[test]
fn a_token_may_delete_itself_when_it_is_granted_that() {
    let own = allow(&["deleteAccessToken"], &["member/${memberId}:token/*"]);
    let given = given(house())
        .and([has_token(TOKEN, READER, Scope::Inline(vec![own]))])
        .when(ME, delete(TOKEN))
        .then_accepted();
    assert!(given.state.token(TOKEN).is_none());
}

#[test]
fn generations_of_service_tokens_come_to_an_end() {
    let scope = |number: u8| {
        scope_inline(vec![
            allow(&["createAccessToken"], &["service-token/*"]),
            allow(&["viewProject"], &[&format!("proj/p{number}")]),
        ])
    };
    let child = |number: u8| {
        Command::CreateToken(keyledger_domain::command::CreateToken {
            id: token_id(100 + number),
            ..create(keyledger_domain::scope::TokenKind::Service, scope(number))
        })
    };
    let mut given = given(house())
        .when(Who::Member(ADMIN), child(0))
        .then_accepted();
    for number in 1..16 {
        given = given
            .when(Who::Token(token_id(99 + number)), child(number))
            .then_accepted();
    }
    given
        .when(Who::Token(token_id(115)), child(16))
        .then_rejected(invalid(""));
}
