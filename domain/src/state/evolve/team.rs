//! Events of a team. What its members have by it is kept with each of them, for the decision's sake.

use std::collections::BTreeSet;

use super::{Inconsistency, Recorded, follows, is_new, missing, policy_error};
use crate::event::{TeamCreated, TeamGrantsChanged, TeamMembersChanged, TeamUpdated};
use crate::ids::{MemberId, TeamId};
use crate::policy::RoleAttributes;
use crate::state::team::compile;
use crate::state::{State, Team};

/// The team that an event is about, its version moved on.
pub(super) fn find<'s>(
    state: &'s mut State,
    id: TeamId,
    recorded: &Recorded<'_>,
) -> Result<&'s mut Team, Inconsistency> {
    let team = state
        .teams
        .get_mut(&id)
        .filter(|team| !team.deleted)
        .ok_or_else(|| missing(recorded, format!("team {id}")))?;
    follows(recorded.event.type_name(), team.version, recorded)?;
    team.version = recorded.version;
    team.modified_at_ms = recorded.recorded_at_ms;
    Ok(team)
}

/// What `${roleAttribute/…}` stands for to a member, computed anew.
pub(super) fn refresh(state: &mut State, id: MemberId) {
    let State { members, teams, .. } = state;
    if let Some(member) = members.get_mut(&id) {
        let of_teams = member.teams.iter().filter_map(|id| teams.get(id));
        let of_teams = of_teams.map(|team| &team.role_attributes);
        member.attributes = member.role_attributes.union(of_teams);
    }
}

/// Puts a member into a team; one who was removed from the account is passed over.
fn enter(state: &mut State, team: TeamId, id: MemberId) -> bool {
    let State { members, teams, .. } = state;
    let (Some(team), Some(member)) = (teams.get_mut(&team), members.get_mut(&id)) else {
        return false;
    };
    if !member.is_active() || !team.members.insert(id) {
        return false;
    }
    member.teams.push(team.id);
    member.given_more();
    true
}

fn leave(state: &mut State, team: TeamId, id: MemberId) -> bool {
    let State { members, teams, .. } = state;
    let (Some(team), Some(member)) = (teams.get_mut(&team), members.get_mut(&id)) else {
        return false;
    };
    member.teams.retain(|known| *known != team.id);
    team.members.remove(&id)
}

/// Notes with each member whether a grant of the team names them.
fn regrant(state: &mut State, team: TeamId, before: &BTreeSet<MemberId>) {
    let State { members, teams, .. } = state;
    let Some(team) = teams.get_mut(&team) else {
        return;
    };
    for grant in &mut team.grants {
        grant
            .members
            .retain(|id| members.get(id).is_some_and(|member| member.is_active()));
    }
    let now: BTreeSet<MemberId> = named(team);
    for id in before.difference(&now) {
        if let Some(member) = members.get_mut(id) {
            member.granted.retain(|known| *known != team.id);
        }
    }
    for id in now.difference(before) {
        if let Some(member) = members.get_mut(id) {
            member.granted.push(team.id);
            member.given_more();
        }
    }
}

fn named(team: &Team) -> BTreeSet<MemberId> {
    let grants = team.grants.iter();
    grants
        .flat_map(|grant| grant.members.iter().copied())
        .collect()
}

pub(super) fn create(
    state: &mut State,
    event: &TeamCreated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.teams.contains_key(&event.id), recorded)?;
    let grants =
        compile(&event.key, &event.grants).map_err(|source| policy_error(recorded, source))?;
    let team = Team {
        id: event.id,
        number: state.teams.len(),
        version: recorded.version,
        key: event.key.clone(),
        name: event.name.clone(),
        description: event.description.clone(),
        members: BTreeSet::new(),
        roles: event.roles.clone(),
        grants,
        role_attributes: event.role_attributes.clone(),
        created_at_ms: recorded.recorded_at_ms,
        modified_at_ms: recorded.recorded_at_ms,
        deleted: false,
    };
    state.team_keys.insert(team.key.clone(), team.id);
    state.teams.insert(team.id, team);
    for member in &event.members {
        if enter(state, event.id, *member) {
            refresh(state, *member);
        }
    }
    regrant(state, event.id, &BTreeSet::new());
    Ok(())
}

pub(super) fn update(
    state: &mut State,
    event: &TeamUpdated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let team = find(state, event.id, recorded)?;
    if let Some(name) = &event.name {
        team.name.clone_from(name);
    }
    if let Some(description) = &event.description {
        team.description.clone_from(description);
    }
    if let Some(attributes) = &event.role_attributes {
        team.role_attributes.clone_from(attributes);
        let members: Vec<MemberId> = team.members.iter().copied().collect();
        members.into_iter().for_each(|id| refresh(state, id));
    }
    Ok(())
}

pub(super) fn change_members(
    state: &mut State,
    event: &TeamMembersChanged,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let id = find(state, event.id, recorded)?.id;
    for member in &event.removed {
        if leave(state, id, *member) {
            refresh(state, *member);
        }
    }
    for member in &event.added {
        if enter(state, id, *member) {
            refresh(state, *member);
        }
    }
    Ok(())
}

pub(super) fn change_grants(
    state: &mut State,
    event: &TeamGrantsChanged,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let key = state.team(event.id).map(|team| team.key.clone());
    let key = key.ok_or_else(|| missing(recorded, format!("team {}", event.id)))?;
    let grants = compile(&key, &event.grants).map_err(|source| policy_error(recorded, source))?;
    let team = find(state, event.id, recorded)?;
    let before = named(team);
    team.grants = grants;
    regrant(state, event.id, &before);
    Ok(())
}

pub(super) fn delete(
    state: &mut State,
    id: TeamId,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let team = find(state, id, recorded)?;
    team.deleted = true;
    let before = named(team);
    let members = team.members.clone();
    team.grants.clear();
    team.roles.clear();
    team.role_attributes = RoleAttributes::default();
    let key = team.key.clone();
    state.team_keys.remove(&key);
    for member in members {
        leave(state, id, member);
        refresh(state, member);
    }
    regrant(state, id, &before);
    Ok(())
}
