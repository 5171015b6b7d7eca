//! What the caller may do with something, and why.

use std::sync::Arc;

use keyledger_domain::permission::{Explained, Permission};
use keyledger_domain::policy::{Effect, Policy, Resource};
use keyledger_domain::state::State;
use poem_openapi::Object;

/// Actions that are denied and allowed.
#[derive(Debug, Clone, Default, Object)]
pub struct Access {
    /// What the caller may not do.
    pub denied: Vec<AccessEntry>,
    /// What the caller may do.
    pub allowed: Vec<AccessEntry>,
}

/// One action.
#[derive(Debug, Clone, Object)]
pub struct AccessEntry {
    /// The action.
    pub action: String,
    /// The statement that decided. Where none matched, a deny of this action on this resource.
    pub reason: AccessReason,
}

/// A statement, and the role that it is in.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct AccessReason {
    /// Resources that it speaks about.
    pub resources: Option<Vec<String>>,
    /// Resources that it does not speak about.
    pub not_resources: Option<Vec<String>>,
    /// Actions that it speaks about.
    pub actions: Option<Vec<String>>,
    /// Actions that it does not speak about.
    pub not_actions: Option<Vec<String>>,
    /// `allow` or `deny`.
    pub effect: String,
    /// The name of the custom role that it is in.
    #[oai(rename = "role_name")]
    pub role_name: Option<String>,
}

/// The actions on a custom role.
pub const ROLE_ACTIONS: [&str; 8] = [
    "viewRole",
    "deleteRole",
    "updateName",
    "updateDescription",
    "updatePolicy",
    "updateBasePermissions",
    "updateMembers",
    "updateTokens",
];
/// The actions on a team.
pub const TEAM_ACTIONS: [&str; 8] = [
    "viewTeam",
    "deleteTeam",
    "updateTeamName",
    "updateTeamDescription",
    "updateTeamMembers",
    "updateTeamCustomRoles",
    "updateTeamPermissionGrants",
    "updateTeamRoleAttributes",
];

/// The name of the custom role whose policy this is.
fn role_name(state: &State, policy: &Arc<Policy>) -> Option<String> {
    let of = |role: &&keyledger_domain::state::Role| {
        Arc::ptr_eq(&role.as_member, policy) || Arc::ptr_eq(&role.as_scope, policy)
    };
    state.roles.values().find(of).map(|role| role.name.clone())
}

fn reason(state: &State, explained: Explained<'_>, action: &str, resource: &str) -> AccessReason {
    let statement = explained
        .by
        .and_then(|(policy, index)| Some((policy, policy.statements().get(index)?)));
    match statement {
        Some((policy, statement)) => AccessReason {
            resources: statement.resources.clone(),
            not_resources: statement.not_resources.clone(),
            actions: statement.actions.clone(),
            not_actions: statement.not_actions.clone(),
            effect: match statement.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            }
            .to_owned(),
            role_name: role_name(state, policy),
        },
        None => AccessReason {
            resources: Some(vec![resource.to_owned()]),
            not_resources: None,
            actions: Some(vec![action.to_owned()]),
            not_actions: None,
            effect: "deny".to_owned(),
            role_name: None,
        },
    }
}

/// What a permission allows on a resource, action by action.
#[must_use]
pub fn access(state: &State, permission: &Permission, actions: &[&str], resource: &str) -> Access {
    let mut access = Access::default();
    let Ok(parsed) = Resource::parse(resource) else {
        return access;
    };
    for action in actions {
        let explained = permission.explain(action, &parsed);
        let entry = AccessEntry {
            action: (*action).to_owned(),
            reason: reason(state, explained, action, resource),
        };
        if explained.allowed {
            access.allowed.push(entry);
        } else {
            access.denied.push(entry);
        }
    }
    access
}
