//! CreateTeam.

use std::collections::BTreeSet;

use super::preconditions::taken;
use super::scope::{at, clip};
use super::{Context, field};
use crate::event::{Event, GrantActions, TeamCreated, TeamGrant};
use crate::ids::{MemberId, RoleId, TeamId};
use crate::plan::{self, Feature};
use crate::policy::{Policy, RoleAttributes};
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::state::{State, grant_statements};

/// The most members of one team.
pub const TEAM_MEMBERS_MAX: usize = 10_000;
/// The most teams that one member may be in, and the most whose grants may name one member.
pub const TEAMS_PER_MEMBER_MAX: usize = 32;
/// The most custom roles of one team. With the teams of a member it bounds what a decision looks at.
pub const TEAM_ROLES_MAX: usize = 24;
/// The most permission grants of one team.
pub const TEAM_GRANTS_MAX: usize = 32;

/// Make a team.
#[derive(Debug, Clone)]
pub struct CreateTeam {
    /// The new team's id.
    pub id: TeamId,
    /// The key, unique in the account.
    pub key: String,
    /// The name.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// Who is in it.
    pub members: Vec<MemberId>,
    /// Custom roles, on top of the members' own.
    pub roles: Vec<RoleId>,
    /// Permissions on the team itself.
    pub grants: Vec<TeamGrant>,
    /// Role attributes, on top of the members' own.
    pub role_attributes: RoleAttributes,
}

/// Members by id, each once.
///
/// # Errors
/// Too many, or one that there is not, with its place below `pointer`.
pub fn resolve_members(
    state: &State,
    pointer: &str,
    ids: &[String],
) -> Result<Vec<MemberId>, Rejection> {
    if ids.len() > TEAM_MEMBERS_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!(
                "has {} members; at most {TEAM_MEMBERS_MAX} are allowed",
                ids.len()
            ),
        ));
    }
    let mut seen = BTreeSet::new();
    let mut members = Vec::with_capacity(ids.len());
    for (index, text) in ids.iter().enumerate() {
        let found = text.parse().ok().and_then(|id| state.member(id));
        let member = found.ok_or_else(|| {
            Rejection::invalid(
                format!("{pointer}/{index}"),
                format!("there is no member with the id {:?}", clip(text)),
            )
        })?;
        if seen.insert(member.id) {
            members.push(member.id);
        }
    }
    Ok(members)
}

/// Each once, in the order in which they were named first.
pub(super) fn each_once<T: Copy + Ord>(list: &[T]) -> Vec<T> {
    let mut seen = BTreeSet::new();
    list.iter().copied().filter(|id| seen.insert(*id)).collect()
}

/// Grants whose members are sets: each once and in one order, so that the same grant is the same event.
pub(super) fn each_member_once(grants: &[TeamGrant]) -> Vec<TeamGrant> {
    let one = |grant: &TeamGrant| {
        let members: BTreeSet<MemberId> = grant.members.iter().copied().collect();
        TeamGrant {
            actions: grant.actions.clone(),
            members: members.into_iter().collect(),
        }
    };
    grants.iter().map(one).collect()
}

/// Nobody widens what they may do themselves by way of a team, but those who may do everything anyway.
pub(super) fn not_for_oneself(
    context: &Context<'_>,
    widens: impl Fn(MemberId) -> bool,
) -> Result<(), Rejection> {
    let oneself = context.actor.member_id().is_some_and(widens);
    if oneself && !context.actor.plainly_holds(BuiltIn::Admin) {
        return Err(Rejection::forbidden("you cannot modify your own role"));
    }
    Ok(())
}

/// Members who may come into one team more.
pub(super) fn entering(
    state: &State,
    pointer: &str,
    members: &[MemberId],
    present: usize,
) -> Result<(), Rejection> {
    if present + members.len() > TEAM_MEMBERS_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!("a team has at most {TEAM_MEMBERS_MAX} members"),
        ));
    }
    for id in members {
        let member = super::preconditions::member(state, *id)?;
        if member.teams.len() >= TEAMS_PER_MEMBER_MAX {
            return Err(Rejection::invalid(
                pointer,
                format!("member {id} is in {TEAMS_PER_MEMBER_MAX} teams already, the most"),
            ));
        }
    }
    Ok(())
}

