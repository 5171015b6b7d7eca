//! UpdateToken and DeleteToken.

use keyledger_domain::command::{Command, UpdateToken};
use keyledger_domain::event::{Event, TokenCreated, TokenDeleted, TokenUpdated};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::TokenStatus;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn writers_token() -> Given {
    given(house()).and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))])
}

fn service_token() -> Given {
    let all = vec![allow(&["*"], &["*"])];
    given(house()).and([Event::TokenCreated(service(
        TOKEN,
        WRITER,
        all.clone(),
        all,
    ))])
}

fn changed() -> TokenUpdated {
    TokenUpdated {
        id: TOKEN,
        name: None,
        description: None,
        scope: None,
        bounds: Vec::new(),
        expiry_ms: None,
        default_api_version: None,
    }
}

fn all_fields() -> UpdateToken {
    UpdateToken {
        id: TOKEN,
        name: Some("new name".to_owned()),
        description: Some("new text".to_owned()),
        scope: Some(scope_role("writer")),
        expiry_ms: Some(NOW + 60),
        default_api_version: Some(20_191_212),
    }
}

#[test]
fn only_what_changes_is_in_the_event() {
    let command = UpdateToken {
        name: Some("ci".to_owned()),
        description: Some("nightly".to_owned()),
        ..update(TOKEN)
    };
    writers_token()
        .when(Who::Member(WRITER), Command::UpdateToken(command))
        .then([Event::TokenUpdated(TokenUpdated {
            description: Some("nightly".to_owned()),
            ..changed()
        })]);
}

#[test]
fn everything_of_a_personal_token_can_be_edited() {
    let given = writers_token()
        .when(Who::Member(WRITER), Command::UpdateToken(all_fields()))
        .then([Event::TokenUpdated(TokenUpdated {
            id: TOKEN,
            name: Some("new name".to_owned()),
            description: Some("new text".to_owned()),
            scope: Some(Scope::Role(BuiltIn::Writer)),
            bounds: Vec::new(),
            expiry_ms: Some(NOW + 60),
            default_api_version: Some(20_191_212),
        })]);
    assert!(given.allows(TOKEN, "updateOn", FLAG));
    assert_eq!(given.state.tokens[&TOKEN].version, 2);
}

#[test]
fn asking_for_what_already_is_gives_no_events_but_needs_the_permission() {
    let same = || {
        Command::UpdateToken(UpdateToken {
            name: Some("ci".to_owned()),
            scope: Some(scope_role("reader")),
            expiry_ms: Some(0),
            ..update(TOKEN)
        })
    };
    writers_token()
        .when(Who::Member(WRITER), same())
        .then_nothing();
    writers_token()
        .when(Who::Member(ADMIN), same())
        .then_nothing();
    writers_token()
        .when(Who::Member(READER), same())
        .then_rejected(denied("updateAccessTokenName"));
}

#[test]
fn each_field_needs_its_own_action() {
    let fields = [
        (
            "updateAccessTokenName",
            UpdateToken {
                name: all_fields().name,
                ..update(TOKEN)
            },
        ),
        (
            "updateAccessTokenDescription",
            UpdateToken {
                description: all_fields().description,
                ..update(TOKEN)
            },
        ),
        (
            "updateAccessTokenPolicy",
            UpdateToken {
                scope: all_fields().scope,
                ..update(TOKEN)
            },
        ),
        (
            "updateAccessTokenExpiry",
            UpdateToken {
                expiry_ms: all_fields().expiry_ms,
                ..update(TOKEN)
            },
        ),
        (
            "updateAccessTokenName",
            UpdateToken {
                default_api_version: all_fields().default_api_version,
                ..update(TOKEN)
            },
        ),
    ];
    for (action, command) in fields {
        let with = |policy| {
            given(house())
                .and(custom_member(policy))
                .and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))])
                .when(Who::Member(CUSTOM), Command::UpdateToken(command.clone()))
        };
        with(vec![allow(&[action], &["*"])]).then_accepted();
        with(vec![allow(&["*"], &["*"]), deny(&[action], &["*"])]).then_rejected(denied(action));
    }
}

#[test]
fn a_new_scope_is_not_above_the_editors_rank() {
    writers_token()
        .when(Who::Member(WRITER), rescope(TOKEN, scope_role("admin")))
        .then_rejected(forbidden("above your own"))
        .when(Who::Member(ADMIN), rescope(TOKEN, scope_role("admin")))
        .then_accepted();
}

