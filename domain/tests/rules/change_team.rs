//! Lists of a team: each thing once, in one order, within limits; taking away is always possible.

use keyledger_domain::command::{
    ChangeTeamMembers, Command, CreateTeam, SetTeamGrants, SetTeamRoles, TEAM_ROLES_MAX,
    TEAMS_PER_MEMBER_MAX, UpdateTeam,
};
use keyledger_domain::event::{
    AccountPlanChanged, Event, GrantActions, TeamCreated, TeamGrant, TeamGrantsChanged,
    TeamMembersChanged, TeamRolesChanged,
};
use keyledger_domain::ids::{MemberId, RoleId, TeamId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::RoleAttributes;

use crate::sample::*;
use crate::scenario::*;

const WEB: TeamId = team_id(1);

fn made(id: TeamId, members: &[MemberId], grants: Vec<TeamGrant>) -> TeamCreated {
    TeamCreated {
        id,
        key: format!("team-{id}"),
        name: "Web".to_owned(),
        description: String::new(),
        members: members.to_vec(),
        roles: Vec::new(),
        grants,
        role_attributes: RoleAttributes::default(),
    }
}

fn grant(actions: &[&str], members: &[MemberId]) -> TeamGrant {
    TeamGrant {
        actions: GrantActions::Actions(texts(actions)),
        members: members.to_vec(),
    }
}

fn with(grants: Vec<TeamGrant>) -> Given {
    given(house()).and([
        Event::RoleCreated(role_made(DEPLOYER, "deployer", Vec::new())),
        Event::TeamCreated(made(WEB, &[READER], grants)),
    ])
}

fn members(add: &[MemberId], remove: &[MemberId]) -> Command {
    Command::ChangeTeamMembers(ChangeTeamMembers {
        id: WEB,
        add: add.to_vec(),
        remove: remove.to_vec(),
        comment: None,
    })
}

fn set_grants(grants: Vec<TeamGrant>) -> Command {
    Command::SetTeamGrants(SetTeamGrants {
        id: WEB,
        grants,
        comment: None,
    })
}

fn set_roles(roles: &[RoleId]) -> Command {
    Command::SetTeamRoles(SetTeamRoles {
        id: WEB,
        roles: roles.to_vec(),
        comment: None,
    })
}

fn grants_changed(grants: Vec<TeamGrant>) -> Event {
    Event::TeamGrantsChanged(TeamGrantsChanged {
        id: WEB,
        grants,
        comment: None,
    })
}

/// The members of a grant are a set: in another order they were written as another change, again and again.
#[test]
fn the_order_of_a_grants_members_is_no_change() {
    with(Vec::new())
        .when(
            Who::Member(ADMIN),
            set_grants(vec![grant(&["viewTeam"], &[READER, WRITER, READER])]),
        )
        .then([grants_changed(vec![grant(
            &["viewTeam"],
            &[WRITER, READER],
        )])])
        .when(
            Who::Member(ADMIN),
            set_grants(vec![grant(&["viewTeam"], &[READER, WRITER])]),
        )
        .then_nothing();
}

/// What is named twice was twice in the event.
#[test]
fn what_is_named_twice_is_in_the_event_once() {
    with(Vec::new())
        .when(
            Who::Member(ADMIN),
            members(&[WRITER, WRITER], &[READER, READER]),
        )
        .then([Event::TeamMembersChanged(TeamMembersChanged {
            id: WEB,
            added: vec![WRITER],
            removed: vec![READER],
            comment: None,
        })])
        .when(Who::Member(ADMIN), set_roles(&[DEPLOYER, DEPLOYER]))
        .then([Event::TeamRolesChanged(TeamRolesChanged {
            id: WEB,
            roles: vec![DEPLOYER],
            comment: None,
        })]);
    let new = CreateTeam {
        id: team_id(2),
        key: "shop".to_owned(),
        name: "Shop".to_owned(),
        description: String::new(),
        members: vec![READER, READER],
        roles: vec![DEPLOYER, DEPLOYER],
        grants: vec![grant(&["viewTeam"], &[READER, WRITER])],
        role_attributes: RoleAttributes::default(),
    };
    let expected = TeamCreated {
        key: "shop".to_owned(),
        name: "Shop".to_owned(),
        roles: vec![DEPLOYER],
        ..made(
            team_id(2),
            &[READER],
            vec![grant(&["viewTeam"], &[WRITER, READER])],
        )
    };
    with(Vec::new())
        .when(Who::Member(ADMIN), Command::CreateTeam(new))
        .then([Event::TeamCreated(expected)]);
}

/// Whoever was there already went out; only whoever was not was refused.
#[test]
fn nobody_comes_in_and_goes_out_at_once_whether_there_or_not() {
    for member in [READER, WRITER] {
        with(Vec::new())
            .when(Who::Member(ADMIN), members(&[member], &[member]))
            .then_rejected(invalid(""));
    }
}

/// Whoever is named in a grant and may edit grants could not name anybody else beside themselves.
#[test]
fn a_grant_that_names_oneself_already_may_name_others() {
    let editor = || {
        let policy = vec![allow(&["updateTeamPermissionGrants"], &["team/*"])];
        given(house())
            .and(custom_member(policy))
            .and([Event::TeamCreated(made(
                WEB,
                &[],
                vec![grant(&["viewTeam"], &[CUSTOM])],
            ))])
    };
    editor()
        .when(
            Who::Member(CUSTOM),
            set_grants(vec![grant(&["viewTeam"], &[CUSTOM, READER])]),
        )
        .then_accepted();
    for wider in [
        vec![grant(&["viewTeam", "deleteTeam"], &[CUSTOM])],
        vec![
            grant(&["viewTeam"], &[CUSTOM]),
            grant(&["deleteTeam"], &[CUSTOM, READER]),
        ],
    ] {
        editor()
            .when(Who::Member(CUSTOM), set_grants(wider))
            .then_rejected(forbidden("your own role"));
    }
}

fn on_starter(given: Given) -> Given {
    given.and([Event::AccountPlanChanged(AccountPlanChanged {
        from: Plan::Enterprise,
        to: Plan::Starter,
    })])
}

/// Taking one of two grants away needed the plan, taking the last away did not.
#[test]
fn taking_a_grant_away_needs_no_plan_and_giving_one_does() {
    let two = || {
        on_starter(with(vec![
            grant(&["viewTeam"], &[READER, WRITER]),
            grant(&["deleteTeam"], &[READER]),
        ]))
    };
    for fewer in [
        Vec::new(),
        vec![grant(&["deleteTeam"], &[READER])],
        vec![grant(&["viewTeam"], &[WRITER])],
    ] {
        two()
            .when(Who::Member(ADMIN), set_grants(fewer))
            .then_accepted();
    }
    for more in [
        vec![grant(&["deleteTeam"], &[READER, WRITER])],
        vec![grant(&["*"], &[READER])],
    ] {
        two()
            .when(Who::Member(ADMIN), set_grants(more))
            .then_rejected(forbidden("teams need the plan enterprise"));
    }
}

/// A team's values widened its members on any plan.
#[test]
fn giving_a_team_values_needs_the_plan_and_taking_them_away_does_not() {
    let to = |values: &[&str]| {
        Command::UpdateTeam(UpdateTeam {
            id: WEB,
            name: None,
            description: None,
            role_attributes: Some(attributes("project", values)),
            comment: None,
        })
    };
    let before = || {
        given(house()).and([Event::TeamCreated(TeamCreated {
            role_attributes: attributes("project", &["web", "shop"]),
            ..made(WEB, &[READER], Vec::new())
        })])
    };
    on_starter(before())
        .when(Who::Member(ADMIN), to(&["web", "blog"]))
        .then_rejected(forbidden("teams need the plan enterprise"));
    on_starter(before())
        .when(Who::Member(ADMIN), to(&["web"]))
        .then_accepted();
    before()
        .when(Who::Member(ADMIN), to(&["blog"]))
        .then_accepted();
}

/// The roles of teams that merely name somebody in a grant were read too. With all that the limits allow it
/// made over 1,600 preconditions, where the log takes 1,000: such a member could do nothing any more.
#[test]
fn what_a_member_of_as_many_teams_as_may_be_depends_on_fits_into_one_append() {
    let id = |kind: u8, team: usize, place: usize| {
        let of = |n: usize| u8::try_from(n).expect("few");
        let mut bytes = [0; 12];
        (bytes[0], bytes[10], bytes[11]) = (kind, of(team), of(place));
        bytes
    };
    let mut given = given(house());
    for number in 0..2 * TEAMS_PER_MEMBER_MAX {
        let roles: Vec<RoleId> = (0..TEAM_ROLES_MAX)
            .map(|place| RoleId::from_bytes(id(0x51, number, place)))
            .collect();
        let roles_made = roles
            .iter()
            .map(|role| Event::RoleCreated(role_made(*role, &format!("key-{role}"), Vec::new())));
        given = given.and(roles_made.collect::<Vec<_>>());
        let (members, grants) = if number < TEAMS_PER_MEMBER_MAX {
            (vec![READER], Vec::new())
        } else {
            (Vec::new(), vec![grant(&["viewTeam"], &[READER])])
        };
        let team = TeamId::from_bytes(id(0x7f, number, 0));
        given = given.and([Event::TeamCreated(TeamCreated {
            roles,
            ..made(team, &members, grants)
        })]);
    }
    let read = given.actor(Who::Member(READER)).read;
    // Itself, its teams, their roles, and the teams whose grants name it.
    let expected = 1 + TEAMS_PER_MEMBER_MAX * (1 + TEAM_ROLES_MAX) + TEAMS_PER_MEMBER_MAX;
    assert_eq!(read.len(), expected);
}
