//! Making, changing and deleting a role, each with a look at what it would do to tokens.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde_json::{Value, json};

use super::super::backend::{Backend, Me};
use super::super::form::{Form, fresh_key};
use super::super::page::{self, Refusal};
use super::super::policy;
use super::super::what_if::{self, WhatIf};
use super::Role;

#[derive(Template)]
#[template(path = "role.html")]
struct Edit<'a> {
    me: Me,
    refusal: Option<&'a str>,
    idempotency: &'a str,
    /// The key of a role that exists; empty for a new one.
    key: &'a str,
    new_key: &'a str,
    name: &'a str,
    description: &'a str,
    base: &'a str,
    policy: &'a str,
    action: &'a str,
    resource: &'a str,
    what_if: Option<WhatIf>,
    saved: bool,
    may_save: bool,
    may_delete: bool,
    members: u64,
    teams: u64,
}

#[derive(Template)]
#[template(path = "role_delete.html")]
struct Delete<'a> {
    me: Me,
    idempotency: &'a str,
    role: &'a Role,
    what_if: WhatIf,
}

fn pretty(policy: &Value) -> String {
    serde_json::to_string_pretty(policy).unwrap_or_default()
}

/// The form: of a role as it is, or as it was sent.
fn render(
    me: Me,
    role: Option<&Role>,
    form: Option<&Form>,
    refusal: Option<&Refusal>,
    what_if: Option<WhatIf>,
    saved: bool,
) -> Result<Response, Refusal> {
    let fresh = fresh_key()?;
    let known = role.map(|role| pretty(&role.policy));
    let sent = |name: &str| form.map(|form| form.get(name).to_owned());
    let value = |name: &str, known: Option<&str>| {
        sent(name).unwrap_or_else(|| known.unwrap_or_default().to_owned())
    };
    let key = role.map_or("", |role| role.key.as_str());
    let resource = format!("role/{key}");
    let may_save = match role {
        Some(_) => [
            "updatePolicy",
            "updateName",
            "updateDescription",
            "updateBasePermissions",
        ]
        .iter()
        .any(|action| me.may(action, &resource)),
        None => me.may("createRole", "role/any"),
    };
    let name = value("name", role.map(|role| role.name.as_str()));
    let new_key = value("newKey", None);
    let about = role.and_then(|role| role.description.as_deref());
    let description = value("description", about);
    let base = value("base", role.map(|role| role.base_permissions.as_str()));
    let text = known.as_deref().unwrap_or(policy::EXAMPLE);
    let text = value("policy", Some(text));
    let page = Edit {
        may_delete: role.is_some() && me.may("deleteRole", &resource),
        me,
        refusal: refusal.map(Refusal::message),
        idempotency: form.and_then(|form| form.filled("key")).unwrap_or(&fresh),
        key,
        new_key: &new_key,
        name: &name,
        description: &description,
        base: &base,
        policy: &text,
        action: form.map_or("", |form| form.get("try-action")),
        resource: form.map_or("", |form| form.get("try-resource")),
        what_if,
        saved,
        may_save,
        members: role.map_or(0, |role| role.assigned_to.members_count),
        teams: role.map_or(0, |role| role.assigned_to.teams_count),
    };
    page::render_form(&page, refusal)
}

pub(super) fn show_new(me: Me) -> Result<Response, Refusal> {
    render(me, None, None, None, None, false)
}

pub(super) fn show(me: Me, role: &Role) -> Result<Response, Refusal> {
    render(me, Some(role), None, None, None, false)
}

pub(super) async fn make(backend: &Backend<'_>, me: Me, form: &Form) -> Result<Response, Refusal> {
    let made: Result<Role, Refusal> = match policy::json(form) {
        Ok(policy) => {
            let body = json!({
                "name": form.get("name").trim(),
                "key": form.get("newKey").trim(),
                "description": form.filled("description"),
                "basePermissions": form.filled("base"),
                "policy": policy,
            });
            let path = "/api/v2/roles";
            backend
                .once(form.get("key"), Method::POST, path, Some(&body))
                .await
        }
        Err(refusal) => Err(refusal),
    };
    match made {
        Ok(role) => Ok(page::redirect(&format!(
            "/settings/roles/role/{}",
            role.key
        ))),
        Err(refusal) => render(
            me,
            None,
            Some(form),
            Some(&refusal.unless_signed_out()?),
            None,
            false,
        ),
    }
}

/// What is not as it was, as a JSON Patch.
fn patch(role: &Role, form: &Form) -> Result<Value, Refusal> {
    let mut operations = Vec::new();
    let mut set = |path: &str, value: Value| {
        operations.push(json!({"op": "add", "path": path, "value": value}));
    };
    let policy = policy::json(form)?;
    if policy != role.policy {
        set("/policy", policy);
    }
    let about = role.description.as_deref().unwrap_or_default();
    for (field, path, known) in [
        ("name", "/name", role.name.as_str()),
        ("description", "/description", about),
        ("base", "/basePermissions", role.base_permissions.as_str()),
    ] {
        let value = form.get(field).trim();
        if value != known {
            set(path, json!(value));
        }
    }
    what_if::operations(operations)
}

pub(super) async fn save(
    backend: &Backend<'_>,
    me: Me,
    role: &Role,
    form: &Form,
) -> Result<Response, Refusal> {
    let key = &role.key;
    let done = async {
        let operations = patch(role, form)?;
        let path = format!("/api/v2/roles/{key}");
        what_if::look_or_save(backend, form, ("role", key), &path, &operations).await
    };
    match done.await {
        Ok(Some(what_if)) => render(me, Some(role), Some(form), None, Some(what_if), false),
        Ok(None) => {
            let role = super::role(backend, key).await?;
            render(me, Some(&role), None, None, None, true)
        }
        Err(refusal) => render(
            me,
            Some(role),
            Some(form),
            Some(&refusal.unless_signed_out()?),
            None,
            false,
        ),
    }
}

pub(super) async fn show_delete(
    backend: &Backend<'_>,
    me: Me,
    role: &Role,
) -> Result<Response, Refusal> {
    let fresh = fresh_key()?;
    let body = json!({"role": role.key, "delete": true});
    page::render(&Delete {
        me,
        idempotency: &fresh,
        role,
        what_if: what_if::ask(backend, &body).await?,
    })
}

pub(super) async fn delete(
    backend: &Backend<'_>,
    role: &Role,
    form: &Form,
) -> Result<Response, Refusal> {
    let path = format!("/api/v2/roles/{}", role.key);
    let _nothing: Value = backend
        .once(form.get("key"), Method::DELETE, &path, None)
        .await?;
    Ok(page::redirect("/settings/roles"))
}
