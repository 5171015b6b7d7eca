//! CreateRole.

use super::preconditions::taken;
use super::scope::at;
use super::{Context, field};
use crate::event::{Event, RoleCreated};
use crate::ids::RoleId;
use crate::plan::{self, Feature};
use crate::policy::{Policy, Statement};
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::state::State;

/// Make a custom role.
#[derive(Debug, Clone)]
pub struct CreateRole {
    /// The new role's id.
    pub id: RoleId,
    /// The key, unique in the account.
    pub key: String,
    /// The name.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// The policy.
    pub policy: Vec<Statement>,
    /// `reader` or `no_access`, the default.
    pub base_permissions: Option<String>,
    /// `organization`, `project` or `any`.
    pub resource_category: Option<String>,
}

/// The base permissions that a role may have.
pub(super) fn base_permissions(name: &str) -> Result<BuiltIn, Rejection> {
    match name.parse() {
        Ok(base @ (BuiltIn::NoAccess | BuiltIn::Reader)) => Ok(base),
        _ => Err(Rejection::invalid(
            "/basePermissions",
            "is reader or no_access",
        )),
    }
}

/// A policy that parses.
pub(super) fn policy(statements: &[Statement]) -> Result<Vec<Statement>, Rejection> {
    Policy::parse(statements.to_vec()).map_err(|error| at("/policy", &error))?;
    Ok(statements.to_vec())
}

pub(super) fn decide(
    state: &State,
    command: &CreateRole,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    plan::require(state, Feature::CustomRoles)?;
    field::key("/key", &command.key)?;
    if command.key.parse::<BuiltIn>().is_ok() {
        return Err(Rejection::invalid("/key", "is the name of a built-in role"));
    }
    field::required_name("/name", &command.name)?;
    field::description("/description", &command.description)?;
    let policy = policy(&command.policy)?;
    let base_permissions = match command.base_permissions.as_deref() {
        None | Some("") => BuiltIn::NoAccess,
        Some(name) => base_permissions(name)?,
    };
    match command.resource_category.as_deref() {
        None | Some("organization" | "project" | "any") => {}
        Some(_) => {
            return Err(Rejection::invalid(
                "/resourceCategory",
                "is organization, project or any",
            ));
        }
    }
    if command.key.parse::<RoleId>().is_ok() {
        return Err(Rejection::invalid(
            "/key",
            "looks like the id of a role; roles are found by either",
        ));
    }
    context
        .actor
        .require("createRole", &format!("role/{}", command.key))?;
    if state.roles.contains_key(&command.id) {
        return Err(taken(&command.id));
    }
    if state
        .role_by_key_or_id(&command.key)
        .is_some_and(|role| role.key == command.key)
    {
        return Err(Rejection::Conflict {
            message: format!(
                "there is a custom role with the key {:?} already",
                command.key
            ),
        });
    }
    Ok(vec![Event::RoleCreated(RoleCreated {
        id: command.id,
        key: command.key.clone(),
        name: command.name.clone(),
        description: command.description.clone(),
        policy,
        base_permissions,
        resource_category: command.resource_category.clone(),
    })])
}
