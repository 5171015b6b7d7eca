//! `/api/v2/roles`.

mod create;
mod delete;
mod get;
mod list;
mod patch;

use std::collections::HashMap;

pub(super) use patch::patched;

use keyledger_domain::actor::Actor;
use keyledger_domain::ids::RoleId;
use keyledger_domain::state::{Role, State};
use poem_openapi::OpenApi;

use crate::as_of::View;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep;
use crate::rep::access::{ROLE_ACTIONS, access};
use crate::rep::role::AssignedTo;

/// The operations on custom roles.
pub fn all() -> impl OpenApi {
    (
        list::ListRoles,
        create::CreateRole,
        get::GetRole,
        patch::PatchRole,
        delete::DeleteRole,
    )
}

/// The role of a path, by key or id.
pub(super) fn find<'s>(state: &'s State, key: &str) -> Result<&'s Role, ApiError> {
    state.role_by_key_or_id(key).ok_or_else(|| {
        let key: String = key.chars().take(64).collect();
        ApiError::not_found(format!("unknown role: {key:?}"))
    })
}

/// Who had which role.
fn assigned_then(state: &State, ids: &[RoleId]) -> HashMap<RoleId, AssignedTo> {
    let count = |id: &RoleId| {
        let members = state.members.values().filter(|member| member.is_active());
        let members = members.filter(|member| member.custom_roles.contains(id));
        let teams = state.teams.values().filter(|team| !team.deleted);
        let teams = teams.filter(|team| team.roles.contains(id));
        AssignedTo {
            members_count: members.count() as u64,
            teams_count: teams.count() as u64,
        }
    };
    ids.iter().map(|id| (*id, count(id))).collect()
}

/// Who has which role, or had it.
async fn assigned(
    node: &Node,
    caller: &Caller,
    view: &View,
    ids: &[RoleId],
) -> Result<HashMap<RoleId, AssignedTo>, ApiError> {
    if let View::Then { ground, .. } = view {
        return Ok(assigned_then(ground, ids));
    }
    node.wait_for_tables().await?;
    let counts = node.tables.role_assignments(caller.account(), ids).await;
    let counts = counts.map_err(ApiError::internal)?.into_iter();
    Ok(counts
        .map(|(id, members_count, teams_count)| {
            let assigned = AssignedTo {
                members_count,
                teams_count,
            };
            (id, assigned)
        })
        .collect())
}

/// A role for the wire, as the caller sees it.
fn shown(
    state: &State,
    actor: &Actor,
    role: &Role,
    assigned: &HashMap<RoleId, AssignedTo>,
) -> rep::role::CustomRole {
    let resource = format!("role/{}", role.key);
    let access = access(state, &actor.permission, &ROLE_ACTIONS, &resource);
    let assigned = assigned.get(&role.id).copied().unwrap_or_default();
    rep::role::role(role, access, assigned)
}

/// A role as the memory has it, for the wire.
async fn answer(
    node: &Node,
    caller: &Caller,
    id: RoleId,
) -> Result<rep::role::CustomRole, ApiError> {
    answer_in(node, caller, &View::Now, id).await
}

/// A role as a view has it, for the wire.
async fn answer_in(
    node: &Node,
    caller: &Caller,
    view: &View,
    id: RoleId,
) -> Result<rep::role::CustomRole, ApiError> {
    let assigned = assigned(node, caller, view, &[id]).await?;
    caller.actor_in(node, view, |state, actor| {
        let role = state.roles.get(&id);
        role.map(|role| shown(state, actor, role, &assigned))
            .ok_or_else(|| ApiError::not_found(format!("unknown role: \"{id}\"")))
    })?
}
