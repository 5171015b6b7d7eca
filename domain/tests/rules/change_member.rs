//! DowngradeMember, PromoteMember, AssignRoles, SetRoleAttributes.

use keyledger_domain::command::{Command, DowngradeMember, PromoteMember, SetRoleAttributes};
use keyledger_domain::event::Event;
use keyledger_domain::ids::MemberId;
use keyledger_domain::policy::{RoleAttributes, Statement};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ME: Who = Who::Member(ADMIN);

fn downgrade(id: MemberId, to: BuiltIn) -> Command {
    Command::DowngradeMember(DowngradeMember { id, to })
}

fn promote(id: MemberId, to: BuiltIn) -> Command {
    Command::PromoteMember(PromoteMember { id, to })
}

fn set(id: MemberId, role_attributes: RoleAttributes) -> Command {
    Command::SetRoleAttributes(SetRoleAttributes {
        id,
        role_attributes,
    })
}

fn with_roles() -> Given {
    given(house()).and([
        Event::RoleCreated(role_made(DEPLOYER, "deployer", Vec::new())),
        Event::RoleCreated(role_made(AUDITOR, "auditor", Vec::new())),
    ])
}

#[test]
fn a_member_goes_down_and_up() {
    given(house())
        .when(ME, downgrade(WRITER, BuiltIn::NoAccess))
        .then([downgraded(WRITER, BuiltIn::Writer, BuiltIn::NoAccess)])
        .when(ME, promote(WRITER, BuiltIn::Admin))
        .then([promoted(WRITER, BuiltIn::NoAccess, BuiltIn::Admin)]);
}

#[test]
fn a_downgrade_goes_down_and_a_promotion_up() {
    given(house())
        .when(ME, downgrade(READER, BuiltIn::Writer))
        .then_rejected(conflict("no downgrade"))
        .when(ME, promote(WRITER, BuiltIn::Reader))
        .then_rejected(conflict("no promotion"))
        .when(Who::Member(OWNER), downgrade(READER, BuiltIn::Owner))
        .then_rejected(conflict("no downgrade"));
}

#[test]
fn asking_for_what_already_is_gives_no_events_but_needs_the_permission() {
    let commands = || {
        [
            (downgrade(WRITER, BuiltIn::Writer), "updateRole"),
            (promote(WRITER, BuiltIn::Writer), "updateRole"),
            (assign(WRITER, &[]), "updateCustomRole"),
            (
                set(WRITER, RoleAttributes::default()),
                "updateMemberRoleAttributes",
            ),
        ]
    };
    for (command, action) in commands() {
        given(house()).when(ME, command.clone()).then_nothing();
        given(house())
            .when(Who::Member(READER), command)
            .then_rejected(denied(action));
    }
}

#[test]
fn each_change_needs_its_own_action() {
    for (command, action) in [
        (downgrade(WRITER, BuiltIn::Reader), "updateRole"),
        (promote(NOBODY, BuiltIn::Reader), "updateRole"),
        (assign(WRITER, &["deployer"]), "updateCustomRole"),
        (
            set(WRITER, attributes("a", &["b"])),
            "updateMemberRoleAttributes",
        ),
    ] {
        let with = |policy| {
            given(house())
                .and(custom_member(policy))
                .when(Who::Member(CUSTOM), command.clone())
        };
        with(vec![allow(&[action], &["member/*"])]).then_accepted();
        with(vec![allow(&["*"], &["*"]), deny(&[action], &["member/*"])])
            .then_rejected(denied(action));
    }
}

#[test]
fn nobody_changes_their_own_role_in_person_or_by_token() {
    let start = || with_roles().and([has_token(TOKEN, ADMIN, Scope::Role(BuiltIn::Admin))]);
    for who in [ME, Who::Token(TOKEN)] {
        for command in [
            downgrade(ADMIN, BuiltIn::Reader),
            promote(ADMIN, BuiltIn::Admin),
            assign(ADMIN, &["deployer"]),
            set(ADMIN, attributes("a", &["b"])),
        ] {
            start()
                .when(who, command)
                .then_rejected(forbidden("your own role"));
        }
    }
}

#[test]
fn a_service_token_does_not_change_the_role_of_its_creator() {
    let all = vec![allow(&["*"], &["*"])];
    given(house())
        .and([Event::TokenCreated(service(
            TOKEN,
            WRITER,
            all.clone(),
            all,
        ))])
        .when(Who::Token(TOKEN), promote(WRITER, BuiltIn::Admin))
        .then_rejected(forbidden("your own role"));
}

#[test]
fn the_owners_role_is_protected() {
    for command in [
        downgrade(OWNER, BuiltIn::Admin),
        promote(OWNER, BuiltIn::Admin),
        assign(OWNER, &["deployer"]),
        set(OWNER, attributes("a", &["b"])),
    ] {
        with_roles()
            .when(ME, command)
            .then_rejected(forbidden("the owner's role"));
    }
}

