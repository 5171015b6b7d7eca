//! `/sign-in/openid` and `/sign-in/openid/callback`: to the provider of identities and back (see `crate::openid`).

use askama::Template;
use keyledger_domain::command::{AdmitMember, Command};
use keyledger_domain::ids::{AccountId, MemberId};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse as _, Response};

use super::HOME;
use super::backend::Backend;
use super::form::Form;
use super::page::{self, Refusal};
use super::sign_in;
use crate::auth::Caller;
use crate::entropy;
use crate::error::ApiError;
use crate::http::count_sign_in_from;
use crate::node::{Node, Request};
use crate::openid::{ATTEMPT_MS, COOKIE, OpenId, OpenIdError, Returned};
use crate::routes::always;
use crate::routes::session::signed_in;

pub(super) use crate::openid::{CALLBACK, PATH};

/// The page that leads on. It is the console's own: a browser keeps the strict cookie at home on every step of a way that
/// began at the provider, so a redirect would lead to the form to sign in.
#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    to: &'a str,
}

/// The link that begins, and ends at a page.
pub(super) fn href(to: &str) -> String {
    let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
    format!("{PATH}?to={to}")
}

impl From<OpenIdError> for Refusal {
    fn from(error: OpenIdError) -> Self {
        let status = match &error {
            OpenIdError::Provider => StatusCode::BAD_GATEWAY,
            OpenIdError::NotBegun | OpenIdError::NoHost => StatusCode::BAD_REQUEST,
            OpenIdError::Denied(_) | OpenIdError::Unproven | OpenIdError::NoEmail(_) => {
                StatusCode::FORBIDDEN
            }
            OpenIdError::Entropy(error) => return Self::internal(error),
        };
        Self::Said(status, error.to_string())
    }
}

fn configured<'a>(backend: &Backend<'a>) -> Result<&'a OpenId, Refusal> {
    backend.node().openid.as_ref().ok_or_else(Refusal::no_page)
}

/// The cookie of an attempt. It comes back from the provider's site, so it is not strict; it signs nobody in.
fn cookie(node: &Node, value: &str, max_age_s: i64) -> Result<HeaderValue, Refusal> {
    let secure = node.settings.secure();
    let text = format!(
        "{COOKIE}={value}; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}"
    );
    HeaderValue::from_str(&text).map_err(|error| Refusal::internal(&error))
}

/// Sends the browser to the provider.
pub(super) async fn begin(backend: &Backend<'_>, query: &Form) -> Result<Response, Refusal> {
    let openid = configured(backend)?;
    let node = backend.node();
    let to = sign_in::inside(query.get("to"));
    let begun = async {
        // An image of another site, say, begins nothing.
        if !backend.is_navigation() {
            return Err(Refusal::no_page());
        }
        count_sign_in_from(node, backend.source())?;
        let origin = backend.own_origin().ok_or(OpenIdError::NoHost)?;
        let redirect = format!("{origin}{CALLBACK}");
        let begun = openid.begin(&redirect, to, &node.clock).await?;
        Ok::<_, Refusal>(begun)
    };
    match begun.await {
        Ok(begun) => {
            let mut response = page::redirect(&begun.page);
            let cookie = cookie(node, &begun.cookie, ATTEMPT_MS / 1_000)?;
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(refusal) => sign_in::again(backend, "", to, &refusal),
    }
}

/// Takes the browser back from the provider, and signs it in.
pub(super) async fn finish(backend: &Backend<'_>, query: &Form) -> Result<Response, Refusal> {
    let openid = configured(backend)?;
    let node = backend.node();
    let returned = Returned {
        cookie: backend.cookie(COOKIE).unwrap_or_default(),
        code: query.get("code"),
        state: query.get("state"),
        issuer: query.get("iss"),
        error: query.get("error"),
    };
    let attempt = match openid.recognise(&returned, node.now_ms()) {
        Ok(attempt) => attempt,
        // Whoever reloads the page that signed in is signed in.
        Err(_) if backend.me("").await.is_ok() => return Ok(page::redirect(HOME)),
        // Another attempt of this browser, if there is one, goes on.
        Err(error) => return sign_in::again(backend, "", HOME, &error.into()),
    };
    let to = sign_in::inside(&attempt.to);
    let entered = async {
        count_sign_in_from(node, backend.source())?;
        node.require_ready()?;
        let identity = openid.finish(&attempt, &returned, &node.clock).await?;
        let (account, member) = known(node, &identity.email)?;
        admit(node, account, member).await?;
        let cookie = signed_in(node, account, member).await?;
        Ok::<_, Refusal>(cookie.into_response())
    };
    let mut response = match entered.await {
        Ok(cookie) => sign_in::with_cookies(page::render(&Welcome { to })?, cookie.headers())?,
        Err(refusal) => sign_in::again(backend, "", to, &refusal)?,
    };
    // Whatever came of it, the attempt is over.
    let over = cookie(node, "", 0)?;
    response.headers_mut().append(header::SET_COOKIE, over);
    Ok(response)
}

/// The member with an e-mail that the provider vouches for: whoever was invited, and nobody else.
fn known(node: &Node, email: &str) -> Result<(AccountId, MemberId), Refusal> {
    let found = node.live.find_email(email).filter(|(account, member)| {
        // INVARIANT: but for the case of ASCII letters, it is the member's own. The index ignores case as Unicode has it,
        // where a sign such as that of the kelvin is a letter of somebody else's address.
        let same = node.live.with_state(*account, |state| {
            let member = state.member(*member);
            member.is_some_and(|member| member.email.eq_ignore_ascii_case(email))
        });
        same == Some(true)
    });
    found.ok_or_else(|| {
        let shown: String = email.chars().take(254).collect();
        let message = format!("{shown} is no member here; ask an administrator for an invitation");
        Refusal::Said(StatusCode::FORBIDDEN, message)
    })
}

/// The first time, an invited member joins by signing in.
async fn admit(node: &Node, account: AccountId, member: MemberId) -> Result<(), ApiError> {
    let request_id = entropy::uuid().map_err(ApiError::internal)?;
    let request = Request {
        caller: &Caller::Session { account, member },
        request_id: &request_id,
        idempotency: None,
    };
    let admit = Command::AdmitMember(AdmitMember { id: member });
    // For whoever has joined it is decided that nothing happens.
    node.execute(&request, None, always(admit)).await.map(drop)
}
