//! What a log may say about teams: what cannot follow is refused with a typed error and changes nothing, and
//! whoever was removed meanwhile is passed over.

use keyledger_domain::event::{
    Event, GrantActions, TeamCreated, TeamDeleted, TeamGrant, TeamGrantsChanged,
    TeamMembersChanged, TeamRolesChanged, TeamUpdated,
};
use keyledger_domain::ids::{MemberId, TeamId};
use keyledger_domain::state::{Inconsistency, Recorded, State, evolve};

use crate::random_log::same;
use crate::sample::*;
use crate::scenario::*;

const WEB: TeamId = team_id(1);

fn fold(state: &mut State, version: i64, event: &Event) -> Result<(), Inconsistency> {
    let recorded = Recorded {
        account: ACCOUNT,
        version,
        recorded_at_ms: NOW,
        event,
    };
    evolve(state, &recorded)
}

fn granted(actions: &[&str], members: &[MemberId]) -> Vec<TeamGrant> {
    vec![TeamGrant {
        actions: GrantActions::Actions(texts(actions)),
        members: members.to_vec(),
    }]
}

fn made(id: TeamId, key: &str, members: &[MemberId]) -> Event {
    Event::TeamCreated(TeamCreated {
        id,
        key: key.to_owned(),
        name: "Web".to_owned(),
        description: String::new(),
        members: members.to_vec(),
        roles: vec![DEPLOYER],
        grants: granted(&["viewTeam"], members),
        role_attributes: attributes("project", &["web"]),
    })
}

fn members_changed(added: &[MemberId], removed: &[MemberId]) -> Event {
    Event::TeamMembersChanged(TeamMembersChanged {
        id: WEB,
        added: added.to_vec(),
        removed: removed.to_vec(),
        comment: None,
    })
}

fn grants_changed(actions: &[&str], members: &[MemberId]) -> Event {
    Event::TeamGrantsChanged(TeamGrantsChanged {
        id: WEB,
        grants: granted(actions, members),
        comment: None,
    })
}

fn deleted() -> Event {
    Event::TeamDeleted(TeamDeleted { id: WEB })
}

/// One of each event that changes a team.
fn changes() -> Vec<Event> {
    vec![
        Event::TeamUpdated(TeamUpdated {
            id: WEB,
            name: Some("New".to_owned()),
            description: None,
            role_attributes: Some(attributes("project", &["shop"])),
            comment: None,
        }),
        members_changed(&[WRITER], &[READER]),
        Event::TeamRolesChanged(TeamRolesChanged {
            id: WEB,
            roles: Vec::new(),
            comment: None,
        }),
        grants_changed(&["*"], &[WRITER]),
        deleted(),
    ]
}

fn start() -> Given {
    given(house()).and([
        Event::RoleCreated(role_made(DEPLOYER, "deployer", Vec::new())),
        made(WEB, "web", &[READER]),
    ])
}

#[test]
fn an_event_about_a_team_that_was_never_made_or_has_ended_is_missing() {
    for event in changes() {
        let mut never = given(house()).state;
        let mut ended = start().and([deleted()]).state;
        for (state, version) in [(&mut never, 1), (&mut ended, 3)] {
            let found = fold(state, version, &event);
            assert!(
                matches!(found, Err(Inconsistency::Missing { event_type, .. }) if event_type == event.type_name()),
                "{event:?}: {found:?}"
            );
        }
        assert!(same(&never, &given(house()).state), "{event:?}");
        assert!(same(&ended, &start().and([deleted()]).state), "{event:?}");
    }
}

#[test]
fn a_version_that_does_not_follow_is_refused_and_changes_nothing() {
    for event in changes() {
        for version in [0, 1, 3] {
            let mut state = start().state;
            let event_type = event.type_name();
            let expected = Inconsistency::Version {
                event_type,
                expected: 2,
                found: version,
            };
            assert_eq!(fold(&mut state, version, &event), Err(expected));
            assert!(same(&state, &start().state), "{event:?}");
        }
        assert_eq!(fold(&mut start().state, 2, &event), Ok(()));
    }
    let gap = fold(&mut start().state, 2, &made(team_id(2), "shop", &[]));
    assert!(
        matches!(gap, Err(Inconsistency::Version { expected: 1, .. })),
        "{gap:?}"
    );
}

#[test]
fn a_team_is_not_made_twice_not_even_when_it_has_ended() {
    let again = made(WEB, "other", &[WRITER]);
    for ended in [Vec::new(), vec![deleted()]] {
        let before = || start().and(ended.clone()).state;
        for version in [1, 2, 3] {
            let mut state = before();
            let found = fold(&mut state, version, &again);
            let event_type = "team.created";
            assert_eq!(found, Err(Inconsistency::Twice { event_type }));
            assert!(same(&state, &before()));
            assert_eq!(state.team_by_key("other"), None);
        }
    }
}

#[test]
fn grants_that_are_no_policy_are_refused_and_change_nothing() {
    let mut wrong = made(team_id(2), "shop", &[READER]);
    if let Event::TeamCreated(event) = &mut wrong {
        event.grants = granted(&["not an action"], &[READER]);
    }
    let changed = grants_changed(&["not an action"], &[WRITER]);
    for (version, event) in [(1, wrong), (2, changed)] {
        let mut state = start().state;
        let found = fold(&mut state, version, &event);
        assert!(
            matches!(found, Err(Inconsistency::Policy { .. })),
            "{found:?}"
        );
        assert!(same(&state, &start().state), "{event:?}");
        assert_eq!(state.team_by_key("shop"), None);
    }
}

#[test]
fn whoever_was_removed_meanwhile_is_passed_over_everywhere() {
    let events = [
        made(team_id(2), "shop", &[READER, WRITER]),
        members_changed(&[READER, WRITER], &[]),
        grants_changed(&["viewTeam"], &[READER, WRITER]),
    ];
    let given = start().and([removed(READER)]).and(events);
    for team in given.state.teams.values() {
        assert!(!team.members.contains(&READER), "{team:?}");
        assert!(team.members.contains(&WRITER), "{team:?}");
        for grant in &team.grants {
            assert_eq!(grant.members.iter().collect::<Vec<_>>(), [&WRITER]);
        }
    }
    let gone = &given.state.members[&READER];
    assert!(gone.teams.is_empty() && gone.granted.is_empty());
}

#[test]
fn a_deleted_team_leaves_nothing_with_anybody_and_its_key_is_free() {
    let given = start().and([deleted()]);
    let member = &given.state.members[&READER];
    assert!(member.teams.is_empty() && member.granted.is_empty());
    assert!(member.attributes.is_empty());
    assert_eq!(given.state.team_by_key("web"), None);
    // The next team of that key is another: nothing of the first comes back.
    let given = given.and([made(team_id(2), "web", &[])]);
    assert!(!given.member_may(NOBODY, "viewTeam", "team/web"));
    assert!(given.state.members[&READER].teams.is_empty());
}

#[test]
fn whoever_comes_in_twice_is_there_once_and_goes_out_whole() {
    let given = start()
        .and([members_changed(&[READER, WRITER, WRITER], &[])])
        .and([members_changed(&[], &[WRITER, WRITER, READER])]);
    for id in [READER, WRITER] {
        let member = &given.state.members[&id];
        assert!(
            member.teams.is_empty() && member.attributes.is_empty(),
            "{id}"
        );
    }
    assert!(given.state.teams[&WEB].members.is_empty());
}
