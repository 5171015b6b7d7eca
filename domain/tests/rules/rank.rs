//! Who may create which token: one's own role is the most, and custom roles say it themselves.

use keyledger_domain::ids::MemberId;
use keyledger_domain::scope::TokenKind;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const KINDS: [TokenKind; 2] = [TokenKind::Personal, TokenKind::Service];

fn asks(member: MemberId, kind: TokenKind, role: &str) -> Outcome {
    let command = match kind {
        TokenKind::Personal => create_personal(scope_role(role)),
        TokenKind::Service => create_service(scope_role(role)),
    };
    given(house()).when(Who::Member(member), command)
}

#[test]
fn a_reader_makes_only_reader_tokens() {
    for kind in KINDS {
        asks(READER, kind, "reader").then_accepted();
        asks(READER, kind, "writer").then_rejected(forbidden("above your own"));
        asks(READER, kind, "admin").then_rejected(forbidden("above your own"));
    }
}

#[test]
fn a_writer_makes_reader_and_writer_tokens() {
    for kind in KINDS {
        asks(WRITER, kind, "reader").then_accepted();
        asks(WRITER, kind, "writer").then_accepted();
        asks(WRITER, kind, "admin").then_rejected(forbidden("above your own"));
    }
}

#[test]
fn an_admin_and_the_owner_make_any_token() {
    for member in [ADMIN, OWNER] {
        for kind in KINDS {
            for role in ["reader", "writer", "admin"] {
                asks(member, kind, role).then_accepted();
            }
        }
    }
}

#[test]
fn a_member_without_access_makes_no_token() {
    for kind in KINDS {
        asks(NOBODY, kind, "reader").then_rejected(denied("createAccessToken"));
    }
}

#[test]
fn a_reader_may_ask_for_more_by_policy_and_is_capped() {
    let everything = scope_inline(vec![allow(&["*"], &["*"])]);
    for command in [
        create_personal(everything.clone()),
        create_service(everything),
    ] {
        let given = given(house())
            .when(Who::Member(READER), command)
            .then_accepted();
        assert!(given.allows(NEW_TOKEN, "viewProject", "proj/web"));
        assert!(!given.allows(NEW_TOKEN, "updateOn", FLAG));
        assert!(!given.allows(NEW_TOKEN, "deleteMember", &format!("member/{WRITER}")));
    }
}

fn custom(policy: Vec<keyledger_domain::policy::Statement>) -> Given {
    given(house()).and(custom_member(policy))
}

#[test]
fn a_member_with_custom_roles_has_no_rank_and_is_capped_instead() {
    let policy = vec![allow(&["createAccessToken", "updateOn"], &["*"])];
    for command in [
        create_personal(scope_role("admin")),
        create_service(scope_role("admin")),
    ] {
        let given = custom(policy.clone())
            .when(Who::Member(CUSTOM), command)
            .then_accepted();
        assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
        assert!(!given.allows(NEW_TOKEN, "viewProject", "proj/web"));
    }
}

#[test]
fn custom_roles_replace_the_base_role_so_creating_must_be_granted() {
    for command in [
        create_personal(scope_role("reader")),
        create_service(scope_role("reader")),
    ] {
        custom(vec![allow(&["updateOn"], &["*"])])
            .when(Who::Member(CUSTOM), command)
            .then_rejected(denied("createAccessToken"));
    }
}

#[test]
fn a_deny_takes_creating_away_for_the_kind_that_it_names() {
    let all = allow(&["*"], &["*"]);
    let no_personal = vec![
        all.clone(),
        deny(&["createAccessToken"], &["member/*:token/*"]),
    ];
    let no_service = vec![
        all.clone(),
        deny(&["createAccessToken"], &["service-token/*"]),
    ];
    let neither = vec![
        all,
        deny(
            &["createAccessToken"],
            &["member/*:token/*", "service-token/*"],
        ),
    ];
    for (policy, may_personal, may_service) in [
        (no_personal, false, true),
        (no_service, true, false),
        (neither, false, false),
    ] {
        for (command, may) in [
            (create_personal(scope_role("reader")), may_personal),
            (create_service(scope_role("reader")), may_service),
        ] {
            let outcome = custom(policy.clone()).when(Who::Member(CUSTOM), command);
            if may {
                outcome.then_accepted();
            } else {
                outcome.then_rejected(denied("createAccessToken"));
            }
        }
    }
}

#[test]
fn a_deny_in_one_role_does_not_outweigh_an_allow_in_another() {
    let other = role_made(
        AUDITOR,
        "auditor",
        vec![allow(&["createAccessToken"], &["*"])],
    );
    custom(vec![deny(&["createAccessToken"], &["*"])])
        .and([
            keyledger_domain::event::Event::RoleCreated(other),
            roles_assigned(CUSTOM, &[DEPLOYER, AUDITOR]),
        ])
        .when(Who::Member(CUSTOM), create_personal(scope_role("reader")))
        .then_accepted();
}

#[test]
fn a_member_makes_no_personal_token_for_another_and_the_maker_is_the_member() {
    let given = asks(ADMIN, TokenKind::Personal, "reader").then_accepted();
    assert_eq!(given.state.tokens[&NEW_TOKEN].grant.member, ADMIN);
}

#[test]
fn a_demoted_member_is_ranked_by_the_role_of_now() {
    use keyledger_domain::role::BuiltIn;
    given(house())
        .and([downgraded(ADMIN, BuiltIn::Admin, BuiltIn::Reader)])
        .when(Who::Member(ADMIN), create_personal(scope_role("writer")))
        .then_rejected(forbidden("above your own"));
}
