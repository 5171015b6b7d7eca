//! `/sign-in` and `/sign-out`.

use askama::Template;
use poem::Response;
use poem::http::{Method, header};
use serde_json::json;

use super::HOME;
use super::backend::Backend;
use super::form::Form;
use super::openid;
use super::page::{self, Refusal};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    email: &'a str,
    to: &'a str,
    refusal: Option<&'a str>,
    /// Whether passwords count.
    password: bool,
    /// The other way to sign in, and what it is called.
    other: Option<Other<'a>>,
}

/// The way by a provider of identities.
struct Other<'a> {
    name: &'a str,
    href: String,
}

impl<'a> SignIn<'a> {
    fn new(backend: &Backend<'a>, email: &'a str, to: &'a str, refusal: Option<&'a str>) -> Self {
        let node = backend.node();
        Self {
            email,
            to,
            refusal,
            password: node.settings.password_sign_in,
            other: node.openid.as_ref().map(|openid| Other {
                name: openid.name(),
                href: openid::href(to),
            }),
        }
    }
}

/// The longest address that is gone to after signing in, in bytes: it has to go into a cookie with other things.
const TO_BYTES_MAX: usize = 2_000;

/// Whether a part of a path leads up or nowhere, as browsers read it.
fn is_dots(part: &str) -> bool {
    matches!(
        part.to_ascii_lowercase().replace("%2e", ".").as_str(),
        "." | ".."
    )
}

/// Where to go after signing in: a page of the console and nowhere else.
pub(super) fn inside(to: &str) -> &str {
    let path = to.split(['?', '#']).next().unwrap_or_default();
    let ours = (path == "/settings" || path.starts_with("/settings/"))
        && !path.split('/').any(is_dots)
        && to.len() <= TO_BYTES_MAX;
    // A browser reads a backslash as a slash, and leaves out what is below a space.
    match ours
        && to
            .bytes()
            .all(|byte| byte > b' ' && byte != b'\\' && byte < 0x7f)
    {
        true => to,
        false => HOME,
    }
}

pub(super) fn show(backend: &Backend<'_>, query: &Form) -> Result<Response, Refusal> {
    page::render(&SignIn::new(backend, "", inside(query.get("to")), None))
}

/// The same page again, with why nobody was signed in.
pub(super) fn again(
    backend: &Backend<'_>,
    email: &str,
    to: &str,
    refusal: &Refusal,
) -> Result<Response, Refusal> {
    let page = SignIn::new(backend, email, to, Some(refusal.message()));
    page::render_form(&page, Some(refusal))
}

pub(super) async fn enter(backend: &Backend<'_>, form: &Form) -> Result<Response, Refusal> {
    let to = inside(form.get("to"));
    let body = json!({"email": form.get("email").trim(), "password": form.get("password")});
    match backend.headers(Method::POST, "/session", Some(&body)).await {
        Ok(headers) => with_cookies(page::redirect(to), &headers),
        Err(refusal) => again(backend, form.get("email"), to, &refusal),
    }
}

pub(super) async fn leave(backend: &Backend<'_>) -> Result<Response, Refusal> {
    let headers = backend.headers(Method::DELETE, "/session", None).await?;
    with_cookies(page::redirect("/sign-in"), &headers)
}

/// An answer with the cookies of another.
pub(super) fn with_cookies(
    mut response: Response,
    from: &poem::http::HeaderMap,
) -> Result<Response, Refusal> {
    for cookie in from.get_all(header::SET_COOKIE) {
        response
            .headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::{HOME, inside};

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(
            inside("/settings/authorization?offset=50"),
            "/settings/authorization?offset=50"
        );
        for elsewhere in [
            "",
            "https://example.com/settings/",
            "//example.com/settings/",
            "/\\example.com",
            "/settings/\\..\\x",
            "/settingsx",
            "/settings/\r\nX: y",
            "javascript:alert(1)",
            "/settings/../sign-out",
            "/settings/%2e%2E/sign-out",
            "/settings/./x",
            &format!("/settings/{}", "x".repeat(2_000)),
        ] {
            assert_eq!(inside(elsewhere), HOME, "{elsewhere:?}");
        }
    }
}
