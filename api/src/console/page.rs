//! What every page has: its headers, and how a refusal is shown.

use askama::Template;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{IntoResponse as _, Response};

use super::HOME;
use super::backend::Page;
use crate::error::ApiError;

/// No script, style or image but the console's own files, nothing in a frame, forms to this server alone.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Why there is no such page.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody is signed in, or not any more.
    SignedOut(String),
    /// What the API said.
    Said(StatusCode, String),
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Said(error.status(), error.message().to_owned())
    }
}

impl Refusal {
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a page could not be made");
        Self::Said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the page could not be made".to_owned(),
        )
    }

    pub(super) fn no_page() -> Self {
        Self::Said(StatusCode::NOT_FOUND, "there is no such page".to_owned())
    }

    pub(super) fn method() -> Self {
        Self::Said(
            StatusCode::METHOD_NOT_ALLOWED,
            "pages are read, and forms are sent".to_owned(),
        )
    }

    pub(super) const fn unprocessable(message: String) -> Self {
        Self::Said(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// For a form that is shown again with it: whoever is not signed in goes to sign in instead.
    pub(super) fn unless_signed_out(self) -> Result<Self, Self> {
        match self {
            Self::SignedOut(_) => Err(self),
            Self::Said(..) => Ok(self),
        }
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut(_) => StatusCode::UNAUTHORIZED,
            Self::Said(status, _) => *status,
        }
    }

    /// The words, for a page that shows them beside its form.
    pub(super) fn message(&self) -> &str {
        match self {
            Self::SignedOut(message) | Self::Said(_, message) => message,
        }
    }

    /// The page of it; who is not signed in goes to sign in, and from there back to where a link led.
    pub(super) fn into_page(self, path: &str, query: Option<&str>) -> Response {
        match self {
            Self::SignedOut(_) => {
                let back = match query {
                    Some(query) => format!("{path}?{query}"),
                    None => path.to_owned(),
                };
                redirect(&sign_in_for(&back))
            }
            Self::Said(status, message) => {
                let page = Problem {
                    status: status.as_u16(),
                    message: &message,
                    home: HOME,
                };
                let mut response = render(&page).unwrap_or_else(|_| status.into_response());
                response.set_status(status);
                response
            }
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    status: u16,
    message: &'a str,
    home: &'a str,
}

/// The links to the pages before and after one of a list.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) total: u64,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Pages {
    /// `kept` is what else stands in the query, up to its last `&`.
    pub(super) fn of<T>(path: &str, kept: &str, offset: u64, limit: u64, page: &Page<T>) -> Self {
        let count = page.items.len() as u64;
        let last = offset.saturating_add(count);
        let total = page.total.unwrap_or(last);
        let at = |offset: u64| format!("{path}?{kept}offset={offset}");
        Self {
            first: offset.saturating_add(1).min(last),
            last,
            total,
            // From beyond the end, to the last page there is.
            before: (offset > 0).then(|| {
                let back = offset.saturating_sub(limit);
                at(back.min(total.saturating_sub(1) / limit * limit))
            }),
            after: (last < total).then(|| at(last)),
        }
    }
}

fn guard(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // `no-referrer` would also make the browser hide the origin of the console's own forms.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    // A secret may be on it, and it is one person's.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// A page.
pub(super) fn render(page: &impl Template) -> Result<Response, Refusal> {
    let html = page.render().map_err(|error| Refusal::internal(&error))?;
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    guard(headers);
    Ok(response)
}

/// The page of a form; one that was refused is shown again under the refusal's status.
pub(super) fn render_form(
    page: &impl Template,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let mut response = render(page)?;
    if let Some(refusal) = refusal {
        response.set_status(refusal.status());
    }
    Ok(response)
}

/// The form to sign in, which leads back to a page.
fn sign_in_for(page: &str) -> String {
    let back: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
    format!("/sign-in?to={back}")
}

/// The path of the page that a script asks a part for, if it is one that does (htmx, `HX-Request`).
pub(super) fn asked_for_a_part(headers: &HeaderMap) -> Option<String> {
    headers.get("hx-request")?;
    let page = headers.get("hx-current-url")?.to_str().ok()?;
    let page: poem::http::Uri = page.parse().ok()?;
    page.path_and_query().map(ToString::to_string)
}

/// Tells a script to leave the page for the form to sign in, and from there back to it.
pub(super) fn leave_whole(page: &str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::from_str(&sign_in_for(page)) {
        headers.insert("hx-redirect", to);
    }
    guard(headers);
    response
}

/// Sends the browser to another page, which it reads.
pub(super) fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::LOCATION,
        HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static(HOME)),
    );
    guard(headers);
    response
}
