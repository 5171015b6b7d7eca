//! `POST /api/v2/teams`.

use std::sync::Arc;

use keyledger_domain::command::{self, Command, resolve_members, resolve_roles};
use keyledger_domain::event::Event;
use keyledger_domain::ids::TeamId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::grants::grant;
use super::{expansions, unknown};
use crate::auth::Auth;
use crate::entropy;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::rep::team::{Team, TeamPost, team};
use crate::routes::members::attributes;
use crate::routes::{Tag, event_of};

/// Create team.
pub(super) struct CreateTeam;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl CreateTeam {
    /// Create team
    ///
    /// Its members have the team's custom roles on top of their own. Members whom a permission grant with
    /// `maintainTeam` names maintain it: they view it, change its name and description, and its members.
    #[oai(path = "/teams", method = "post", operation_id = "postTeam")]
    async fn create(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        /// `members`, `roles`, `projects`, `maintainers`, `roleAttributes`, comma-separated.
        Query(expand): Query<Option<String>>,
        JsonBody(form): JsonBody<TeamPost>,
    ) -> Result<Written<Json<Team>, 201>, ApiError> {
        let expand = expansions(expand.as_deref())?;
        let settled = write.settle(&caller);
        let id = TeamId::from_bytes(entropy::id(node.now_ms()).map_err(ApiError::internal)?);
        let role_attributes = attributes("/roleAttributes", form.role_attributes.clone())?;
        let make = |decision: &Decision<'_>| {
            let (state, list) = (decision.state, Option::as_deref);
            let members = list(&form.member_ids).unwrap_or_default();
            let roles = list(&form.custom_role_keys).unwrap_or_default();
            let grants = form.permission_grants.iter().flatten().enumerate();
            let grants = grants
                .map(|(index, form)| grant(state, &format!("/permissionGrants/{index}"), form));
            Ok(vec![Command::CreateTeam(command::CreateTeam {
                id,
                key: form.key.clone(),
                name: form.name.clone(),
                description: form.description.clone().unwrap_or_default(),
                members: resolve_members(state, "/memberIDs", members)?,
                roles: resolve_roles(state, "/customRoleKeys", roles)?,
                grants: grants.collect::<Result<_, _>>()?,
                role_attributes: role_attributes.clone(),
            })])
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        // By id: the answer to a repeated request is the team that the first made, whoever has its key now.
        let id = event_of(&outcome.events, |event| match event {
            Event::TeamCreated(event) => Some(event.id),
            _ => None,
        })?;
        let body = caller.actor_now(node, |state, actor| {
            let made = state.teams.get(&id);
            made.map(|made| team(state, actor, made, expand))
                .ok_or_else(|| unknown(&form.key))
        })??;
        Ok(Written::new(&outcome, Json(body)))
    }
}