/// Custom roles that a team may have.
pub(super) fn roles(state: &State, pointer: &str, roles: &[RoleId]) -> Result<(), Rejection> {
    if roles.len() > TEAM_ROLES_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!(
                "has {} roles; a team has at most {TEAM_ROLES_MAX}",
                roles.len()
            ),
        ));
    }
    roles.iter().try_for_each(|id| {
        super::preconditions::role(state, *id)?;
        Ok(())
    })
}

/// Permission grants that a team may have.
pub(super) fn grants(
    state: &State,
    pointer: &str,
    key: &str,
    grants: &[TeamGrant],
    before: impl Fn(MemberId) -> bool,
) -> Result<(), Rejection> {
    if grants.len() > TEAM_GRANTS_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!(
                "has {} grants; a team has at most {TEAM_GRANTS_MAX}",
                grants.len()
            ),
        ));
    }
    let named: usize = grants.iter().map(|grant| grant.members.len()).sum();
    if named > TEAM_MEMBERS_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!("names {named} members; at most {TEAM_MEMBERS_MAX} are allowed"),
        ));
    }
    for (index, grant) in grants.iter().enumerate() {
        let here = format!("{pointer}/{index}");
        if grant.actions == GrantActions::Actions(Vec::new()) {
            return Err(Rejection::invalid(here, "needs an actionSet or actions"));
        }
        Policy::parse(grant_statements(key, &grant.actions)).map_err(|error| at(&here, &error))?;
        for id in &grant.members {
            let member = super::preconditions::member(state, *id)?;
            if !before(*id) && member.granted.len() >= TEAMS_PER_MEMBER_MAX {
                return Err(Rejection::invalid(
                    here,
                    format!(
                        "grants of {TEAMS_PER_MEMBER_MAX} teams name member {id} already, the most"
                    ),
                ));
            }
        }
    }
    Ok(())
}

pub(super) fn decide(
    state: &State,
    command: &CreateTeam,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    plan::require(state, Feature::Teams)?;
    field::key("/key", &command.key)?;
    field::required_name("/name", &command.name)?;
    field::description("/description", &command.description)?;
    let resource = format!("team/{}", command.key);
    let may = |action| context.actor.require(action, &resource);
    may("createTeam")?;
    if state.teams.contains_key(&command.id) {
        return Err(taken(&command.id));
    }
    if state.team_by_key(&command.key).is_some() {
        return Err(Rejection::Conflict {
            message: format!("there is a team with the key {:?} already", command.key),
        });
    }
    // A new team gives no more than the same changes of it would.
    if !command.members.is_empty() {
        may("updateTeamMembers")?;
        entering(state, "/memberIDs", &command.members, 0)?;
    }
    if !command.roles.is_empty() {
        may("updateTeamCustomRoles")?;
        roles(state, "/customRoleKeys", &command.roles)?;
    }
    if !command.grants.is_empty() {
        may("updateTeamPermissionGrants")?;
        grants(
            state,
            "/permissionGrants",
            &command.key,
            &command.grants,
            |_| false,
        )?;
    }
    if !command.role_attributes.is_empty() {
        may("updateTeamRoleAttributes")?;
    }
    let named = |member| {
        let granted = command.grants.iter();
        command.members.contains(&member)
            || granted
                .flat_map(|grant| &grant.members)
                .any(|id| *id == member)
    };
    not_for_oneself(context, named)?;
    Ok(vec![Event::TeamCreated(TeamCreated {
        id: command.id,
        key: command.key.clone(),
        name: command.name.clone(),
        description: command.description.clone(),
        members: each_once(&command.members),
        roles: each_once(&command.roles),
        grants: each_member_once(&command.grants),
        role_attributes: command.role_attributes.clone(),
    })])
}
