//! UpdateRole.

use super::create_role::{base_permissions, policy};
use super::preconditions::role;
use super::{Context, field};
use crate::event::{Event, RoleUpdated};
use crate::ids::RoleId;
use crate::plan::{self, Feature};
use crate::policy::Statement;
use crate::rejection::Rejection;
use crate::state::State;

/// Edit a custom role. What is absent stays. Members and personal tokens with the role follow at once.
#[derive(Debug, Clone)]
pub struct UpdateRole {
    /// The role.
    pub id: RoleId,
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new policy.
    pub policy: Option<Vec<Statement>>,
    /// The new base permissions.
    pub base_permissions: Option<String>,
    /// Why.
    pub comment: Option<String>,
}

pub(super) fn decide(
    state: &State,
    command: &UpdateRole,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let role = role(state, command.id)?;
    let resource = format!("role/{}", role.key);
    let may = |action| context.actor.require(action, &resource);
    let mut changed = RoleUpdated {
        id: role.id,
        name: None,
        description: None,
        policy: None,
        base_permissions: None,
        comment: field::comment(command.comment.as_deref())?,
    };
    if let Some(name) = command.name.as_ref().filter(|name| **name != role.name) {
        field::required_name("/name", name)?;
        may("updateName")?;
        changed.name = Some(name.clone());
    }
    if let Some(text) = command
        .description
        .as_ref()
        .filter(|text| **text != role.description)
    {
        field::description("/description", text)?;
        may("updateDescription")?;
        changed.description = Some(text.clone());
    }
    if let Some(statements) = command.policy.as_ref().filter(|new| **new != role.policy) {
        changed.policy = Some(policy(statements)?);
        may("updatePolicy")?;
    }
    if let Some(name) = &command.base_permissions {
        let base = base_permissions(name)?;
        if base != role.base_permissions {
            may("updateBasePermissions")?;
            changed.base_permissions = Some(base);
        }
    }
    if changed.policy.is_some() || changed.base_permissions.is_some() {
        plan::require(state, Feature::CustomRoles)?;
    }
    let nothing = changed.name.is_none()
        && changed.description.is_none()
        && changed.policy.is_none()
        && changed.base_permissions.is_none();
    if nothing {
        // Whoever asks for what already is must still be somebody who could have changed it.
        may("updateName")?;
        return Ok(Vec::new());
    }
    Ok(vec![Event::RoleUpdated(changed)])
}
