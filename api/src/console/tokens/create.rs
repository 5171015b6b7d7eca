//! `/settings/authorization/tokens/new`: the panel in which a token is made.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::backend::{Backend, Me};
use super::super::form::Form;
use super::super::page::{self, Refusal};
use super::super::policy;
use super::super::roles::{Role, roles};
use super::{Token, me, secret};

#[derive(Template)]
#[template(path = "token_new.html")]
struct NewToken<'a> {
    me: Me,
    refusal: Option<&'a str>,
    /// Makes a form that is sent twice one token.
    key: &'a str,
    made: i64,
    name: &'a str,
    description: &'a str,
    days: &'a str,
    roles: &'a [Role],
    scope: &'a str,
    /// The custom roles that are ticked, by id.
    chosen: Vec<&'a str>,
    policy: &'a str,
    /// What the policy is tried on.
    action: &'a str,
    resource: &'a str,
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

async fn render(
    backend: &Backend<'_>,
    form: &Form,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let roles = roles(backend).await;
    let mut versions: Versions = backend.get("/api/v2/versions").await?;
    versions.valid_versions.sort_unstable_by(|a, b| b.cmp(a));
    let key = form.key()?;
    let current = versions.current_version.to_string();
    let page = NewToken {
        me,
        refusal: refusal.map(Refusal::message),
        key: &key,
        made: form.made_ms(backend.now_ms()),
        name: form.get("name"),
        description: form.get("description"),
        days: form.get("days"),
        roles: &roles,
        chosen: form.all("role").collect(),
        scope: form.filled("scope").unwrap_or("reader"),
        policy: form.filled("policy").unwrap_or(policy::EXAMPLE),
        action: form.get("try-action"),
        resource: form.get("try-resource"),
        versions: &versions.valid_versions,
        version: form.filled("version").unwrap_or(&current),
        service: form.ticked("service"),
    };
    page::render_form(&page, refusal)
}

pub(super) async fn show(backend: &Backend<'_>) -> Result<Response, Refusal> {
    render(backend, &Form::default(), None).await
}

/// The most days after which a token ends by itself: ten years.
const DAYS_MAX: u32 = 3_650;

/// The form as the API takes it.
fn body(form: &Form, now_ms: i64) -> Result<Value, Refusal> {
    let mut body = Map::new();
    if let Some(name) = form.filled("name") {
        body.insert("name".to_owned(), json!(name));
    }
    if form.ticked("service") {
        body.insert("serviceToken".to_owned(), json!(true));
    }
    if let Some(description) = form.filled("description") {
        body.insert("description".to_owned(), json!(description));
    }
    if let Some(days) = form.filled("days") {
        let days: u32 = days
            .parse()
            .ok()
            .filter(|days| (1..=DAYS_MAX).contains(days))
            .ok_or_else(|| {
                Refusal::unprocessable(format!("days: is a whole number from 1 to {DAYS_MAX}"))
            })?;
        let until_ms = form
            .made_ms(now_ms)
            .saturating_add(i64::from(days) * 86_400_000);
        body.insert("expiry".to_owned(), json!(until_ms));
    }
    if let Ok(version) = form.get("version").parse::<u32>() {
        body.insert("defaultApiVersion".to_owned(), json!(version));
    }
    let scope = form.get("scope");
    if scope == "inline" {
        body.insert("inlineRole".to_owned(), policy::json(form)?);
    } else if scope == "custom" {
        let chosen: Vec<&str> = form.all("role").collect();
        if chosen.is_empty() {
            return Err(Refusal::unprocessable(
                "choose at least one custom role".to_owned(),
            ));
        }
        body.insert("customRoleIds".to_owned(), json!(chosen));
    } else {
        body.insert("role".to_owned(), json!(scope));
    }
    Ok(Value::Object(body))
}

pub(super) async fn make(backend: &Backend<'_>, form: &Form) -> Result<Response, Refusal> {
    let made: Result<Token, Refusal> = match body(form, backend.now_ms()) {
        Ok(body) => {
            backend
                .once(form.get("key"), Method::POST, "/api/v2/tokens", Some(&body))
                .await
        }
        Err(refusal) => Err(refusal),
    };
    match made {
        Ok(token) => secret::show(backend, &token, "created").await,
        Err(refusal) => render(backend, form, Some(&refusal.unless_signed_out()?)).await,
    }
}
