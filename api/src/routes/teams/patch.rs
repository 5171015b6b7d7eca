//! `PATCH /api/v2/teams/{key}`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::draft::{Draft, Instruction};
use super::{answer, expansions, find, require_visible};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{SemanticPatch, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::rep::team::Team;
use crate::routes::Tag;

/// Update team.
pub(super) struct PatchTeam;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl PatchTeam {
    /// Update team
    ///
    /// A semantic patch: all of its instructions, in their order, or none. The kinds:
    ///
    /// - `updateName` and `updateDescription` with `value`
    /// - `addMembers`, `removeMembers` and `replaceMembers` with `values` (ids)
    /// - `addCustomRoles` and `removeCustomRoles` with `values` (keys or ids)
    /// - `addPermissionGrants` and `removePermissionGrants` with `memberIDs` and either `actionSet`
    ///   (`maintainTeam`) or `actions`: these members get the permission, or lose it
    /// - `addRoleAttribute` and `updateRoleAttribute` with `key` and `values`, `removeRoleAttribute` with
    ///   `key`, `replaceRoleAttributes` with `value` (lists by key)
    #[oai(path = "/teams/:key", method = "patch", operation_id = "patchTeam")]
    async fn patch(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(key): Path<String>,
        /// `members`, `roles`, `projects`, `maintainers`, `roleAttributes`, comma-separated.
        Query(expand): Query<Option<String>>,
        body: SemanticPatch<Instruction>,
    ) -> Result<Written<Json<Team>, 200>, ApiError> {
        let expand = expansions(expand.as_deref())?;
        let settled = write.settle(&caller);
        let make = |decision: &Decision<'_>| {
            let team = find(decision.state, &key)?;
            require_visible(decision.actor, team)?;
            let mut draft = Draft::new(decision.state, team);
            for (index, instruction) in body.instructions.iter().enumerate() {
                draft.take(index, instruction)?;
            }
            draft.commands(body.comment.as_deref())
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        let body = answer(node, &caller, &key, expand)?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
