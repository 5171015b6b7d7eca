//! The actions that events took, by the vendor's names. Ours, where the vendor has none, stand with the
//! events that they belong to.

use keyledger_domain::event::{Event, RoleUpdated, TeamUpdated, TokenUpdated};

/// The actions of an event, at least one.
pub(super) fn of(event: &Event) -> Vec<&'static str> {
    match event {
        Event::AccountCreated(_) => vec!["createAccount"],
        Event::AccountPlanChanged(_) => vec!["updateAccountPlan"],
        Event::MemberInvited(_) | Event::InvitationIssued(_) => vec!["createMember"],
        Event::MemberJoined(_) | Event::MemberAdmitted(_) => vec!["acceptInvitation"],
        Event::MemberDowngraded(_) | Event::MemberPromoted(_) => vec!["updateRole"],
        Event::MemberRolesAssigned(_) => vec!["updateCustomRole"],
        Event::MemberAttributesSet(_) => vec!["updateMemberRoleAttributes"],
        Event::MemberRemoved(_) => vec!["deleteMember"],
        Event::MemberErased(_) => vec!["eraseMember"],
        Event::RoleCreated(_) => vec!["createRole"],
        Event::RoleUpdated(event) => role(event),
        Event::RoleDeleted(_) => vec!["deleteRole"],
        Event::TeamCreated(_) => vec!["createTeam"],
        Event::TeamUpdated(event) => team(event),
        Event::TeamMembersChanged(_) => vec!["updateTeamMembers"],
        Event::TeamRolesChanged(_) => vec!["updateTeamCustomRoles"],
        Event::TeamGrantsChanged(_) => vec!["updateTeamPermissionGrants"],
        Event::TeamDeleted(_) => vec!["deleteTeam"],
        Event::TokenCreated(_) => vec!["createAccessToken"],
        Event::TokenReset(_) => vec!["resetAccessToken"],
        Event::TokenUpdated(event) => token(event),
        Event::TokenDeleted(_) => vec!["deleteAccessToken"],
    }
}

/// Why, in the words of whoever did it.
pub(super) fn comment(event: &Event) -> Option<&str> {
    match event {
        Event::RoleUpdated(event) => event.comment.as_deref(),
        Event::TeamUpdated(event) => event.comment.as_deref(),
        Event::TeamMembersChanged(event) => event.comment.as_deref(),
        Event::TeamRolesChanged(event) => event.comment.as_deref(),
        Event::TeamGrantsChanged(event) => event.comment.as_deref(),
        _ => None,
    }
}

/// The actions whose fields are there.
fn those(fields: &[(bool, &'static str)]) -> Vec<&'static str> {
    let there = fields.iter().filter(|(there, _)| *there);
    there.map(|(_, action)| *action).collect()
}

fn role(event: &RoleUpdated) -> Vec<&'static str> {
    those(&[
        (event.name.is_some(), "updateName"),
        (event.description.is_some(), "updateDescription"),
        (event.policy.is_some(), "updatePolicy"),
        (event.base_permissions.is_some(), "updateBasePermissions"),
    ])
}

fn team(event: &TeamUpdated) -> Vec<&'static str> {
    those(&[
        (event.name.is_some(), "updateTeamName"),
        (event.description.is_some(), "updateTeamDescription"),
        (event.role_attributes.is_some(), "updateTeamRoleAttributes"),
    ])
}

fn token(event: &TokenUpdated) -> Vec<&'static str> {
    // The API version is a part of what the vendor's form calls the token's name and settings.
    let name = event.name.is_some() || event.default_api_version.is_some();
    those(&[
        (name, "updateAccessTokenName"),
        (event.description.is_some(), "updateAccessTokenDescription"),
        (event.scope.is_some(), "updateAccessTokenPolicy"),
        (event.expiry_ms.is_some(), "updateAccessTokenExpiry"),
    ])
}
