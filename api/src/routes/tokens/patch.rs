//! `PATCH /api/v2/tokens/{id}`.

use std::sync::Arc;

use keyledger_domain::command::{Command, ScopeChoice, UpdateToken};
use keyledger_domain::policy::Statement;
use keyledger_domain::scope::Scope;
use keyledger_domain::state;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON as _;
use serde_json::{Map, Value, json};

use super::{answer, parse_id, require_visible};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::patch::{PatchBody, field};
use crate::rep::statement::from_domain;
use crate::rep::token::Token;
use crate::routes::Tag;

/// Patch access token.
pub(super) struct PatchToken;

/// What may be patched.
const FIELDS: [&str; 7] = [
    "name",
    "description",
    "role",
    "customRoleIds",
    "inlineRole",
    "expiry",
    "defaultApiVersion",
];

/// The token as the document that a patch applies to: what is absent here is absent there.
fn document(token: &state::Token) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(token.name));
    fields.insert("description".to_owned(), json!(token.description));
    fields.insert(
        "defaultApiVersion".to_owned(),
        json!(token.default_api_version),
    );
    match &token.scope {
        Scope::Role(role) => fields.insert("role".to_owned(), json!(role.name())),
        Scope::CustomRoles(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            fields.insert("customRoleIds".to_owned(), json!(ids))
        }
        Scope::Inline(statements) => fields.insert(
            "inlineRole".to_owned(),
            from_domain(statements).to_json().unwrap_or_default(),
        ),
    };
    if let Some(expiry) = token.expiry_ms {
        fields.insert("expiry".to_owned(), json!(expiry));
    }
    Value::Object(fields)
}

/// The command that makes the token what the patched document says.
fn command(token: &state::Token, before: &Value, after: &Value) -> Result<Command, ApiError> {
    let scope_changed = ["role", "customRoleIds", "inlineRole"]
        .iter()
        .any(|name| before.get(name) != after.get(name));
    let scope = if scope_changed {
        Some(ScopeChoice {
            role: field(after, "role")?,
            custom_roles: field(after, "customRoleIds")?,
            inline: field::<Vec<Statement>>(after, "inlineRole")?,
        })
    } else {
        None
    };
    Ok(Command::UpdateToken(UpdateToken {
        id: token.id,
        name: Some(field(after, "name")?.unwrap_or_default()),
        description: Some(field(after, "description")?.unwrap_or_default()),
        scope,
        expiry_ms: Some(field(after, "expiry")?.unwrap_or(0)),
        default_api_version: field(after, "defaultApiVersion")?,
    }))
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl PatchToken {
    /// Patch access token
    ///
    /// A JSON Patch on `/name`, `/description`, `/role`, `/customRoleIds`, `/inlineRole`, `/expiry` and
    /// `/defaultApiVersion`. The scope of a service token is permanently fixed.
    #[oai(path = "/tokens/:id", method = "patch", operation_id = "patchToken")]
    async fn patch(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
        JsonBody(body): JsonBody<PatchBody<false>>,
    ) -> Result<Written<Json<Token>, 200>, ApiError> {
        let id = parse_id(&id)?;
        let settled = write.settle(&caller);
        let make = |decision: &Decision<'_>| {
            let token = decision
                .token
                .ok_or_else(|| ApiError::not_found(format!("unknown token: \"{id}\"")))?;
            // A failing `test` says what is there, so the patch is read only for who may see the token.
            require_visible(&caller, decision.actor, token)?;
            let before = document(token);
            let after = body.apply(&before, &FIELDS)?;
            Ok(vec![command(token, &before, &after)?])
        };
        let outcome = node.execute(&settled.request(), Some(id), make).await?;
        let body = answer(node, &caller, &outcome).await?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
