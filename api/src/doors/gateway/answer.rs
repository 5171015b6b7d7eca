//! What a gateway is answered: 200, 401 or 403, with the facts in headers.

use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Body, Response};

use super::PathError;
use crate::doors::Verdict;
use crate::error::{BEARER, BEARER_INSUFFICIENT, BEARER_INVALID};
use crate::http::POSITION;

/// Who: `member/<id>` or `service-token/<id>`.
const SUBJECT: HeaderName = HeaderName::from_static("x-subject");
/// The token's id.
const TOKEN: HeaderName = HeaderName::from_static("x-token-id");
/// The account's id.
const ACCOUNT: HeaderName = HeaderName::from_static("x-account");
/// The decision's id.
const DECISION: HeaderName = HeaderName::from_static("x-decision-id");
/// Why not.
const REASON: HeaderName = HeaderName::from_static("x-keyledger-reason");
/// Envoy: what to take off the request.
const REMOVE: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// The word for a request without a credential.
const NO_CREDENTIAL: &str = "no_credential";
/// The seconds after which a request may be tried again that a stale node refused.
const RETRY_AFTER_S: u64 = 1;

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::doors) enum Denied {
    /// It does not come from a gateway.
    #[error("this address is no gateway's; see --gateway-peers")]
    Peer,
    /// No credential came with it.
    #[error("no access token was sent")]
    NoCredential,
    /// What came is no credential.
    #[error("the credential is no access token")]
    Credential,
    /// A header of the gateway is missing, or there twice.
    #[error("{0} is not there exactly once")]
    Header(&'static str),
    /// The path can be read in more ways than one.
    #[error("{0}")]
    Path(#[from] PathError),
    /// No route is for it.
    #[error("no route is for this request")]
    NoRoute,
    /// What the path names cannot stand in a resource.
    #[error("the path names no resource")]
    Resource,
    /// The position it asks for is none.
    #[error("the position that it asks for is none")]
    Position,
    /// The position it asks for is not reached yet.
    #[error("the position that it asks for is not reached yet")]
    NotReached,
    /// The node has not heard from the log for too long.
    #[error("this node has not heard from the log for too long")]
    Stale,
}

impl Denied {
    const fn status(self) -> StatusCode {
        match self {
            Self::NoCredential | Self::Credential => StatusCode::UNAUTHORIZED,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// The reason, as a word for programs.
    pub(in crate::doors) const fn word(self) -> &'static str {
        match self {
            Self::Peer => "untrusted_peer",
            Self::NoCredential => NO_CREDENTIAL,
            Self::Credential => "unknown",
            Self::Header(_) => "bad_gateway_header",
            Self::Path(_) => "ambiguous_path",
            Self::NoRoute => "no_route",
            Self::Resource => "no_resource",
            Self::Position => "bad_position",
            Self::NotReached => "not_reached",
            Self::Stale => "stale",
        }
    }

    const fn passes(self) -> bool {
        matches!(self, Self::NotReached | Self::Stale)
    }
}

/// RFC 6750 §3: what a client is told about its token. A request without one is told no error.
fn challenge(status: StatusCode, reason: &str) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED if reason == NO_CREDENTIAL => BEARER,
        StatusCode::UNAUTHORIZED => BEARER_INVALID,
        _ => BEARER_INSUFFICIENT,
    }
}

fn refusal(status: StatusCode, reason: &'static str, message: &str) -> Response {
    let mut response = Response::default();
    response.set_status(status);
    let headers = response.headers_mut();
    let challenge = HeaderValue::from_static(challenge(status, reason));
    headers.insert(header::WWW_AUTHENTICATE, challenge);
    headers.insert(REASON, HeaderValue::from_static(reason));
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    let body = serde_json::json!({"code": reason, "message": message});
    response.set_body(Body::from(body.to_string()));
    response
}

/// The answer.
pub(super) fn of(decided: &Result<Verdict, Denied>, remove_authorization: bool) -> Response {
    match decided {
        Ok(decided) => verdict(decided, remove_authorization),
        Err(why) => denied(why),
    }
}

/// The answer without a verdict.
fn denied(denied: &Denied) -> Response {
    let mut response = refusal(denied.status(), denied.word(), &denied.to_string());
    if denied.passes() {
        let after = HeaderValue::from(RETRY_AFTER_S);
        response.headers_mut().insert(header::RETRY_AFTER, after);
    }
    response
}

fn value(text: &str) -> HeaderValue {
    // INVARIANT: ids and words are visible ASCII.
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// The answer of a verdict.
fn verdict(verdict: &Verdict, remove_authorization: bool) -> Response {
    let reason = verdict.reason();
    let mut response = if verdict.allowed() {
        Response::default()
    } else if reason.is_of_token() {
        refusal(
            StatusCode::UNAUTHORIZED,
            reason.word(),
            "the access token does not work",
        )
    } else {
        refusal(
            StatusCode::FORBIDDEN,
            reason.word(),
            "the access token may not do this",
        )
    };
    let headers = response.headers_mut();
    headers.insert(DECISION, value(verdict.id.text().as_str()));
    headers.insert(POSITION, HeaderValue::from(verdict.judged.position.get()));
    if let Some(holder) = verdict.holder()
        && verdict.allowed()
    {
        headers.insert(TOKEN, value(&holder.token.to_string()));
        headers.insert(SUBJECT, value(&holder.subject()));
        headers.insert(ACCOUNT, value(&holder.account.to_string()));
        if remove_authorization {
            headers.insert(REMOVE, HeaderValue::from_static("authorization"));
        }
    }
    response
}
