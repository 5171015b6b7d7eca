//! DeleteRole.

use super::Context;
use super::preconditions::role;
use crate::event::{Event, RoleDeleted};
use crate::ids::RoleId;
use crate::rejection::Rejection;
use crate::state::State;

/// Delete a custom role. What still refers to it is granted nothing by it.
#[derive(Debug, Clone)]
pub struct DeleteRole {
    /// The role.
    pub id: RoleId,
}

pub(super) fn decide(
    state: &State,
    command: &DeleteRole,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let role = role(state, command.id)?;
    context
        .actor
        .require("deleteRole", &format!("role/{}", role.key))?;
    Ok(vec![Event::RoleDeleted(RoleDeleted { id: role.id })])
}
