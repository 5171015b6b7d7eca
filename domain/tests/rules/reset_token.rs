//! ResetToken: whose secret it is, and how long the old one lives.

use keyledger_domain::event::{Event, TokenCreated, TokenReset};
use keyledger_domain::policy::Statement;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::PreviousSecret;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn readers_token(expiry_ms: Option<i64>) -> Given {
    given(house()).and([Event::TokenCreated(TokenCreated {
        expiry_ms,
        ..personal(TOKEN, READER, Scope::Role(BuiltIn::Reader))
    })])
}

fn was_reset(previous_until_ms: Option<i64>) -> Event {
    let secret = secret(2);
    Event::TokenReset(TokenReset {
        id: TOKEN,
        digest: secret.digest,
        ending: secret.ending,
        previous_until_ms,
    })
}

fn everything() -> Vec<Statement> {
    vec![allow(&["*"], &["*"])]
}

#[test]
fn a_member_resets_an_own_token_and_the_old_secret_dies_at_once() {
    for expiry in [None, Some(0)] {
        let given = readers_token(None)
            .when(Who::Member(READER), reset(TOKEN, expiry))
            .then([was_reset(None)]);
        let token = &given.state.tokens[&TOKEN];
        assert_eq!(token.digest, digest(2));
        assert_eq!(token.ending, "e002");
        assert_eq!(token.previous, None);
    }
}

#[test]
fn a_reset_keeps_id_name_and_scope() {
    let before = readers_token(None)
        .state
        .tokens
        .remove(&TOKEN)
        .expect("there");
    let given = readers_token(None)
        .when(Who::Member(READER), reset(TOKEN, None))
        .then_accepted();
    let after = &given.state.tokens[&TOKEN];
    assert_eq!(
        (&after.name, &after.scope, &after.grant),
        (&before.name, &before.scope, &before.grant)
    );
}

#[test]
fn with_a_grace_the_old_secret_lives_on_until_then() {
    let given = readers_token(None)
        .when(Who::Member(READER), reset(TOKEN, Some(NOW + 60)))
        .then([was_reset(Some(NOW + 60))]);
    assert_eq!(
        given.state.tokens[&TOKEN].previous,
        Some(PreviousSecret {
            digest: digest(1),
            until_ms: NOW + 60,
        })
    );
}

#[test]
fn a_grace_does_not_outlive_the_token() {
    readers_token(Some(NOW + 10))
        .when(Who::Member(READER), reset(TOKEN, Some(NOW + 60)))
        .then([was_reset(Some(NOW + 10))]);
}

#[test]
fn a_grace_in_the_past_is_refused() {
    for expiry in [NOW, NOW - 1, -1] {
        readers_token(None)
            .when(Who::Member(READER), reset(TOKEN, Some(expiry)))
            .then_rejected(invalid("/expiry"));
    }
}

#[test]
fn a_second_reset_ends_the_older_secret() {
    let third =
        keyledger_domain::command::Command::ResetToken(keyledger_domain::command::ResetToken {
            id: TOKEN,
            secret: secret(3),
            expiry_ms: Some(NOW + 5),
        });
    let given = readers_token(None)
        .when(Who::Member(READER), reset(TOKEN, Some(NOW + 60)))
        .then_accepted()
        .when(Who::Member(READER), third)
        .then_accepted();
    let token = &given.state.tokens[&TOKEN];
    assert_eq!(token.digest, digest(3));
    assert_eq!(
        token.previous,
        Some(PreviousSecret {
            digest: digest(2),
            until_ms: NOW + 5,
        })
    );
    let given = given
        .when(Who::Member(READER), reset(TOKEN, None))
        .then_accepted();
    assert_eq!(given.state.tokens[&TOKEN].previous, None);
}

#[test]
fn nobody_else_resets_a_personal_token_not_even_the_owner() {
    for member in [ADMIN, OWNER, WRITER] {
        readers_token(None)
            .when(Who::Member(member), reset(TOKEN, None))
            .then_rejected(forbidden("only by its member"));
    }
    readers_token(None)
        .when(Who::Member(ADMIN), delete(TOKEN))
        .then_accepted();
}

#[test]
fn a_service_token_of_the_same_member_does_not_reset_a_personal_token() {
    readers_token(None)
        .and([Event::TokenCreated(service(
            OTHER_TOKEN,
            READER,
            everything(),
            everything(),
        ))])
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then_rejected(forbidden("only by its member"));
}

#[test]
fn a_personal_token_resets_itself_and_those_of_its_member_that_reach_no_further() {
    let own = allow(&["resetAccessToken"], &["member/${memberId}:token/*"]);
    // A grant alone would let a narrow token take over a wider one by its secret.
    readers_token(None)
        .and([has_token(OTHER_TOKEN, READER, Scope::Inline(vec![own]))])
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then_rejected(forbidden("a token resets itself"))
        .when(Who::Token(OTHER_TOKEN), reset(OTHER_TOKEN, None))
        .then_accepted();
    readers_token(None)
        .and([has_token(OTHER_TOKEN, READER, Scope::Role(BuiltIn::Admin))])
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then([was_reset(None)]);
    readers_token(None)
        .when(Who::Token(TOKEN), reset(TOKEN, None))
        .then_rejected(denied("resetAccessToken"));
}

