//! InviteMembers.

use keyledger_domain::command::{Command, INVITATIONS_MAX, Invitation};
use keyledger_domain::event::{Event, MemberInvited};
use keyledger_domain::policy::Statement;
use keyledger_domain::rejection::{EmailProblem, Rejection};
use keyledger_domain::role::BuiltIn;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const ME: Who = Who::Member(ADMIN);

#[test]
fn an_invited_member_is_a_reader_unless_the_invitation_says_otherwise() {
    for (asked, role) in [
        (None, BuiltIn::Reader),
        (Some(""), BuiltIn::Reader),
        (Some("no_access"), BuiltIn::NoAccess),
        (Some("writer"), BuiltIn::Writer),
        (Some("admin"), BuiltIn::Admin),
    ] {
        let one = Invitation {
            role: asked.map(str::to_owned),
            ..invitation("new@acme.test")
        };
        given(house())
            .when(ME, invite(vec![one]))
            .then([Event::MemberInvited(member_invited(
                NEW_MEMBER,
                "new@acme.test",
                role,
            ))]);
    }
}

#[test]
fn an_invitation_carries_everything_about_the_member() {
    let one = Invitation {
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        custom_roles: texts(&["deployer"]),
        role_attributes: attributes("projects", &["web"]),
        password_hash: Some("$argon2id$".to_owned()),
        ..invitation("Ada@acme.test")
    };
    given(house())
        .and([Event::RoleCreated(role_made(
            DEPLOYER,
            "deployer",
            Vec::new(),
        ))])
        .when(ME, invite(vec![one]))
        .then([Event::MemberInvited(MemberInvited {
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
            custom_roles: vec![DEPLOYER],
            role_attributes: attributes("projects", &["web"]),
            password_hash: Some("$argon2id$".to_owned()),
            ..member_invited(NEW_MEMBER, "Ada@acme.test", BuiltIn::Reader)
        })]);
}

#[test]
fn nobody_is_invited_as_owner_or_as_what_does_not_exist() {
    for role in ["owner", "superuser", "Admin"] {
        let one = Invitation {
            role: Some(role.to_owned()),
            ..invitation("new@acme.test")
        };
        given(house())
            .when(Who::Member(OWNER), invite(vec![one]))
            .then_rejected(invalid("/0/role"));
    }
}

#[test]
fn inviting_needs_the_permission() {
    for member in [WRITER, READER, NOBODY] {
        given(house())
            .when(
                Who::Member(member),
                invite(vec![invitation("new@acme.test")]),
            )
            .then_rejected(denied("createMember"));
    }
}

#[test]
fn nobody_is_invited_above_the_rank_of_who_invites() {
    let role = |name: &str| Invitation {
        role: Some(name.to_owned()),
        ..invitation("new@acme.test")
    };
    let given = given(house());
    let mut actor = given.actor(ME);
    actor.rank = Some(BuiltIn::Writer);
    given
        .when_by(NOW, &actor, invite(vec![role("admin")]))
        .then_rejected(forbidden("above what you may do yourself"))
        .when_by(NOW, &actor, invite(vec![role("writer")]))
        .then_accepted();
}

fn as_role(name: &str) -> Command {
    invite(vec![Invitation {
        role: Some(name.to_owned()),
        ..invitation("new@acme.test")
    }])
}

#[test]
fn who_has_no_rank_invites_readers_and_what_they_plainly_hold() {
    let grant = || vec![allow(&["createMember"], &["member/*"])];
    let everything = || vec![allow(&["*"], &["*"])];
    let by_roles = |policy| {
        (
            given(house()).and(custom_member(policy)),
            Who::Member(CUSTOM),
        )
    };
    let by_token = |scope: Vec<Statement>, ceiling| {
        let token = Event::TokenCreated(service(TOKEN, ADMIN, scope, ceiling));
        (given(house()).and([token]), Who::Token(TOKEN))
    };
    for (given, who) in [
        by_roles(grant()),
        by_token(grant(), everything()),
        by_token(everything(), grant()),
    ] {
        given
            .when(who, as_role("admin"))
            .then_rejected(forbidden("above what you may do yourself"))
            .when(who, as_role("writer"))
            .then_rejected(forbidden("above what you may do yourself"))
            .when(who, as_role("reader"))
            .then_accepted();
    }
    for (given, who) in [by_roles(everything()), by_token(everything(), everything())] {
        given.when(who, as_role("admin")).then_accepted();
    }
}

