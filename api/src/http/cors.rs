//! Calls from pages of other origins.
//!
//! The framework's own layer says nothing to a request without `Origin`, where the vendor says `*`, and
//! refuses origins, methods and headers by itself, where the browser is to judge. So this is ours.
//!
//! `Access-Control-Allow-Credentials` is never sent: with a token a page of any origin may call, with a
//! session cookie none but the server's own.

use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{IntoResponse as _, Response};

/// What a page may send. The first five are the vendor's.
const HEADERS: &str = "Accept, Content-Type, Content-Length, Accept-Encoding, Authorization, \
                       LD-API-Version, Idempotency-Key, X-Keyledger-Min-Position";
/// The vendor's, and POST, which browsers allow without a word but gateways may not.
const METHODS: &str = "OPTIONS, GET, POST, DELETE, PATCH";
/// For how long a browser need not ask again, seconds.
const MAX_AGE_S: &str = "300";
/// What a page may read of an answer, besides the body.
const EXPOSED: &str = "X-Keyledger-Position, X-Request-Id, Idempotent-Replayed, Retry-After, \
                       X-Ratelimit-Global-Limit, X-Ratelimit-Global-Remaining, \
                       X-Ratelimit-Route-Limit, X-Ratelimit-Route-Remaining, X-Ratelimit-Reset, \
                       X-Ratelimit-Auth-Token-Limit, X-Ratelimit-Auth-Token-Remaining, \
                       X-Ratelimit-Auth-Token-Reset";

/// The answer to a browser that asks before it calls. It needs no credential and no path that exists.
pub(super) fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_S),
    ];
    for (name, value) in allowed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets the page that asked read an answer.
pub(crate) fn allow_origin(origin: Option<HeaderValue>, headers: &mut HeaderMap) {
    let origin = origin.unwrap_or(HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let exposed = HeaderValue::from_static(EXPOSED);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    // A cache must not give one page the answer that names another.
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
