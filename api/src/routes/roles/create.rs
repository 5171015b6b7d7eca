//! `POST /api/v2/roles`.

use std::sync::Arc;

use keyledger_domain::command::{self, Command};
use keyledger_domain::event::Event;
use keyledger_domain::ids::RoleId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::answer;
use crate::auth::Auth;
use crate::entropy;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::Node;
use crate::rep::role::{CustomRole, CustomRolePost};
use crate::rep::statement::to_domain;
use crate::routes::{Tag, always, event_of};

/// Create custom role.
pub(super) struct CreateRole;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Roles")]
impl CreateRole {
    /// Create custom role
    ///
    /// A policy with a key and a name. It has an effect once a member, a team or a token is given it.
    #[oai(path = "/roles", method = "post", operation_id = "postCustomRole")]
    async fn create(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        JsonBody(form): JsonBody<CustomRolePost>,
    ) -> Result<Written<Json<CustomRole>, 201>, ApiError> {
        let settled = write.settle(&caller);
        let command = Command::CreateRole(command::CreateRole {
            id: RoleId::from_bytes(entropy::id(node.now_ms()).map_err(ApiError::internal)?),
            key: form.key,
            name: form.name,
            description: form.description.unwrap_or_default(),
            policy: to_domain(form.policy),
            base_permissions: form.base_permissions,
            resource_category: form.resource_category,
        });
        let outcome = node
            .execute(&settled.request(), None, always(command))
            .await?;
        let id = event_of(&outcome.events, |event| match event {
            Event::RoleCreated(event) => Some(event.id),
            _ => None,
        })?;
        let body = answer(node, &caller, id).await?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
