//! DowngradeMember, PromoteMember, AssignRoles, SetRoleAttributes.

use super::Context;
use super::invite_members::within_rank;
use super::preconditions::member;
use super::scope::resolve_roles;
use crate::event::{
    Event, MemberAttributesSet, MemberDowngraded, MemberPromoted, MemberRolesAssigned,
};
use crate::ids::MemberId;
use crate::plan::{self, Feature};
use crate::policy::RoleAttributes;
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::state::{Member, State};

/// Lower a member's base role.
#[derive(Debug, Clone)]
pub struct DowngradeMember {
    /// The member.
    pub id: MemberId,
    /// The base role from now on, below the present one.
    pub to: BuiltIn,
}

/// Raise a member's base role. To `owner` it hands the account on: the owner becomes an admin.
#[derive(Debug, Clone)]
pub struct PromoteMember {
    /// The member.
    pub id: MemberId,
    /// The base role from now on, above the present one.
    pub to: BuiltIn,
}

/// Replace a member's custom roles.
#[derive(Debug, Clone)]
pub struct AssignRoles {
    /// The member.
    pub id: MemberId,
    /// All custom roles from now on, by key or id; none gives the base role back.
    pub custom_roles: Vec<String>,
}

/// Replace a member's role attributes.
#[derive(Debug, Clone)]
pub struct SetRoleAttributes {
    /// The member.
    pub id: MemberId,
    /// All attributes from now on.
    pub role_attributes: RoleAttributes,
}

/// The member, if the actor may change what they may do.
fn editable<'s>(
    state: &'s State,
    id: MemberId,
    action: &'static str,
    context: &Context<'_>,
) -> Result<&'s Member, Rejection> {
    let member = member(state, id)?;
    context.actor.require(action, &format!("member/{id}"))?;
    if context.actor.member_id() == Some(id) {
        return Err(Rejection::forbidden("you cannot modify your own role"));
    }
    if member.role == BuiltIn::Owner {
        return Err(Rejection::forbidden(
            "the owner's role cannot be changed; the owner hands it on",
        ));
    }
    Ok(member)
}

pub(super) fn downgrade(
    state: &State,
    command: &DowngradeMember,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let member = editable(state, command.id, "updateRole", context)?;
    if command.to > member.role {
        return Err(Rejection::Conflict {
            message: format!(
                "{} is above {}: that is no downgrade",
                command.to, member.role
            ),
        });
    }
    if command.to == member.role {
        return Ok(Vec::new());
    }
    Ok(vec![Event::MemberDowngraded(MemberDowngraded {
        id: member.id,
        from: member.role,
        to: command.to,
    })])
}

pub(super) fn promote(
    state: &State,
    command: &PromoteMember,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if command.to == BuiltIn::Owner {
        return hand_over(state, command.id, context);
    }
    let member = editable(state, command.id, "updateRole", context)?;
    within_rank(command.to, context)?;
    if command.to < member.role {
        return Err(Rejection::Conflict {
            message: format!(
                "{} is below {}: that is no promotion",
                command.to, member.role
            ),
        });
    }
    if command.to == member.role {
        return Ok(Vec::new());
    }
    Ok(vec![Event::MemberPromoted(MemberPromoted {
        id: member.id,
        from: member.role,
        to: command.to,
    })])
}

fn hand_over(state: &State, id: MemberId, context: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    let heir = member(state, id)?;
    context.actor.require("updateAccountOwner", "acct")?;
    let owner = state
        .owner()
        .filter(|owner| context.actor.is_member(owner.id))
        .ok_or_else(|| Rejection::forbidden("only the owner hands the account on"))?;
    if owner.id == heir.id {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    if !heir.custom_roles.is_empty() {
        // They would replace the owner's policy, and nobody could take them away again.
        events.push(Event::MemberRolesAssigned(MemberRolesAssigned {
            id: heir.id,
            custom_roles: Vec::new(),
        }));
    }
    events.extend([
        Event::MemberPromoted(MemberPromoted {
            id: heir.id,
            from: heir.role,
            to: BuiltIn::Owner,
        }),
        Event::MemberDowngraded(MemberDowngraded {
            id: owner.id,
            from: BuiltIn::Owner,
            to: BuiltIn::Admin,
        }),
    ]);
    Ok(events)
}

pub(super) fn assign_roles(
    state: &State,
    command: &AssignRoles,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let member = editable(state, command.id, "updateCustomRole", context)?;
    let custom_roles = resolve_roles(state, "/customRoles", &command.custom_roles)?;
    if custom_roles == member.custom_roles {
        return Ok(Vec::new());
    }
    let more = custom_roles
        .iter()
        .any(|id| !member.custom_roles.contains(id));
    if more {
        plan::require(state, Feature::CustomRoles)?;
    }
    if custom_roles.is_empty() {
        // The base role counts again, so giving it back is giving it.
        within_rank(member.role, context)?;
    }
    Ok(vec![Event::MemberRolesAssigned(MemberRolesAssigned {
        id: member.id,
        custom_roles,
    })])
}

pub(super) fn set_role_attributes(
    state: &State,
    command: &SetRoleAttributes,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let member = editable(state, command.id, "updateMemberRoleAttributes", context)?;
    if command.role_attributes == member.role_attributes {
        return Ok(Vec::new());
    }
    Ok(vec![Event::MemberAttributesSet(MemberAttributesSet {
        id: member.id,
        role_attributes: command.role_attributes.clone(),
    })])
}