#[test]
fn a_new_scope_obeys_the_rules_of_creation() {
    for (choice, pointer) in [
        (keyledger_domain::command::ScopeChoice::default(), ""),
        (scope_role("owner"), "/role"),
        (scope_roles(&["unheard-of"]), "/customRoleIds/0"),
        (
            scope_inline(vec![allow(&[], &["*"])]),
            "/inlineRole/0/actions",
        ),
    ] {
        writers_token()
            .when(Who::Member(WRITER), rescope(TOKEN, choice))
            .then_rejected(invalid(pointer));
    }
}

#[test]
fn a_service_tokens_scope_is_permanently_fixed() {
    for member in [WRITER, ADMIN, OWNER] {
        service_token()
            .when(Who::Member(member), rescope(TOKEN, scope_role("reader")))
            .then_rejected(conflict("permanently fixed"));
    }
}

#[test]
fn a_service_tokens_name_and_expiry_can_be_edited() {
    let command = UpdateToken {
        scope: None,
        ..all_fields()
    };
    let given = service_token()
        .when(Who::Member(WRITER), Command::UpdateToken(command))
        .then_accepted();
    assert_eq!(given.state.tokens[&TOKEN].expiry_ms, Some(NOW + 60));
}

#[test]
fn a_new_expiry_lies_in_the_future_or_is_zero_to_take_it_away() {
    let with = |expiry| {
        Command::UpdateToken(UpdateToken {
            expiry_ms: Some(expiry),
            ..update(TOKEN)
        })
    };
    for past in [NOW, NOW - 1, -1] {
        writers_token()
            .when(Who::Member(WRITER), with(past))
            .then_rejected(invalid("/expiry"));
    }
    let given = writers_token()
        .when(Who::Member(WRITER), with(NOW + 60))
        .then_accepted()
        .when(Who::Member(WRITER), with(0))
        .then([Event::TokenUpdated(TokenUpdated {
            expiry_ms: Some(0),
            ..changed()
        })]);
    assert_eq!(given.state.tokens[&TOKEN].expiry_ms, None);
}

#[test]
fn an_expired_token_works_again_with_a_later_expiry() {
    let given = given(house()).and([Event::TokenCreated(TokenCreated {
        expiry_ms: Some(NOW),
        ..personal(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))
    })]);
    assert_eq!(given.status(TOKEN), TokenStatus::Expired);
    let given = given
        .when(Who::Member(WRITER), Command::UpdateToken(all_fields()))
        .then_accepted();
    assert_eq!(given.status(TOKEN), TokenStatus::Active);
}

#[test]
fn another_members_token_is_edited_only_by_who_is_granted_it() {
    writers_token()
        .when(Who::Member(READER), Command::UpdateToken(all_fields()))
        .then_rejected(denied("updateAccessTokenName"));
    writers_token()
        .when(Who::Member(ADMIN), Command::UpdateToken(all_fields()))
        .then_accepted();
}

#[test]
fn an_edit_of_what_is_not_there_is_refused() {
    given(house())
        .when(Who::Member(ADMIN), Command::UpdateToken(all_fields()))
        .then_rejected(not_found("token"));
}

#[test]
fn a_token_is_deleted_by_its_member_or_by_who_is_granted_it() {
    for member in [WRITER, ADMIN, OWNER] {
        let given = writers_token()
            .when(Who::Member(member), delete(TOKEN))
            .then([Event::TokenDeleted(TokenDeleted { id: TOKEN })]);
        assert_eq!(given.status(TOKEN), TokenStatus::Deleted);
    }
    for member in [READER, NOBODY] {
        writers_token()
            .when(Who::Member(member), delete(TOKEN))
            .then_rejected(denied("deleteAccessToken"));
    }
}

#[test]
fn a_service_token_is_deleted_by_its_creator_and_not_by_another_writer() {
    service_token()
        .when(Who::Member(WRITER), delete(TOKEN))
        .then_accepted();
    service_token()
        .and([promoted(READER, BuiltIn::Reader, BuiltIn::Writer)])
        .when(Who::Member(READER), delete(TOKEN))
        .then_rejected(denied("deleteAccessToken"));
}

#[test]
fn a_deleted_token_is_not_deleted_again() {
    writers_token()
        .when(Who::Member(WRITER), delete(TOKEN))
        .then_accepted()
        .when(Who::Member(WRITER), delete(TOKEN))
        .then_rejected(not_found("token"));
}
