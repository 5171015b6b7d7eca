//! `/invitation` and `/join`: an invited member sets a password, and is signed in.
//!
//! The code of a link stands behind its `#`, which browsers keep to themselves; the script puts it into the form, and
//! without a script one pastes it.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde_json::json;

use super::HOME;
use super::backend::Backend;
use super::form::Form;
use super::page::{self, Refusal};
use super::sign_in::with_cookies;

#[derive(Template)]
#[template(path = "join.html")]
struct Join<'a> {
    code: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    refusal: Option<&'a str>,
}

fn render(form: &Form, refusal: Option<&Refusal>) -> Result<Response, Refusal> {
    let page = Join {
        code: form.get("code"),
        first_name: form.get("firstName"),
        last_name: form.get("lastName"),
        refusal: refusal.map(Refusal::message),
    };
    page::render_form(&page, refusal)
}

pub(super) fn show(backend: &Backend<'_>) -> Result<Response, Refusal> {
    // Where passwords do not count, one joins by signing in.
    if !backend.node().settings.password_sign_in {
        return Ok(page::redirect("/sign-in"));
    }
    render(&Form::default(), None)
}

pub(super) async fn enter(backend: &Backend<'_>, form: &Form) -> Result<Response, Refusal> {
    if form.get("password") != form.get("again") {
        let refusal = Refusal::unprocessable("the two passwords are not the same".to_owned());
        return render(form, Some(&refusal));
    }
    let body = json!({
        "code": form.get("code").trim(),
        "password": form.get("password"),
        "firstName": form.filled("firstName"),
        "lastName": form.filled("lastName"),
    });
    let path = crate::invitation::PATH;
    match backend.headers(Method::POST, path, Some(&body)).await {
        Ok(headers) => with_cookies(page::redirect(HOME), &headers),
        Err(refusal) => render(form, Some(&refusal)),
    }
}
