//! ChangeTeamMembers, SetTeamRoles, SetTeamGrants.

use super::create_team::{entering, grants as check_grants, not_for_oneself, roles as check_roles};
use super::preconditions::team;
use super::{Context, field};
use crate::event::{
    Event, GrantActions, TeamGrant, TeamGrantsChanged, TeamMembersChanged, TeamRolesChanged,
};
use crate::ids::{MemberId, RoleId, TeamId};
use crate::plan::{self, Feature};
use crate::rejection::Rejection;
use crate::state::State;

/// Put members into a team and out of it. Who is there already, or is not, changes nothing.
#[derive(Debug, Clone)]
pub struct ChangeTeamMembers {
    /// The team.
    pub id: TeamId,
    /// Who comes in.
    pub add: Vec<MemberId>,
    /// Who goes out.
    pub remove: Vec<MemberId>,
    /// Why.
    pub comment: Option<String>,
}

/// Replace a team's custom roles.
#[derive(Debug, Clone)]
pub struct SetTeamRoles {
    /// The team.
    pub id: TeamId,
    /// All custom roles from now on.
    pub roles: Vec<RoleId>,
    /// Why.
    pub comment: Option<String>,
}

/// Replace a team's permission grants.
#[derive(Debug, Clone)]
pub struct SetTeamGrants {
    /// The team.
    pub id: TeamId,
    /// All grants from now on.
    pub grants: Vec<TeamGrant>,
    /// Why.
    pub comment: Option<String>,
}

pub(super) fn members(
    state: &State,
    command: &ChangeTeamMembers,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let team = team(state, command.id)?;
    context
        .actor
        .require("updateTeamMembers", &format!("team/{}", team.key))?;
    let comment = field::comment(command.comment.as_deref())?;
    let mut added = command.add.clone();
    added.retain(|id| !team.members.contains(id));
    let mut removed = command.remove.clone();
    removed.retain(|id| team.members.contains(id));
    if let Some(both) = added.iter().find(|id| command.remove.contains(id)) {
        return Err(Rejection::invalid(
            "",
            format!("member {both} cannot come in and go out at once"),
        ));
    }
    entering(
        state,
        "",
        &added,
        team.members.len().saturating_sub(removed.len()),
    )?;
    if !added.is_empty() {
        plan::require(state, Feature::Teams)?;
    }
    not_for_oneself(context, |member| added.contains(&member))?;
    if added.is_empty() && removed.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::TeamMembersChanged(TeamMembersChanged {
        id: team.id,
        added,
        removed,
        comment,
    })])
}

pub(super) fn roles(
    state: &State,
    command: &SetTeamRoles,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let team = team(state, command.id)?;
    context
        .actor
        .require("updateTeamCustomRoles", &format!("team/{}", team.key))?;
    let comment = field::comment(command.comment.as_deref())?;
    if command.roles == team.roles {
        return Ok(Vec::new());
    }
    let added: Vec<RoleId> = command
        .roles
        .iter()
        .copied()
        .filter(|id| !team.roles.contains(id))
        .collect();
    // Those that it has already may have been deleted; they grant nothing, and may stay.
    check_roles(state, "", &added)?;
    if command.roles.len() > super::TEAM_ROLES_MAX {
        return Err(Rejection::invalid(
            "",
            format!("a team has at most {} roles", super::TEAM_ROLES_MAX),
        ));
    }
    if !added.is_empty() {
        plan::require(state, Feature::Teams)?;
        not_for_oneself(context, |member| team.members.contains(&member))?;
    }
    Ok(vec![Event::TeamRolesChanged(TeamRolesChanged {
        id: team.id,
        roles: command.roles.clone(),
        comment,
    })])
}

pub(super) fn grants(
    state: &State,
    command: &SetTeamGrants,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let team = team(state, command.id)?;
    context
        .actor
        .require("updateTeamPermissionGrants", &format!("team/{}", team.key))?;
    let comment = field::comment(command.comment.as_deref())?;
    let before: Vec<TeamGrant> = team
        .grants
        .iter()
        .map(|grant| TeamGrant {
            actions: grant.actions.clone(),
            members: grant.members.iter().copied().collect(),
        })
        .collect();
    let named = |list: &[TeamGrant], member: MemberId| {
        list.iter().any(|grant| grant.members.contains(&member))
    };
    check_grants(state, "", &team.key, &command.grants, |id| {
        named(&before, id)
    })?;
    if command.grants == before {
        return Ok(Vec::new());
    }
    // Who has the same by the team already gets nothing, whoever else comes or goes.
    let has = |list: &[TeamGrant], actions: &GrantActions, member: MemberId| {
        list.iter()
            .any(|grant| grant.actions == *actions && grant.members.contains(&member))
    };
    let widens = |member| {
        command
            .grants
            .iter()
            .any(|grant| grant.members.contains(&member) && !has(&before, &grant.actions, member))
    };
    if !command.grants.is_empty() {
        plan::require(state, Feature::Teams)?;
    }
    not_for_oneself(context, widens)?;
    Ok(vec![Event::TeamGrantsChanged(TeamGrantsChanged {
        id: team.id,
        grants: command.grants.clone(),
        comment,
    })])
}
