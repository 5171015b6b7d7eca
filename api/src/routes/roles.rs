//! `/api/v2/roles`.

mod create;
mod delete;
mod get;
mod list;
mod patch;

use keyledger_domain::ids::RoleId;
use keyledger_domain::state::{Role, State};
use poem_openapi::OpenApi;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep;

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
fn find<'s>(state: &'s State, key: &str) -> Result<&'s Role, ApiError> {
    state.role_by_key_or_id(key).ok_or_else(|| {
        let key: String = key.chars().take(64).collect();
        ApiError::not_found(format!("unknown role: {key:?}"))
    })
}

/// A role as the memory has it, for the wire.
fn answer(node: &Node, caller: &Caller, id: RoleId) -> Result<rep::role::CustomRole, ApiError> {
    let render = |state: &State| state.roles.get(&id).map(rep::role::role);
    node.live
        .with_state(caller.account(), render)
        .flatten()
        .ok_or_else(|| ApiError::not_found(format!("unknown role: \"{id}\"")))
}