#[test]
fn two_invitations_with_one_id_are_refused() {
    let one = |email| Invitation {
        id: CUSTOM,
        ..invitation(email)
    };
    given(house())
        .when(ME, invite(vec![one("a@acme.test"), one("b@acme.test")]))
        .then_rejected(|found| {
            matches!(found, Rejection::Invalid { pointer, message }
                if pointer.is_empty() && message == "two invitations have one id")
        });
}

#[test]
fn an_id_that_exists_is_taken() {
    let one = Invitation {
        id: READER,
        ..invitation("new@acme.test")
    };
    given(house())
        .when(ME, invite(vec![one]))
        .then_rejected(conflict("is taken"));
}

#[test]
fn a_token_invites_while_its_member_may() {
    use keyledger_domain::scope::Scope;
    let grant = Scope::Inline(vec![allow(&["createMember"], &["member/*"])]);
    let start = || given(house()).and([has_token(TOKEN, ADMIN, grant.clone())]);
    let command = || invite(vec![invitation("new@acme.test")]);
    start().when(Who::Token(TOKEN), command()).then_accepted();
    start()
        .and([downgraded(ADMIN, BuiltIn::Admin, BuiltIn::Writer)])
        .when(Who::Token(TOKEN), command())
        .then_rejected(denied("createMember"));
}

#[test]
fn an_e_mail_of_a_member_is_refused_whatever_its_case() {
    given(house())
        .when(
            ME,
            invite(vec![
                invitation("new@acme.test"),
                invitation("READER@acme.test"),
            ]),
        )
        .then_rejected(emails(EmailProblem::ExistsInAccount, &["READER@acme.test"]));
}

#[test]
fn the_same_e_mail_twice_in_one_request_is_refused_whatever_its_case() {
    given(house())
        .when(
            ME,
            invite(vec![
                invitation("a@acme.test"),
                invitation("b@acme.test"),
                invitation("A@acme.test"),
            ]),
        )
        .then_rejected(emails(EmailProblem::Duplicate, &["A@acme.test"]));
}

#[test]
fn one_request_invites_one_to_fifty() {
    let many = |count: usize| {
        let one = |index: usize| Invitation {
            id: member_id(u8::try_from(100 + index).expect("few")),
            ..invitation(&format!("new{index}@acme.test"))
        };
        invite((0..count).map(one).collect())
    };
    let given = given(house())
        .when(ME, many(0))
        .then_rejected(invalid(""))
        .when(ME, many(INVITATIONS_MAX + 1))
        .then_rejected(invalid(""))
        .when(ME, many(INVITATIONS_MAX))
        .then_accepted();
    assert_eq!(given.state.members.len(), 5 + INVITATIONS_MAX);
    assert_eq!(INVITATIONS_MAX, 50);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let good = || invitation("good@acme.test");
    let bad_email = |email: &str| vec![good(), invitation(email)];
    let cases = [
        (bad_email("nobody"), "/1/email"),
        (bad_email("a b@acme.test"), "/1/email"),
        (
            bad_email(&format!("{}@acme.test", "a".repeat(250))),
            "/1/email",
        ),
        (
            vec![Invitation {
                custom_roles: texts(&["unheard-of"]),
                ..good()
            }],
            "/0/customRoles/0",
        ),
        (
            vec![Invitation {
                first_name: "\u{0}".to_owned(),
                ..good()
            }],
            "/0/firstName",
        ),
    ];
    for (invitations, pointer) in cases {
        given(house())
            .when(ME, invite(invitations))
            .then_rejected(invalid(pointer));
    }
}
