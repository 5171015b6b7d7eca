//! `/settings/authorization/tokens/<id>/<action>`: clone, reset and delete, each with a page that asks first.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde_json::{Value, json};

use super::super::HOME;
use super::super::backend::{Backend, Me};
use super::super::form::Form;
use super::super::page::{self, Refusal};
use super::{Action, Token, me, secret};

/// The longest that an old secret may go on, in hours: 30 days.
const HOURS_MAX: u32 = 720;

#[derive(Template)]
#[template(path = "token_action.html")]
struct Ask<'a> {
    me: Me,
    refusal: Option<&'a str>,
    key: &'a str,
    made: i64,
    id: &'a str,
    name: &'a str,
    ending: &'a str,
    /// `clone`, `reset` or `delete`.
    action: &'a str,
    hours: &'a str,
    new_name: &'a str,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Clone => "clone",
            Self::Reset => "reset",
            Self::Delete => "delete",
        }
    }
}

async fn token(backend: &Backend<'_>, id: &str) -> Result<Token, Refusal> {
    backend.get(&format!("/api/v2/tokens/{id}")).await
}

async fn render(
    backend: &Backend<'_>,
    token: &Token,
    action: Action,
    form: &Form,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let key = form.key()?;
    let copy = format!("{} (copy)", token.shown_name());
    let page = Ask {
        me,
        refusal: refusal.map(Refusal::message),
        key: &key,
        made: form.made_ms(backend.now_ms()),
        id: &token.id,
        name: token.shown_name(),
        ending: &token.token,
        action: action.name(),
        hours: form.filled("hours").unwrap_or("0"),
        new_name: form.filled("name").unwrap_or(&copy),
    };
    page::render_form(&page, refusal)
}

pub(super) async fn show(
    backend: &Backend<'_>,
    id: &str,
    action: Action,
) -> Result<Response, Refusal> {
    let token = token(backend, id).await?;
    render(backend, &token, action, &Form::default(), None).await
}

/// What a form must say before something is lost: the token's name.
fn confirmed(token: &Token, form: &Form) -> Result<(), Refusal> {
    // As it is read: a page shows a row of spaces, and a line's end, as one space.
    let read = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match read(form.get("confirm")) == read(token.shown_name()) {
        true => Ok(()),
        false => Err(Refusal::unprocessable(
            "type the token's name to confirm".to_owned(),
        )),
    }
}

/// What a reset asks the API for: until when the old secret works.
fn reset_path(id: &str, form: &Form, now_ms: i64) -> Result<String, Refusal> {
    let hours: u32 = form
        .filled("hours")
        .unwrap_or("0")
        .parse()
        .ok()
        .filter(|hours| *hours <= HOURS_MAX)
        .ok_or_else(|| {
            Refusal::unprocessable(format!("hours: is a whole number from 0 to {HOURS_MAX}"))
        })?;
    let path = format!("/api/v2/tokens/{id}/reset");
    if hours == 0 {
        return Ok(path);
    }
    // From when the form was made: sent twice, it asks for the same and shows the same secret.
    let until_ms = form
        .made_ms(now_ms)
        .saturating_add(i64::from(hours) * 3_600_000);
    Ok(format!("{path}?expiry={until_ms}"))
}

async fn act(
    backend: &Backend<'_>,
    token: &Token,
    action: Action,
    form: &Form,
) -> Result<Option<Token>, Refusal> {
    let (id, key) = (&token.id, form.get("key"));
    match action {
        Action::Clone => {
            let body = json!({"name": form.get("name").trim()});
            let path = format!("/api/v2/tokens/{id}/clone");
            let made = backend.once(key, Method::POST, &path, Some(&body)).await?;
            Ok(Some(made))
        }
        Action::Reset => {
            confirmed(token, form)?;
            let path = reset_path(id, form, backend.now_ms())?;
            Ok(Some(backend.once(key, Method::POST, &path, None).await?))
        }
        Action::Delete => {
            confirmed(token, form)?;
            let path = format!("/api/v2/tokens/{id}");
            let _nothing: Value = backend.once(key, Method::DELETE, &path, None).await?;
            Ok(None)
        }
    }
}

pub(super) async fn change(
    backend: &Backend<'_>,
    id: &str,
    action: Action,
    form: &Form,
) -> Result<Response, Refusal> {
    let token = token(backend, id).await?;
    match act(backend, &token, action, form).await {
        Ok(None) => Ok(page::redirect(&format!("{HOME}?done=deleted"))),
        Ok(Some(made)) => {
            let what = match action {
                Action::Clone => "cloned",
                Action::Reset | Action::Delete => "reset",
            };
            secret::show(backend, &made, what).await
        }
        Err(refusal) => {
            render(
                backend,
                &token,
                action,
                form,
                Some(&refusal.unless_signed_out()?),
            )
            .await
        }
    }
}
