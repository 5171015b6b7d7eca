//! `PATCH /api/v2/roles/{key}`.

use std::sync::Arc;

use keyledger_domain::command::{Command, UpdateRole};
use keyledger_domain::event::Event;
use keyledger_domain::policy::Statement;
use keyledger_domain::state::Role;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON as _;
use serde_json::{Value, json};

use super::{answer, find};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::patch::{PatchBody, field};
use crate::rep::role::CustomRole;
use crate::rep::statement::from_domain;
use crate::routes::Tag;

/// Update custom role.
pub(super) struct PatchRole;

/// What may be patched.
const FIELDS: [&str; 4] = ["name", "description", "policy", "basePermissions"];

/// The role as the document that a patch applies to.
fn document(role: &Role) -> Value {
    json!({
        "name": role.name,
        "description": role.description,
        "policy": from_domain(&role.policy).to_json(),
        "basePermissions": role.base_permissions.name(),
    })
}

/// The command that makes the role what the patched document says.
fn command(role: &Role, after: &Value, comment: Option<String>) -> Result<Command, ApiError> {
    Ok(Command::UpdateRole(UpdateRole {
        id: role.id,
        name: Some(field(after, "name")?.unwrap_or_default()),
        description: Some(field(after, "description")?.unwrap_or_default()),
        policy: Some(
            field::<Vec<Statement>>(after, "policy")?
                .ok_or_else(|| ApiError::invalid("/policy: a role needs a policy, if only []"))?,
        ),
        base_permissions: Some(
            field::<String>(after, "basePermissions")?.unwrap_or_else(|| "no_access".to_owned()),
        ),
        comment,
    }))
}

/// The commands of a patch of a role.
///
/// # Errors
/// What is wrong with the patch.
pub(in crate::routes) fn patched<const COMMENTED: bool>(
    role: &Role,
    patch: &PatchBody<COMMENTED>,
) -> Result<Vec<Command>, ApiError> {
    let after = patch.apply(&document(role), &FIELDS)?;
    Ok(vec![command(role, &after, patch.comment.clone())?])
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Roles")]
impl PatchRole {
    /// Update custom role
    ///
    /// A JSON Patch on `/name`, `/description`, `/policy` and `/basePermissions`, bare or with a comment, or
    /// `{"comment": …, "merge": {…}}` with a JSON merge patch (RFC 7386) of the same fields.
    /// Members with the role and personal tokens scoped by it follow at once.
    #[oai(
        path = "/roles/:key",
        method = "patch",
        operation_id = "patchCustomRole"
    )]
    async fn patch(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(key): Path<String>,
        JsonBody(body): JsonBody<PatchBody<true>>,
    ) -> Result<Written<Json<CustomRole>, 200>, ApiError> {
        let settled = write.settle(&caller);
        let make = |decision: &Decision<'_>| {
            let role = find(decision.state, &key)?;
            decision
                .actor
                .require("viewRole", &format!("role/{}", role.key))?;
            patched(role, &body)
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        let updated = outcome.events.iter().find_map(|event| match event {
            Event::RoleUpdated(event) => Some(event.id),
            _ => None,
        });
        let id = match updated {
            Some(id) => id,
            None => node
                .live
                .with_state(caller.account(), |state| {
                    find(state, &key).map(|role| role.id)
                })
                .unwrap_or_else(|| Err(ApiError::internal("an account without its state")))?,
        };
        let body = answer(node, &caller, id).await?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
