//! Ways to more than one's own, and to a log that cannot be folded, each of which once was open: the comments say
//! what used to happen.

use keyledger_domain::command::{
    CloneToken, Command, Context, CreateRole, Invitation, PromoteMember, UpdateRole, decide,
    preconditions,
};
use keyledger_domain::event::{Event, RoleUpdated};
use keyledger_domain::ids::StreamRef;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;
use keyledger_domain::state::{Recorded, TokenStatus, evolve};

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

fn all() -> Vec<keyledger_domain::policy::Statement> {
    vec![allow(&["*"], &["*"])]
}

fn statements(count: usize) -> Vec<keyledger_domain::policy::Statement> {
    (0..count)
        .map(|n| allow(&["view*"], &[&format!("proj/p{n}")]))
        .collect()
}

/// 125..=128 statements with basePermissions reader pass decide and break the fold for ever.
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

/// An heir with custom roles owns the account without the owner's permission, and nobody can repair it.
#[test]
fn an_heir_with_custom_roles_has_the_owners_permission() {
    let given = given(house())
        .and(custom_member(vec![allow(&["viewProject"], &["*"])]))
        .when(
            Who::Member(OWNER),
            Command::PromoteMember(PromoteMember {
                id: CUSTOM,
                to: BuiltIn::Owner,
            }),
        )
        .then_accepted();
    assert!(given.member_may(CUSTOM, "updateAccountOwner", "acct"));
}

/// A token widens the token of a stronger member beyond itself: the Member layer is left out of the bounds.
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

/// An admin turns the owner's reader token into one that hands the account on.
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

/// Service token -> personal token of its creator -> reset of the creator's stronger token -> its secret.
#[test]
fn a_service_token_does_not_reach_a_personal_secret_by_way_of_a_new_personal_token() {
    let given = given(house())
        .when(Who::Member(WRITER), create_service(scope_inline(all())))
        .then_accepted()
        .and([promoted(WRITER, BuiltIn::Writer, BuiltIn::Admin)])
        .and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Admin))]);
    assert!(!given.allows(NEW_TOKEN, "deleteMember", &format!("member/{READER}")));
    let child = keyledger_domain::command::CreateToken {
        id: OTHER_TOKEN,
        ..create(
            keyledger_domain::scope::TokenKind::Personal,
            scope_inline(all()),
        )
    };
    let given = given
        .when(Who::Token(NEW_TOKEN), Command::CreateToken(child))
        .then_accepted();
    given
        .when(Who::Token(OTHER_TOKEN), reset(TOKEN, None))
        .then_rejected(|_| true);
}

/// An id that was used is used again: the removed member's old token works again.
#[test]
fn an_invitation_with_a_removed_members_id_does_not_wake_old_tokens() {
    let one = Invitation {
        id: WRITER,
        ..invitation("writer@acme.test")
    };
    let outcome = given(house())
        .and([
            has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader)),
            removed(WRITER),
        ])
        .when(Who::Member(ADMIN), invite(vec![one]));
    if outcome.result.is_ok() {
        let given = outcome.then_accepted();
        assert_eq!(given.status(TOKEN), TokenStatus::Deactivated);
    }
}

/// A clone onto an existing token's id replaces that token.
#[test]
fn a_new_token_does_not_replace_another() {
    let command = keyledger_domain::command::CreateToken {
        id: TOKEN,
        ..create(
            keyledger_domain::scope::TokenKind::Personal,
            scope_role("admin"),
        )
    };
    given(house())
        .and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))])
        .when(Who::Member(ADMIN), Command::CreateToken(command))
        .then_rejected(|_| true);
}

/// A deleted role comes back, with those who had it.
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
        .then_rejected(|_| true);
}

/// A key that reads as another role's id takes that role's place wherever roles are named by id.
#[test]
fn a_key_does_not_shadow_another_roles_id() {
    given(house())
        .and([Event::RoleCreated(role_made(
            DEPLOYER,
            "deployer",
            Vec::new(),
        ))])
        .when(
            Who::Member(ADMIN),
            Command::CreateRole(new_role(&DEPLOYER.to_string())),
        )
        .then_rejected(|_| true);
}

/// A key of 256 characters passes `field::key`, but `role/<key>` is no resource, so even the owner is "denied".
#[test]
fn the_longest_key_is_usable() {
    given(house())
        .when(
            Who::Member(OWNER),
            Command::CreateRole(new_role(&"k".repeat(256))),
        )
        .then_rejected(|found| {
            !matches!(found, keyledger_domain::rejection::Rejection::Denied { .. })
        });
}

/// A clone is read from its source, but the source is not among the preconditions.
#[test]
fn a_clone_depends_on_its_source() {
    let given = given(house()).and([has_token(TOKEN, WRITER, Scope::Role(BuiltIn::Reader))]);
    let actor = given.actor(Who::Member(WRITER));
    let context = Context {
        now_ms: NOW,
        actor: &actor,
        loaded: None,
    };
    let command = Command::CloneToken(CloneToken {
        source: TOKEN,
        id: NEW_TOKEN,
        secret: secret(1),
        name: None,
        description: None,
        expiry_ms: None,
    });
    let events = decide(&given.state, &command, &context).expect("accepted");
    let found = preconditions(&given.state, &context, &events);
    assert!(found.contains(&(StreamRef::token(ACCOUNT, TOKEN), 1)));
}

/// All service tokens are visible, and the cloner's own permission bounds the clone.
#[test]
fn a_clone_of_a_service_token_can_do_no_more_than_the_cloner() {
    let command = Command::CloneToken(CloneToken {
        source: TOKEN,
        id: NEW_TOKEN,
        secret: secret(1),
        name: None,
        description: None,
        expiry_ms: None,
    });
    let given = given(house())
        .and(custom_member(vec![allow(
            &["createAccessToken"],
            &["service-token/*"],
        )]))
        .and([Event::TokenCreated(service(TOKEN, OWNER, all(), all()))])
        .when(Who::Member(CUSTOM), command)
        .then_accepted();
    assert!(given.allows(NEW_TOKEN, "createAccessToken", "service-token/x"));
    assert!(!given.allows(NEW_TOKEN, "viewProject", "proj/a"));
}

/// `evolve` promises an unchanged state on error; a role edit that does not parse changes it.
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
    assert!(evolve(&mut given.state, &recorded).is_err());
    assert_eq!(given.state.roles[&DEPLOYER], before);
}

/// Whoever is granted only `createMember` by a custom role makes an administrator with a password of
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
        .then_rejected(|_| true);
}
