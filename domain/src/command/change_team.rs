//! ChangeTeamMembers, SetTeamRoles, SetTeamGrants.

use std::collections::BTreeSet;

use super::create_team::{
    each_member_once, each_once, entering, grants as check_grants, not_for_oneself,
    roles as check_roles,
};
use super::preconditions::team;
use super::{Context, field};
use crate::event::{
    Event, GrantActions, TeamGrant, TeamGrantsChanged, TeamMembersChanged, TeamRolesChanged,
};
use crate::ids::{MemberId, RoleId, TeamId};
use crate::plan::{self, Feature};
use crate::rejection::Rejection;
use crate::state::{State, TeamGrant as Grant};

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
    let out: BTreeSet<MemberId> = command.remove.iter().copied().collect();
    if let Some(both) = command.add.iter().find(|id| out.contains(id)) {
        return Err(Rejection::invalid(
            "",
            format!("member {both} cannot come in and go out at once"),
        ));
    }
    let mut added = each_once(&command.add);
    added.retain(|id| !team.members.contains(id));
    let mut removed = each_once(&command.remove);
    removed.retain(|id| team.members.contains(id));
    entering(
        state,
        "",
        &added,
        team.members.len().saturating_sub(removed.len()),
    )?;
    if !added.is_empty() {
        plan::require(state, Feature::Teams)?;
    }
    // Values may close as well as open: whoever leaves a team that has some may be kept away from less.
    not_for_oneself(context, |member| {
        added.contains(&member) || (!team.role_attributes.is_empty() && removed.contains(&member))
    })?;
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
    let roles = each_once(&command.roles);
    if roles == team.roles {
        return Ok(Vec::new());
    }
    let added: Vec<RoleId> = roles
        .iter()
        .copied()
        .filter(|id| !team.roles.contains(id))
        .collect();
    // Those that it has already may have been deleted; they grant nothing, and may stay.
    check_roles(state, "", &added)?;
    if roles.len() > super::TEAM_ROLES_MAX {
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
        roles,
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
    check_grants(state, "", &team.key, &command.grants, |id| {
        team.grants.iter().any(|grant| grant.members.contains(&id))
    })?;
    let grants = each_member_once(&command.grants);
    let same = |(new, old): (&TeamGrant, &Grant)| {
        new.actions == old.actions && new.members.iter().eq(&old.members)
    };
    if grants.len() == team.grants.len() && grants.iter().zip(&team.grants).all(same) {
        return Ok(Vec::new());
    }
    let had = |actions: &GrantActions, member: MemberId| {
        let alike = team.grants.iter().filter(|grant| grant.actions == *actions);
        alike
            .into_iter()
            .any(|grant| grant.members.contains(&member))
    };
    let gives = |new: &TeamGrant, member: MemberId| !had(&new.actions, member);
    let more = grants
        .iter()
        .any(|new| new.members.iter().any(|member| gives(new, *member)));
    if more {
        plan::require(state, Feature::Teams)?;
    }
    not_for_oneself(context, |member| {
        let of_member = |new: &&TeamGrant| new.members.contains(&member);
        grants
            .iter()
            .filter(of_member)
            .any(|new| gives(new, member))
    })?;
    Ok(vec![Event::TeamGrantsChanged(TeamGrantsChanged {
        id: team.id,
        grants,
        comment,
    })])
}