#[test]
fn a_token_takes_over_only_what_it_plainly_reaches() {
    let inline = || Scope::Inline(everything());
    let narrowed = {
        let mut policy = everything();
        policy.push(deny(&["viewFlag"], &["*"]));
        Scope::Inline(policy)
    };
    let role = Scope::Role;
    let roles = || Scope::CustomRoles(vec![DEPLOYER]);
    for (member, by, of, may) in [
        (ADMIN, role(BuiltIn::Admin), role(BuiltIn::Admin), true),
        (ADMIN, role(BuiltIn::Admin), inline(), true),
        (ADMIN, role(BuiltIn::Admin), roles(), true),
        (ADMIN, inline(), role(BuiltIn::Admin), true),
        (ADMIN, narrowed.clone(), role(BuiltIn::Reader), false),
        (ADMIN, narrowed, inline(), false),
        // The owner's in-line token may hand the account on, the admin scope may not.
        (OWNER, role(BuiltIn::Admin), role(BuiltIn::Admin), true),
        (OWNER, role(BuiltIn::Admin), inline(), false),
        (OWNER, role(BuiltIn::Admin), roles(), false),
        (OWNER, inline(), inline(), true),
    ] {
        let outcome = given(house())
            .and([
                Event::RoleCreated(role_made(DEPLOYER, "deployer", everything())),
                has_token(TOKEN, member, of),
                has_token(OTHER_TOKEN, member, by),
            ])
            .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None));
        if may {
            outcome.then([was_reset(None)]);
        } else {
            // The member in person may.
            outcome
                .then_rejected(forbidden("a token resets itself"))
                .when(Who::Member(member), reset(TOKEN, None))
                .then([was_reset(None)]);
        }
    }
}

#[test]
fn a_bound_narrows_what_a_token_takes_over() {
    let narrow = vec![allow(&["resetAccessToken"], &["*"])];
    given(house())
        .and([
            has_token(TOKEN, ADMIN, Scope::Role(BuiltIn::Reader)),
            Event::TokenCreated(TokenCreated {
                bounds: vec![vec![narrow]],
                ..personal(OTHER_TOKEN, ADMIN, Scope::Role(BuiltIn::Admin))
            }),
        ])
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then_rejected(forbidden("a token resets itself"))
        .when(Who::Token(OTHER_TOKEN), reset(OTHER_TOKEN, None))
        .then_accepted();
}

#[test]
fn a_member_whose_custom_roles_do_not_grant_it_resets_nothing() {
    given(house())
        .and(custom_member(vec![allow(&["createAccessToken"], &["*"])]))
        .and([has_token(TOKEN, CUSTOM, Scope::Role(BuiltIn::Reader))])
        .when(Who::Member(CUSTOM), reset(TOKEN, None))
        .then_rejected(denied("resetAccessToken"));
}

#[test]
fn a_service_token_is_reset_by_its_creator_and_by_whoever_is_granted_it() {
    let start = || {
        given(house())
            .and(custom_member(vec![allow(
                &["resetAccessToken"],
                &["service-token/*"],
            )]))
            .and([Event::TokenCreated(service(
                TOKEN,
                WRITER,
                everything(),
                everything(),
            ))])
    };
    for member in [WRITER, ADMIN, OWNER, CUSTOM] {
        let given = start()
            .when(Who::Member(member), reset(TOKEN, None))
            .then([was_reset(None)]);
        assert_eq!(given.state.tokens[&TOKEN].grant.kind, TokenKind::Service);
    }
    for member in [READER, NOBODY] {
        start()
            .when(Who::Member(member), reset(TOKEN, None))
            .then_rejected(denied("resetAccessToken"));
    }
}

#[test]
fn an_expired_token_is_not_reset() {
    readers_token(Some(NOW))
        .when(Who::Member(READER), reset(TOKEN, None))
        .then_rejected(conflict("has ended"));
    given(house())
        .and([Event::TokenCreated(TokenCreated {
            expiry_ms: Some(NOW - 1),
            ..service(TOKEN, WRITER, everything(), everything())
        })])
        .when(Who::Member(WRITER), reset(TOKEN, Some(NOW + 60)))
        .then_rejected(conflict("has ended"));
}

#[test]
fn a_deactivated_token_is_not_reset() {
    let given = readers_token(None);
    let before = given.actor(Who::Member(READER));
    given
        .and([removed(READER)])
        .when_by(NOW, &before, reset(TOKEN, None))
        .then_rejected(conflict("has ended"))
        .when(Who::Member(ADMIN), reset(TOKEN, None))
        .then_rejected(forbidden("only by its member"));
}

#[test]
fn a_deleted_or_unknown_token_is_not_reset() {
    given(house())
        .when(Who::Member(READER), reset(TOKEN, None))
        .then_rejected(not_found("token"));
    readers_token(None)
        .when(Who::Member(READER), delete(TOKEN))
        .then_accepted()
        .when(Who::Member(READER), reset(TOKEN, None))
        .then_rejected(not_found("token"));
}
