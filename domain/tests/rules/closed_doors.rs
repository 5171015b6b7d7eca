//! Ways to more than one's own, and to a log that cannot be folded, each of which once was open: the comments
//! say what used to happen.

use keyledger_domain::command::{
    CloneToken, Command, Context, CreateRole, CreateToken, Invitation, UpdateRole, decide,
    preconditions,
};
use keyledger_domain::event::{Event, RoleUpdated};
use keyledger_domain::ids::{StreamRef, TokenId};
use keyledger_domain::policy::Statement;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::{Inconsistency, Recorded, evolve};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn all() -> Vec<Statement> {
    vec![allow(&["*"], &["*"])]
}

fn statements(count: usize) -> Vec<Statement> {
    (0..count)
        .map(|n| allow(&["view*"], &[&format!("proj/p{n}")]))
        .collect()
}

fn clone(source: TokenId, id: TokenId) -> Command {
    Command::CloneToken(CloneToken {
        source,
        id,
        secret: secret(1),
        name: None,
        description: None,
        expiry_ms: None,
    })
}

/// 125..=128 statements with basePermissions reader passed `decide` and broke the fold for ever.
#[test]
fn a_role_of_128_statements_with_reader_base_can_be_folded() {
    let command = CreateRole {
        policy: statements(128),
        base_permissions: Some("reader".to_owned()),
        ..new_role("big")
    };
    given(house())
        .when(Who::Member(ADMIN), Command::CreateRole(command))
        .then_accepted();
}

/// The same by an edit.
#[test]
fn a_base_permission_added_to_a_role_of_128_statements_can_be_folded() {
    let command = UpdateRole {
        base_permissions: Some("reader".to_owned()),
        ..edit_role(DEPLOYER)
    };
    given(house())
        .and([Event::RoleCreated(role_made(
            DEPLOYER,
            "big",
            statements(128),
        ))])
        .when(Who::Member(ADMIN), Command::UpdateRole(command))
        .then_accepted();
}

/// A token widened the token of a stronger member beyond itself: the Member layer was left out of the bounds.
#[test]
fn a_token_does_not_widen_a_stronger_members_token_beyond_itself() {
    let given = given(house())
        .and([
            has_token(TOKEN, ADMIN, Scope::Inline(all())),
            has_token(OTHER_TOKEN, OWNER, Scope::Role(BuiltIn::Reader)),
        ])
        .when(Who::Token(TOKEN), rescope(OTHER_TOKEN, scope_inline(all())))
        .then_accepted();
    assert!(!given.allows(TOKEN, "updateAccountOwner", "acct"));
    assert!(!given.allows(OTHER_TOKEN, "updateAccountOwner", "acct"));
}

/// An admin turned the owner's reader token into one that handed the account on.
#[test]
fn an_admin_does_not_widen_the_owners_token_beyond_admin() {
    let given = given(house())
        .and([has_token(OTHER_TOKEN, OWNER, Scope::Role(BuiltIn::Reader))])
        .when(
            Who::Member(ADMIN),
            rescope(OTHER_TOKEN, scope_inline(all())),
        )
        .then_accepted();
    assert!(!given.allows(OTHER_TOKEN, "updateAccountOwner", "acct"));
}

/// A service token made a personal token of its creator, which reset the creator's stronger token.
#[test]
fn a_service_token_does_not_reach_a_personal_secret_by_way_of_a_new_personal_token() {
    let given = given(house())
        .when(Who::Member(WRITER), create_service(scope_inline(all())))
        .then_accepted()
        .and([promoted(WRITER, BuiltIn::Writer, BuiltIn::Admin)])
        .and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Admin))]);
    assert!(!given.allows(NEW_TOKEN, "deleteMember", &format!("member/{READER}")));
    let child = CreateToken {
        id: OTHER_TOKEN,
        ..create(TokenKind::Personal, scope_inline(all()))
    };
    given
        .when(Who::Token(NEW_TOKEN), Command::CreateToken(child))
        .then_accepted()
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then_rejected(forbidden("a token resets itself"));
}

/// The removed member's old token worked again.
#[test]
fn an_invitation_does_not_take_a_removed_members_id() {
    let one = Invitation {
        id: WRITER,
        ..invitation("writer@acme.test")
    };
    given(house())
        .and([
            has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader)),
            removed(WRITER),
        ])
        .when(Who::Member(ADMIN), invite(vec![one]))
        .then_rejected(conflict("is taken"));
}

