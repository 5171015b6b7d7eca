//! InviteMembers.

use std::collections::{BTreeMap, HashSet};

use super::create_team::{TEAM_MEMBERS_MAX, TEAMS_PER_MEMBER_MAX};
use super::preconditions::taken;
use super::scope::{clip, resolve_roles};
use super::{Context, field};
use crate::event::{Event, MemberInvited, TeamMembersChanged};
use crate::ids::{MemberId, TeamId};
use crate::plan::{self, Feature};
use crate::policy::RoleAttributes;
use crate::rejection::{EmailProblem, Rejection};
use crate::role::BuiltIn;
use crate::state::State;

/// The most invitations in one request, the vendor's.
pub const INVITATIONS_MAX: usize = 50;

/// Invite members, all or none.
#[derive(Debug, Clone)]
pub struct InviteMembers {
    /// The invitations, 1 to [`INVITATIONS_MAX`].
    pub invitations: Vec<Invitation>,
}

/// One invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The new member's id.
    pub id: MemberId,
    /// The e-mail.
    pub email: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// The base role; `reader` when absent, as at the vendor.
    pub role: Option<String>,
    /// Custom roles, by key or id.
    pub custom_roles: Vec<String>,
    /// What `${roleAttribute/…}` stands for.
    pub role_attributes: RoleAttributes,
    /// Teams to put the member into, by key.
    pub teams: Vec<String>,
    /// The password, hashed; none lets the invited member set one later.
    pub password_hash: Option<String>,
}

pub(super) fn decide(
    state: &State,
    command: &InviteMembers,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let count = command.invitations.len();
    if count == 0 || count > INVITATIONS_MAX {
        return Err(Rejection::invalid(
            "",
            format!("invites {count} members; 1 to {INVITATIONS_MAX} are allowed"),
        ));
    }
    let ids: HashSet<MemberId> = command.invitations.iter().map(|one| one.id).collect();
    if ids.len() != count {
        return Err(Rejection::invalid("", "two invitations have one id"));
    }
    let mut events = Vec::with_capacity(count);
    for (index, invitation) in command.invitations.iter().enumerate() {
        events.push(invite(state, index, invitation, context)?);
    }
    emails(state, command)?;
    events.extend(enter_teams(state, command, context)?);
    Ok(events)
}

fn invite(
    state: &State,
    index: usize,
    invitation: &Invitation,
    context: &Context<'_>,
) -> Result<Event, Rejection> {
    let at = |name: &str| format!("/{index}/{name}");
    field::email(&at("email"), &invitation.email)?;
    field::name(&at("firstName"), &invitation.first_name)?;
    field::name(&at("lastName"), &invitation.last_name)?;
    let role = match invitation.role.as_deref().filter(|role| !role.is_empty()) {
        None => BuiltIn::Reader,
        Some(name) => base_role(&at("role"), name)?,
    };
    context
        .actor
        .require("createMember", &format!("member/{}", invitation.id))?;
    if state.members.contains_key(&invitation.id) {
        return Err(taken(&invitation.id));
    }
    within_rank(role, context)?;
    // An invitation gives no more than the same change of a member would.
    let resource = format!("member/{}", invitation.id);
    if !invitation.custom_roles.is_empty() {
        plan::require(state, Feature::CustomRoles)?;
        context.actor.require("updateCustomRole", &resource)?;
    }
    if !invitation.role_attributes.is_empty() {
        context
            .actor
            .require("updateMemberRoleAttributes", &resource)?;
    }
    Ok(Event::MemberInvited(MemberInvited {
        id: invitation.id,
        email: invitation.email.clone(),
        first_name: invitation.first_name.clone(),
        last_name: invitation.last_name.clone(),
        role,
        custom_roles: resolve_roles(state, &at("customRoles"), &invitation.custom_roles)?,
        role_attributes: invitation.role_attributes.clone(),
        password_hash: invitation.password_hash.clone(),
    }))
}

/// One event for each team that invited members come into.
fn enter_teams(
    state: &State,
    command: &InviteMembers,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let mut entering: BTreeMap<TeamId, Vec<MemberId>> = BTreeMap::new();
    for (index, invitation) in command.invitations.iter().enumerate() {
        if invitation.teams.len() > TEAMS_PER_MEMBER_MAX {
            return Err(Rejection::invalid(
                format!("/{index}/teamKeys"),
                format!("has more than {TEAMS_PER_MEMBER_MAX} teams, the most of a member"),
            ));
        }
        for (place, key) in invitation.teams.iter().enumerate() {
            let pointer = format!("/{index}/teamKeys/{place}");
            let team = state.team_by_key(key).ok_or_else(|| {
                Rejection::invalid(
                    &pointer,
                    format!("there is no team with the key {:?}", clip(key)),
                )
            })?;
            context
                .actor
                .require("updateTeamMembers", &format!("team/{key}"))?;
            plan::require(state, Feature::Teams)?;
            let added = entering.entry(team.id).or_default();
            if team.members.len() + added.len() >= TEAM_MEMBERS_MAX {
                return Err(Rejection::invalid(
                    pointer,
                    format!("a team has at most {TEAM_MEMBERS_MAX} members"),
                ));
            }
            if !added.contains(&invitation.id) {
                added.push(invitation.id);
            }
        }
    }
    let event = |(id, added)| {
        Event::TeamMembersChanged(TeamMembersChanged {
            id,
            added,
            removed: Vec::new(),
            comment: None,
        })
    };
    Ok(entering.into_iter().map(event).collect())
}

/// A base role that a member may be given by API: every one but `owner`.
pub(super) fn base_role(pointer: &str, name: &str) -> Result<BuiltIn, Rejection> {
    match name.parse() {
        Ok(BuiltIn::Owner) => Err(Rejection::invalid(
            pointer,
            "an account has one owner; the owner hands the role on",
        )),
        Ok(role) => Ok(role),
        Err(error) => Err(Rejection::invalid(pointer, format!("{error}"))),
    }
}

/// Nobody gives a member a base role above their own. Who has custom roles, and so no place among the
/// base roles, may give `reader`, the default, and what their permission plainly holds.
pub(super) fn within_rank(role: BuiltIn, context: &Context<'_>) -> Result<(), Rejection> {
    // The rank is the member's and the scope's; what bounds a token, and a scope by policy, may be narrower.
    let within = context.actor.rank.is_none_or(|own| role <= own)
        && (role <= BuiltIn::Reader || context.actor.plainly_holds(role));
    if within {
        Ok(())
    } else {
        Err(Rejection::forbidden(format!(
            "the role {role} is above what you may do yourself"
        )))
    }
}

fn emails(state: &State, command: &InviteMembers) -> Result<(), Rejection> {
    let emails = || command.invitations.iter().map(|one| &one.email);
    let mut seen = HashSet::new();
    let twice: Vec<String> = emails()
        .filter(|email| !seen.insert(email.to_lowercase()))
        .cloned()
        .collect();
    let existing: Vec<String> = emails()
        .filter(|email| state.member_by_email(email).is_some())
        .cloned()
        .collect();
    for (problem, emails) in [
        (EmailProblem::Duplicate, twice),
        (EmailProblem::ExistsInAccount, existing),
    ] {
        if !emails.is_empty() {
            return Err(Rejection::Emails { problem, emails });
        }
    }
    Ok(())
}