#[test]
fn nobody_gives_a_base_role_above_their_own_rank() {
    let given = with_roles().and([
        promoted(WRITER, BuiltIn::Writer, BuiltIn::Admin),
        roles_assigned(WRITER, &[DEPLOYER]),
    ]);
    // No member has both the permission and so low a rank: the rule stands beside the policies.
    let mut actor = given.actor(ME);
    actor.rank = Some(BuiltIn::Writer);
    given
        .when_by(NOW, &actor, promote(READER, BuiltIn::Admin))
        .then_rejected(forbidden("above what you may do yourself"))
        .when_by(NOW, &actor, promote(READER, BuiltIn::Writer))
        .then_accepted()
        .when_by(NOW, &actor, assign(WRITER, &[]))
        .then_rejected(forbidden("above what you may do yourself"))
        .when_by(NOW, &actor, assign(WRITER, &["auditor"]))
        .then_accepted();
}

#[test]
fn who_has_no_rank_gives_reader_and_the_base_roles_that_they_plainly_hold() {
    let of = |role: BuiltIn| role.scope_policy().statements().to_vec();
    let grant = || allow(&["updateRole", "updateCustomRole"], &["member/*"]);
    let with = |mut policy: Vec<Statement>, more: Vec<Statement>| {
        policy.extend(more);
        policy
    };
    let everything = || vec![allow(&["*"], &["*"])];
    for (policy, highest) in [
        (vec![grant()], BuiltIn::Reader),
        (with(of(BuiltIn::Writer), vec![grant()]), BuiltIn::Writer),
        (of(BuiltIn::Admin), BuiltIn::Admin),
        (everything(), BuiltIn::Admin),
        // Narrowed by a single deny, they hold no role as a whole.
        (
            with(everything(), vec![deny(&["viewFlag"], &[FLAG])]),
            BuiltIn::Reader,
        ),
    ] {
        let start = |role| {
            given(house()).and(custom_member(policy.clone())).and([
                promoted(NOBODY, BuiltIn::NoAccess, role),
                roles_assigned(NOBODY, &[DEPLOYER]),
                downgraded(READER, BuiltIn::Reader, BuiltIn::NoAccess),
            ])
        };
        for role in [BuiltIn::Reader, BuiltIn::Writer, BuiltIn::Admin] {
            let me = Who::Member(CUSTOM);
            let given = start(role).when(me, promote(READER, role));
            if role <= highest {
                given
                    .then([promoted(READER, BuiltIn::NoAccess, role)])
                    .when(me, assign(NOBODY, &[]))
                    .then([roles_assigned(NOBODY, &[])]);
            } else {
                given
                    .then_rejected(forbidden("above what you may do yourself"))
                    .when(me, assign(NOBODY, &[]))
                    .then_rejected(forbidden("above what you may do yourself"));
            }
        }
    }
}

#[test]
fn roles_are_assigned_by_key_or_id_and_replace_those_before() {
    let id = AUDITOR.to_string();
    with_roles()
        .when(ME, assign(WRITER, &["deployer", &id]))
        .then([roles_assigned(WRITER, &[DEPLOYER, AUDITOR])])
        .when(ME, assign(WRITER, &["auditor"]))
        .then([roles_assigned(WRITER, &[AUDITOR])])
        .when(ME, assign(WRITER, &["auditor", "auditor"]))
        .then_nothing()
        .when(ME, assign(WRITER, &["unheard-of"]))
        .then_rejected(invalid("/customRoles/0"));
}

#[test]
fn taking_all_custom_roles_away_gives_the_base_role_back() {
    let given = with_roles()
        .and([roles_assigned(WRITER, &[DEPLOYER])])
        .when(ME, assign(WRITER, &[]))
        .then([roles_assigned(WRITER, &[])]);
    assert!(given.member_may(WRITER, "updateOn", FLAG));
}

#[test]
fn a_role_stays_assigned_without_an_edit_when_it_was_deleted() {
    let given = with_roles()
        .and([roles_assigned(WRITER, &[DEPLOYER]), role_deleted(DEPLOYER)])
        .when(ME, assign(WRITER, &["deployer"]))
        .then_rejected(invalid("/customRoles/0"));
    assert_eq!(given.state.members[&WRITER].custom_roles, [DEPLOYER]);
}

#[test]
fn attributes_are_replaced_as_a_whole() {
    let given = given(house())
        .when(ME, set(WRITER, attributes("projects", &["web"])))
        .then([attributes_set(WRITER, attributes("projects", &["web"]))])
        .when(ME, set(WRITER, attributes("teams", &["red"])))
        .then([attributes_set(WRITER, attributes("teams", &["red"]))]);
    assert!(
        given.state.members[&WRITER]
            .role_attributes
            .get("projects")
            .is_empty()
    );
}

#[test]
fn an_unknown_or_removed_member_is_not_changed() {
    for command in [
        downgrade(READER, BuiltIn::NoAccess),
        promote(READER, BuiltIn::Writer),
        promote(READER, BuiltIn::Owner),
        assign(READER, &[]),
        set(READER, RoleAttributes::default()),
    ] {
        given(house())
            .and([removed(READER)])
            .when(Who::Member(OWNER), command)
            .then_rejected(not_found("member"));
    }
}
