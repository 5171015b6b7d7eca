//! What a service token may do: what it could at its creation, whatever happens since.

use keyledger_domain::command::{Command, CreateToken};
use keyledger_domain::event::Event;
use keyledger_domain::permission::LayerKind;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, TokenKind};
use keyledger_domain::state::{Refusal, TokenStatus};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ACTIONS: [&str; 5] = [
    "updateOn",
    "viewFlag",
    "viewProject",
    "deleteMember",
    "createAccessToken",
];

/// What the token is answered to a few questions.
fn answers(given: &Given) -> Vec<bool> {
    let other = format!("member/{READER}");
    let own = format!("member/{CUSTOM}:token/{TOKEN}");
    let resources = [
        FLAG,
        "proj/web",
        "proj/shop:env/live:flag/x",
        other.as_str(),
        own.as_str(),
    ];
    let asked = ACTIONS
        .iter()
        .flat_map(|action| resources.map(|resource| (*action, resource)));
    asked
        .map(|(action, resource)| given.allows(NEW_TOKEN, action, resource))
        .collect()
}

/// A member with a custom role, attributes and a service token of each sort of scope.
fn start(binding: Option<RoleBinding>) -> Given {
    let policy = vec![
        allow(
            &["updateOn", "viewFlag"],
            &["proj/${roleAttribute/projects}:env/*:flag/*"],
        ),
        allow(
            &["*AccessToken*"],
            &["member/${memberId}:token/*", "service-token/*"],
        ),
        allow(&["viewProject"], &["*"]),
    ];
    let scope = role_made(
        AUDITOR,
        "auditor",
        vec![
            allow(&["updateOn", "viewProject"], &["*"]),
            allow(&["*"], &["member/${memberId}:token/*"]),
        ],
    );
    let command = CreateToken {
        role_binding: binding,
        ..create(TokenKind::Service, scope_roles(&["auditor"]))
    };
    given(house())
        .and(custom_member(policy))
        .and([
            Event::RoleCreated(scope),
            attributes_set(CUSTOM, attributes("projects", &["web"])),
        ])
        .when(Who::Member(CUSTOM), Command::CreateToken(command))
        .then_accepted()
}

#[test]
fn at_creation_it_may_what_scope_and_creator_may() {
    let given = start(None);
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
    assert!(given.allows(NEW_TOKEN, "viewProject", "proj/web"));
    assert_eq!(
        given.check(NEW_TOKEN, "viewFlag", FLAG),
        Err(Refusal::NotAllowedBy(LayerKind::Scope))
    );
    assert_eq!(
        given.check(NEW_TOKEN, "updateOn", "proj/shop:env/live:flag/x"),
        Err(Refusal::NotAllowedBy(LayerKind::Bound))
    );
    assert!(given.allows(
        NEW_TOKEN,
        "createAccessToken",
        &format!("member/{CUSTOM}:token/{TOKEN}")
    ));
}

#[test]
fn nothing_that_happens_afterwards_changes_it() {
    let mut given = start(None);
    let before = answers(&given);
    assert!(before.contains(&true) && before.contains(&false));
    for event in [
        promoted(CUSTOM, BuiltIn::Reader, BuiltIn::Admin),
        downgraded(CUSTOM, BuiltIn::Admin, BuiltIn::NoAccess),
        attributes_set(CUSTOM, attributes("projects", &["shop"])),
        role_edited(AUDITOR, vec![allow(&["*"], &["*"])]),
        role_edited(DEPLOYER, Vec::new()),
        role_edited(DEPLOYER, vec![allow(&["*"], &["*"])]),
        roles_assigned(CUSTOM, &[AUDITOR]),
        roles_assigned(CUSTOM, &[]),
        role_deleted(AUDITOR),
        role_deleted(DEPLOYER),
        removed(CUSTOM),
        Event::MemberInvited(member_invited(
            NEW_MEMBER,
            "custom@acme.test",
            BuiltIn::Admin,
        )),
    ] {
        given = given.and([event.clone()]);
        assert_eq!(answers(&given), before, "after {event:?}");
        assert_eq!(given.status(NEW_TOKEN), TokenStatus::Active);
    }
}

#[test]
fn a_built_in_or_inline_scope_is_unchanged_too() {
    for scope in [
        scope_role("admin"),
        scope_inline(vec![allow(
            &["updateOn"],
            &["proj/${roleAttribute/projects}:env/*:flag/*"],
        )]),
    ] {
        let given = given(house())
            .and([attributes_set(WRITER, attributes("projects", &["web"]))])
            .and([promoted(WRITER, BuiltIn::Writer, BuiltIn::Admin)])
            .when(Who::Member(WRITER), create_service(scope))
            .then_accepted();
        let before = answers(&given);
        assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
        let given = given.and([
            attributes_set(WRITER, attributes("projects", &["shop"])),
            downgraded(WRITER, BuiltIn::Admin, BuiltIn::NoAccess),
            removed(WRITER),
        ]);
        assert_eq!(answers(&given), before);
    }
}

#[test]
fn a_live_service_token_follows_its_roles_under_a_ceiling_that_stays() {
    let given = start(Some(RoleBinding::Live));
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
    assert!(!given.allows(NEW_TOKEN, "viewFlag", FLAG));
    let given = given.and([role_edited(AUDITOR, vec![allow(&["*"], &["*"])])]);
    assert!(given.allows(NEW_TOKEN, "viewFlag", FLAG));
    assert_eq!(
        given.check(NEW_TOKEN, "deleteMember", &format!("member/{READER}")),
        Err(Refusal::NotAllowedBy(LayerKind::Bound))
    );
    let given = given.and([
        promoted(CUSTOM, BuiltIn::Reader, BuiltIn::Admin),
        roles_assigned(CUSTOM, &[]),
    ]);
    assert!(!given.allows(NEW_TOKEN, "deleteMember", &format!("member/{READER}")));
    let given = given.and([role_deleted(AUDITOR)]);
    assert!(!given.allows(NEW_TOKEN, "viewFlag", FLAG));
}

#[test]
fn a_live_service_token_is_otherwise_unchanged_by_its_creator() {
    let mut given = start(Some(RoleBinding::Live));
    let before = answers(&given);
    for event in [
        attributes_set(CUSTOM, attributes("projects", &["shop"])),
        role_edited(DEPLOYER, Vec::new()),
        downgraded(CUSTOM, BuiltIn::Reader, BuiltIn::NoAccess),
        removed(CUSTOM),
    ] {
        given = given.and([event.clone()]);
        assert_eq!(answers(&given), before, "after {event:?}");
    }
}

#[test]
fn expiry_and_deletion_end_it() {
    let given = start(None);
    let edit = Command::UpdateToken(keyledger_domain::command::UpdateToken {
        expiry_ms: Some(NOW + 1),
        ..update(NEW_TOKEN)
    });
    let given = given.when(Who::Member(ADMIN), edit).then_accepted();
    let token = &given.state.tokens[&NEW_TOKEN];
    assert_eq!(
        given.state.token_status(token, NOW + 1),
        TokenStatus::Expired
    );
    let given = given
        .when(Who::Member(ADMIN), delete(NEW_TOKEN))
        .then_accepted();
    assert_eq!(given.status(NEW_TOKEN), TokenStatus::Deleted);
}
