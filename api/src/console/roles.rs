//! `/settings/roles`: custom roles, each with its policy.

mod edit;
mod list;

use poem::Response;
use serde::Deserialize;
use serde_json::Value;

use super::backend::{Backend, Page};
use super::form::Form;
use super::page::Refusal;

/// A custom role as the API gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Role {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) key: String,
    pub(super) name: String,
    description: Option<String>,
    policy: Value,
    base_permissions: String,
    assigned_to: Assigned,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assigned {
    members_count: u64,
    teams_count: u64,
}

/// The roles that there are; none where the member may not see them.
pub(super) async fn roles(backend: &Backend<'_>) -> Vec<Role> {
    let page: Result<Page<Role>, _> = backend.get("/api/v2/roles?limit=1000").await;
    page.map(|page| page.items).unwrap_or_default()
}

/// The same where they are shown somewhere; none are asked for where not.
pub(super) async fn roles_if(backend: &Backend<'_>, shown: bool) -> Vec<Role> {
    match shown {
        true => roles(backend).await,
        false => Vec::new(),
    }
}

/// The names of roles by their ids, in words.
pub(super) fn names(roles: &[Role], ids: &[String]) -> String {
    let name = |id: &String| {
        let known = roles.iter().find(|role| role.id == *id);
        known.map_or("a deleted role", |role| role.name.as_str())
    };
    ids.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Whether a text can be a key in an address, of a role or of a team.
pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

async fn role(backend: &Backend<'_>, key: &str) -> Result<Role, Refusal> {
    if !is_key(key) {
        return Err(Refusal::no_page());
    }
    backend.get(&format!("/api/v2/roles/{key}")).await
}

pub(super) async fn show(
    backend: &Backend<'_>,
    rest: &[&str],
    query: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("roles").await?;
    match rest {
        [] => list::show(backend, me, query).await,
        // No role has this key by the page that makes one: the list leads to it by `role`.
        ["new"] => {
            me.require("createRole", "role/any")?;
            edit::show_new(me)
        }
        ["role", key] => edit::show(me, &role(backend, key).await?),
        ["role", key, "delete"] => edit::show_delete(backend, me, &role(backend, key).await?).await,
        _ => Err(Refusal::no_page()),
    }
}

pub(super) async fn change(
    backend: &Backend<'_>,
    rest: &[&str],
    form: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("roles").await?;
    match rest {
        ["new"] => edit::make(backend, me, form).await,
        ["role", key] => edit::save(backend, me, &role(backend, key).await?, form).await,
        ["role", key, "delete"] => edit::delete(backend, &role(backend, key).await?, form).await,
        _ => Err(Refusal::no_page()),
    }
}
