//! Random commands: what is asked, by the numbers of things rather than their ids.

use keyledger_domain::policy::{RoleAttributes, Statement};
use keyledger_domain::role::BuiltIn;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sample::{allow, attributes, deny};

const VALUES: &[&[&str]] = &[&[], &["web"], &["shop"], &["web", "s*"]];

/// One step of a sequence. Numbers point into the lists of what exists, round and round.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) by_token: bool,
    pub(crate) actor: usize,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Create {
        service: bool,
        live: bool,
        scope: Choice,
        expiry: Option<i64>,
    },
    Clone {
        source: usize,
    },
    Reset {
        token: usize,
        grace: Option<i64>,
    },
    Update {
        token: usize,
        scope: Option<Choice>,
        expiry: Option<i64>,
    },
    Delete {
        token: usize,
    },
    Invite {
        role: BuiltIn,
        roles: Vec<usize>,
        old_email: bool,
    },
    Change {
        member: usize,
        to: BuiltIn,
    },
    Assign {
        member: usize,
        roles: Vec<usize>,
    },
    Attributes {
        member: usize,
        to: RoleAttributes,
    },
    Remove {
        member: usize,
    },
    Erase,
    CreateRole {
        policy: Vec<Statement>,
        base: bool,
    },
    UpdateRole {
        role: usize,
        policy: Option<Vec<Statement>>,
        base: Option<bool>,
    },
    DeleteRole {
        role: usize,
    },
    CreateTeam {
        members: Vec<usize>,
        roles: Vec<usize>,
        maintainer: Option<usize>,
        to: RoleAttributes,
    },
    ChangeTeam {
        team: usize,
        add: Vec<usize>,
        remove: Vec<usize>,
    },
    TeamRoles {
        team: usize,
        roles: Vec<usize>,
    },
    TeamAttributes {
        team: usize,
        to: RoleAttributes,
    },
    TeamGrants {
        team: usize,
        members: Vec<usize>,
        maintain: bool,
    },
    DeleteTeam {
        team: usize,
    },
    Link {
        member: usize,
    },
    Join,
    Admit {
        member: usize,
    },
    Plan {
        pro: bool,
    },
}

#[derive(Debug, Clone)]
pub(crate) enum Choice {
    BuiltIn(&'static str),
    Roles(Vec<usize>),
    Inline(Vec<Statement>),
}

/// What the tokens are asked again and again.
pub(crate) fn probes(own: &str, other: &str) -> Vec<(&'static str, String)> {
    let mut probes = Vec::new();
    for resource in ["proj/web:env/live:flag/x", "proj/shop:env/live:flag/y"] {
        for action in ["viewFlag", "updateOn"] {
            probes.push((action, resource.to_owned()));
        }
    }
    for member in [own, other] {
        probes.push(("createAccessToken", format!("member/{member}:token/new")));
        probes.push((
            "resetAccessToken",
            format!("service-token/t;{{creator:{member}}}"),
        ));
        probes.push(("updateRole", format!("member/{member}")));
    }
    probes.push(("createRole", "role/r".to_owned()));
    probes.push(("updateAccountOwner", "acct".to_owned()));
    probes.push(("updateTeamName", "team/team-0".to_owned()));
    probes.push(("deleteTeam", "team/team-1".to_owned()));
    probes
}

fn statement() -> impl Strategy<Value = Statement> {
    let flags = |effect: fn(&[&str], &[&str]) -> Statement| {
        (
            select(&["*", "view*", "updateOn"][..]),
            select(
                &[
                    "*",
                    "proj/*:env/*:flag/*",
                    "proj/web:env/*:flag/*",
                    "proj/${roleAttribute/projects}:env/*:flag/*",
                ][..],
            ),
        )
            .prop_map(move |(action, resource)| effect(&[action], &[resource]))
    };
    let tokens = (
        select(&["*AccessToken*", "createAccessToken", "updateAccessToken*"][..]),
        select(
            &[
                "member/*:token/*",
                "member/${memberId}:token/*",
                "service-token/*",
                "service-token/*;{creator:${memberId}}",
            ][..],
        ),
    );
    let rest = select(
        &[
            ("*", "member/*"),
            ("updateRole", "member/*"),
            ("*", "role/*"),
            ("*", "team/*"),
            ("updateTeamMembers", "team/*"),
            ("updateAccountOwner", "acct"),
        ][..],
    );
    prop_oneof![
        4 => flags(allow),
        1 => flags(deny),
        4 => tokens.prop_map(|(action, resource)| allow(&[action], &[resource])),
        2 => rest.prop_map(|(action, resource)| allow(&[action], &[resource])),
    ]
}

fn policy() -> impl Strategy<Value = Vec<Statement>> {
    vec(statement(), 1..4)
}

fn role() -> impl Strategy<Value = BuiltIn> {
    select(&BuiltIn::ALL[..])
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        3 => select(&["reader", "writer", "admin", "admin"][..]).prop_map(Choice::BuiltIn),
        2 => vec(any::<usize>(), 1..3).prop_map(Choice::Roles),
        4 => policy().prop_map(Choice::Inline),
    ]
}

