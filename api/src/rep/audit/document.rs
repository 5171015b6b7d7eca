//! What an entry was about, as a document before and after: the fields that people know, never a digest
//! or a hash.

use std::collections::BTreeMap;

use keyledger_domain::event::GrantActions;
use keyledger_domain::ids::{MemberId, RoleId, StreamKind, StreamRef, TeamId, TokenId};
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::{Member, Role, State, Team, Token};
use poem_openapi::types::ToJSON as _;
use serde_json::{Map, Value, json};

use crate::rep::member::attributes;
use crate::rep::statement::from_domain;

/// The document of what a stream is about; none when it is not there, or not any more.
#[must_use]
pub fn document(state: &State, stream: &StreamRef) -> Option<Value> {
    match stream.kind {
        StreamKind::Account => {
            let account = state.account.as_ref()?;
            Some(json!({
                "_id": account.id.to_string(),
                "name": account.name,
                "plan": account.plan.name(),
            }))
        }
        StreamKind::Member => state.member(MemberId::from_bytes(stream.id)).map(member),
        StreamKind::Role => state.role(RoleId::from_bytes(stream.id)).map(role),
        StreamKind::Team => state.team(TeamId::from_bytes(stream.id)).map(team),
        StreamKind::Token => state.token(TokenId::from_bytes(stream.id)).map(token),
    }
}

fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

fn member(member: &Member) -> Value {
    json!({
        "_id": member.id_text,
        "email": member.email,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "role": member.role.name(),
        "customRoles": texts(&member.custom_roles),
        "roleAttributes": attributes(&member.role_attributes),
        "joined": member.joined,
        "hasPassword": member.password_hash.is_some(),
        "invitationExpiry": member.invitation.map(|link| link.expires_at_ms),
    })
}

fn role(role: &Role) -> Value {
    json!({
        "_id": role.id.to_string(),
        "key": role.key,
        "name": role.name,
        "description": role.description,
        "policy": from_domain(&role.policy).to_json(),
        "basePermissions": role.base_permissions.name(),
        "resourceCategory": role.resource_category,
    })
}

fn team(team: &Team) -> Value {
    let grants: Vec<Value> = team
        .grants
        .iter()
        .map(|grant| {
            let (set, actions) = match &grant.actions {
                GrantActions::MaintainTeam => (Some("maintainTeam"), None),
                GrantActions::Actions(actions) => (None, Some(actions)),
            };
            json!({"actionSet": set, "actions": actions, "memberIDs": texts(&grant.members)})
        })
        .collect();
    let attributes: BTreeMap<_, _> = attributes(&team.role_attributes);
    json!({
        "_id": team.id.to_string(),
        "key": team.key,
        "name": team.name,
        "description": team.description,
        "memberIDs": texts(&team.members),
        "customRoles": texts(&team.roles),
        "permissionGrants": grants,
        "roleAttributes": attributes,
    })
}

fn token(token: &Token) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("_id", json!(token.id.to_string()));
    put("name", json!(token.name));
    put("description", json!(token.description));
    put("memberId", json!(token.grant.member.to_string()));
    put(
        "serviceToken",
        json!(token.grant.kind == TokenKind::Service),
    );
    // The last characters, which tell one secret from the next without giving either away.
    put("token", json!(token.ending));
    put("defaultApiVersion", json!(token.default_api_version));
    put("expiry", json!(token.expiry_ms));
    put(
        "previousSecretExpiry",
        json!(token.previous.map(|previous| previous.until_ms)),
    );
    match &token.scope {
        Scope::Role(role) => put("role", json!(role.name())),
        Scope::CustomRoles(ids) => put("customRoleIds", json!(texts(ids))),
        Scope::Inline(statements) => put(
            "inlineRole",
            from_domain(statements).to_json().unwrap_or_default(),
        ),
    };
    Value::Object(fields)
}
