//! Events of a custom role.

use super::{Inconsistency, Recorded, follows, is_new, missing, policy_error};
use crate::event::{RoleCreated, RoleUpdated};
use crate::ids::RoleId;
use crate::state::role::compile;
use crate::state::{Role, State};

pub(super) fn find<'s>(
    state: &'s mut State,
    id: RoleId,
    recorded: &Recorded<'_>,
) -> Result<&'s mut Role, Inconsistency> {
    let role = state
        .roles
        .get_mut(&id)
        .filter(|role| !role.deleted)
        .ok_or_else(|| missing(recorded, format!("role {id}")))?;
    follows(recorded.event.type_name(), role.version, recorded)?;
    role.version = recorded.version;
    Ok(role)
}

pub(super) fn create(
    state: &mut State,
    event: &RoleCreated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.roles.contains_key(&event.id), recorded)?;
    let (as_scope, as_member) = compile(&event.policy, event.base_permissions)
        .map_err(|source| policy_error(recorded, source))?;
    let role = Role {
        id: event.id,
        number: state.roles.len(),
        version: recorded.version,
        key: event.key.clone(),
        name: event.name.clone(),
        description: event.description.clone(),
        policy: event.policy.clone(),
        base_permissions: event.base_permissions,
        resource_category: event.resource_category.clone(),
        as_scope,
        as_member,
        created_at_ms: recorded.recorded_at_ms,
        deleted: false,
    };
    state.role_keys.insert(role.key.clone(), role.id);
    state.roles.insert(role.id, role);
    Ok(())
}

pub(super) fn update(
    state: &mut State,
    event: &RoleUpdated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let present = state
        .role(event.id)
        .ok_or_else(|| missing(recorded, format!("role {}", event.id)))?;
    let policy = event.policy.as_ref().unwrap_or(&present.policy).clone();
    let base = event.base_permissions.unwrap_or(present.base_permissions);
    let (as_scope, as_member) =
        compile(&policy, base).map_err(|source| policy_error(recorded, source))?;
    let role = find(state, event.id, recorded)?;
    if let Some(name) = &event.name {
        role.name.clone_from(name);
    }
    if let Some(description) = &event.description {
        role.description.clone_from(description);
    }
    role.base_permissions = base;
    role.policy = policy;
    role.as_scope = as_scope;
    role.as_member = as_member;
    Ok(())
}