/// Milliseconds from the moment of the command, some of them already past.
fn moment() -> impl Strategy<Value = Option<i64>> {
    option::weighted(0.2, prop_oneof![3 => 1..20_000_i64, 1 => Just(-1_i64)])
}

fn what() -> impl Strategy<Value = What> {
    let number = any::<usize>;
    let to = select(VALUES);
    prop_oneof![
        8 => (any::<bool>(), any::<bool>(), choice(), moment())
            .prop_map(|(service, live, scope, expiry)| What::Create { service, live, scope, expiry }),
        3 => number().prop_map(|source| What::Clone { source }),
        2 => (number(), moment()).prop_map(|(token, grace)| What::Reset { token, grace }),
        4 => (number(), option::weighted(0.8, choice()), moment())
            .prop_map(|(token, scope, expiry)| What::Update { token, scope, expiry }),
        1 => number().prop_map(|token| What::Delete { token }),
        3 => (role(), vec(number(), 0..2), any::<bool>())
            .prop_map(|(role, roles, old_email)| What::Invite { role, roles, old_email }),
        4 => (number(), role()).prop_map(|(member, to)| What::Change { member, to }),
        3 => (number(), vec(number(), 0..3)).prop_map(|(member, roles)| What::Assign { member, roles }),
        2 => (number(), to)
            .prop_map(|(member, to)| What::Attributes { member, to: attributes("projects", to) }),
        1 => number().prop_map(|member| What::Remove { member }),
        1 => Just(What::Erase),
        3 => (policy(), any::<bool>()).prop_map(|(policy, base)| What::CreateRole { policy, base }),
        3 => (number(), option::of(policy()), option::of(any::<bool>()))
            .prop_map(|(role, policy, base)| What::UpdateRole { role, policy, base }),
        1 => number().prop_map(|role| What::DeleteRole { role }),
        12 => team(),
        2 => number().prop_map(|member| What::Link { member }),
        2 => Just(What::Join),
        1 => number().prop_map(|member| What::Admit { member }),
        1 => any::<bool>().prop_map(|pro| What::Plan { pro }),
    ]
}

fn team() -> impl Strategy<Value = What> {
    let number = any::<usize>;
    let some = || vec(any::<usize>(), 0..3);
    let to = || select(VALUES).prop_map(|values| attributes("projects", values));
    prop_oneof![
        3 => (some(), some(), option::of(number()), to())
            .prop_map(|(members, roles, maintainer, to)| {
                What::CreateTeam { members, roles, maintainer, to }
            }),
        3 => (number(), some(), some())
            .prop_map(|(team, add, remove)| What::ChangeTeam { team, add, remove }),
        2 => (number(), some()).prop_map(|(team, roles)| What::TeamRoles { team, roles }),
        2 => (number(), to()).prop_map(|(team, to)| What::TeamAttributes { team, to }),
        2 => (number(), some(), any::<bool>())
            .prop_map(|(team, members, maintain)| What::TeamGrants { team, members, maintain }),
        1 => number().prop_map(|team| What::DeleteTeam { team }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    // The owner and the administrator are the first two, and the sixth leads teams: asked more often, so that
    // more is accepted, and more of what must be looked at.
    let actor = prop_oneof![3 => 0..2_usize, 1 => Just(5_usize), 3 => any::<usize>()];
    (any::<bool>(), actor, what()).prop_map(|(by_token, actor, what)| Step {
        by_token,
        actor,
        what,
    })
}

/// Sequences of up to `most` steps.
pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..=most)
}
