//! `/settings/authorization/tokens/new`: the panel in which a token is made.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::backend::Backend;
use super::super::form::Form;
use super::super::page::{self, Refusal};
use super::{Member, Role, Token, me, roles, secret};
use crate::entropy;

#[derive(Template)]
#[template(path = "token_new.html")]
struct NewToken<'a> {
    me: Member,
    refusal: Option<&'a str>,
    /// Makes a form that is sent twice one token.
    key: &'a str,
    name: &'a str,
    roles: &'a [Role],
    scope: &'a str,
    policy: &'a str,
    versions: &'a [u32],
    version: &'a str,
    service: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    current_version: u32,
    valid_versions: Vec<u32>,
}

const EXAMPLE: &str = r#"[
  {
    "effect": "allow",
    "resources": ["proj/*"],
    "actions": ["viewProject"]
  }
]"#;

async fn render(
    backend: &Backend<'_>,
    form: &Form,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let roles = roles(backend).await;
    let mut versions: Versions = backend.get("/api/v2/versions").await?;
    versions.valid_versions.sort_unstable_by(|a, b| b.cmp(a));
    let fresh = entropy::uuid().map_err(|error| Refusal::internal(&error))?;
    let current = versions.current_version.to_string();
    let page = NewToken {
        me,
        refusal: refusal.map(Refusal::message),
        key: form.filled("key").unwrap_or(&fresh),
        name: form.get("name"),
        roles: &roles,
        scope: form.filled("scope").unwrap_or("reader"),
        policy: form.filled("policy").unwrap_or(EXAMPLE),
        versions: &versions.valid_versions,
        version: form.filled("version").unwrap_or(&current),
        service: form.ticked("service"),
    };
    page::render_form(&page, refusal)
}

pub(super) async fn show(backend: &Backend<'_>) -> Result<Response, Refusal> {
    render(backend, &Form::default(), None).await
}

/// The form as the API takes it.
fn body(form: &Form) -> Result<Value, Refusal> {
    let mut body = Map::new();
    if let Some(name) = form.filled("name") {
        body.insert("name".to_owned(), json!(name));
    }
    if form.ticked("service") {
        body.insert("serviceToken".to_owned(), json!(true));
    }
    if let Ok(version) = form.get("version").parse::<u32>() {
        body.insert("defaultApiVersion".to_owned(), json!(version));
    }
    let scope = form.get("scope");
    if scope == "inline" {
        let policy: Value = serde_json::from_str(form.get("policy"))
            .map_err(|error| Refusal::unprocessable(format!("the policy is no JSON: {error}")))?;
        body.insert("inlineRole".to_owned(), policy);
    } else if let Some(id) = scope.strip_prefix("custom:") {
        body.insert("customRoleIds".to_owned(), json!([id]));
    } else {
        body.insert("role".to_owned(), json!(scope));
    }
    Ok(Value::Object(body))
}

pub(super) async fn make(backend: &Backend<'_>, form: &Form) -> Result<Response, Refusal> {
    let made: Result<Token, Refusal> = match body(form) {
        Ok(body) => {
            backend
                .once(form.get("key"), Method::POST, "/api/v2/tokens", Some(&body))
                .await
        }
        Err(refusal) => Err(refusal),
    };
    match made {
        Ok(token) => secret::show(backend, &token, "created").await,
        Err(signed_out @ Refusal::SignedOut(_)) => Err(signed_out),
        Err(refusal) => render(backend, form, Some(&refusal)).await,
    }
}