/// A new token or clone replaced the token whose id it took, deleted or not.
#[test]
fn a_new_token_does_not_replace_another() {
    let commands = || {
        [
            Command::CreateToken(CreateToken {
                id: TOKEN,
                ..create(TokenKind::Personal, scope_role("admin"))
            }),
            clone(OTHER_TOKEN, TOKEN),
        ]
    };
    for command in commands() {
        given(house())
            .and([TOKEN, OTHER_TOKEN].map(|id| has_token(id, WRITER, Scope::Role(BuiltIn::Reader))))
            .when(Who::Member(ADMIN), command.clone())
            .then_rejected(conflict("is taken"))
            .when(Who::Member(WRITER), delete(TOKEN))
            .then_accepted()
            .when(Who::Member(ADMIN), command)
            .then_rejected(conflict("is taken"));
    }
}

/// A deleted role came back, with those who had it.
#[test]
fn a_new_role_does_not_revive_a_deleted_one() {
    let command = CreateRole {
        id: DEPLOYER,
        policy: all(),
        ..new_role("other")
    };
    given(house())
        .and(custom_member(Vec::new()))
        .and([role_deleted(DEPLOYER)])
        .when(Who::Member(ADMIN), Command::CreateRole(command))
        .then_rejected(conflict("is taken"));
}

/// A clone is read from its source, but the source was not among the preconditions.
#[test]
fn a_clone_depends_on_its_source() {
    let given = given(house()).and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))]);
    let actor = given.actor(Who::Member(WRITER));
    let context = Context {
        now_ms: NOW,
        actor: &actor,
        loaded: None,
    };
    let events = decide(&given.state, &clone(TOKEN, NEW_TOKEN), &context).expect("accepted");
    let found = preconditions(&given.state, &context, &events);
    assert!(found.contains(&(StreamRef::token(ACCOUNT, TOKEN), 1)));
}

/// All service tokens are visible, and the cloner's own permission bounds the clone.
#[test]
fn a_clone_of_a_service_token_can_do_no_more_than_the_cloner() {
    let given = given(house())
        .and(custom_member(vec![allow(
            &["createAccessToken"],
            &["service-token/*"],
        )]))
        .and([Event::TokenCreated(service(TOKEN, OWNER, all(), all()))])
        .when(Who::Member(CUSTOM), clone(TOKEN, NEW_TOKEN))
        .then_accepted();
    assert!(given.allows(NEW_TOKEN, "createAccessToken", "service-token/x"));
    assert!(!given.allows(NEW_TOKEN, "viewProject", "proj/a"));
}

/// `evolve` promises an unchanged state on error; a role edit that does not parse changed it.
#[test]
fn a_refused_role_edit_leaves_the_state_unchanged() {
    let mut given = given(house()).and([Event::RoleCreated(role_made(
        DEPLOYER,
        "deployer",
        Vec::new(),
    ))]);
    let before = given.state.roles[&DEPLOYER].clone();
    let event = Event::RoleUpdated(RoleUpdated {
        id: DEPLOYER,
        name: Some("new".to_owned()),
        description: None,
        policy: Some(vec![allow(&["*"], &["no specifier"])]),
        base_permissions: None,
        comment: None,
    });
    let recorded = Recorded {
        account: ACCOUNT,
        version: 2,
        recorded_at_ms: NOW,
        event: &event,
    };
    assert!(matches!(
        evolve(&mut given.state, &recorded),
        Err(Inconsistency::Policy { .. })
    ));
    assert_eq!(given.state.roles[&DEPLOYER], before);
}

/// Whoever was granted only `createMember` by a custom role made an administrator with a password of
/// their choice.
#[test]
fn a_member_with_custom_roles_does_not_invite_an_admin() {
    let one = Invitation {
        role: Some("admin".to_owned()),
        password_hash: Some("$argon2id$".to_owned()),
        ..invitation("me-again@acme.test")
    };
    given(house())
        .and(custom_member(vec![allow(&["createMember"], &["member/*"])]))
        .when(Who::Member(CUSTOM), invite(vec![one]))
        .then_rejected(forbidden("above what you may do yourself"));
}
