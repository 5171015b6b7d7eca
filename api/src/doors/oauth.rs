//! OAuth's doors: introspection (RFC 7662) and revocation (RFC 7009).
//!
//! Whoever calls shows a token of Keyledger's own: after `Bearer`, or as the password after `Basic`, as many resource
//! servers only can; the user name means nothing then.

pub(super) mod introspect;
pub(super) mod revoke;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{IntoResponse as _, Request, Response};
use serde_json::json;

use super::Doors;
use super::reply;
use crate::auth::bearer;
use crate::error::{ApiError, BEARER_INSUFFICIENT};

/// Its name in the decision log.
const DOOR: &str = "oauth";

/// The parameters of a request, each at most once (RFC 6749 §3.2).
struct Form(Vec<(String, String)>);

/// The most parameters of a request.
const PARAMETERS_MAX: usize = 32;

impl Form {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 405 for another method, 415 for another media type, 400 when a parameter is there twice.
    async fn read(request: &mut Request) -> Result<Self, ApiError> {
        if *request.method() != Method::POST {
            return Err(ApiError::method_not_allowed("POST".into()));
        }
        let media = request.headers().get(header::CONTENT_TYPE);
        let media = media.and_then(|media| media.to_str().ok()).unwrap_or("");
        let media = media.split(';').next().unwrap_or("").trim();
        if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(ApiError::invalid(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let bytes = reply::body(request).await?;
        let mut read: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(&bytes) {
            if read.iter().any(|(known, _)| *known == name) {
                return Err(ApiError::invalid(format!("{name}: is there twice")));
            }
            if read.len() == PARAMETERS_MAX {
                return Err(ApiError::invalid("the body: has too many parameters"));
            }
            read.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(read))
    }

    /// The token that the request is about.
    fn token(&self) -> Result<&str, ApiError> {
        let found = self.0.iter().find(|(name, _)| name == "token");
        match found {
            Some((_, token)) if !token.is_empty() => Ok(token),
            _ => Err(ApiError::invalid("token: is missing")),
        }
    }
}

impl Doors {
    /// The token that a caller shows, if one does.
    ///
    /// # Errors
    /// 401 when what is shown is no credential.
    fn shown(request: &Request) -> Result<Option<String>, ApiError> {
        let value = request.headers().get(header::AUTHORIZATION);
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
        let basic = match text.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => rest.trim(),
            _ => return bearer(request.headers()).map(|secret| secret.map(str::to_owned)),
        };
        let decoded = BASE64_STANDARD.decode(basic).ok();
        let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let password = pair.as_deref().and_then(|pair| pair.split_once(':'));
        let password = password.map(|(_, password)| password.to_owned());
        password
            .map(Some)
            .ok_or_else(|| ApiError::unauthorized("Authorization is no Basic credential"))
    }
}

/// An error as OAuth has it (RFC 6749 §5.2).
pub(super) fn refuse(error: &ApiError) -> Response {
    let code = match error.status() {
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::FORBIDDEN => "insufficient_scope",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            "temporarily_unavailable"
        }
        status if status.is_client_error() => "invalid_request",
        _ => "server_error",
    };
    let mut response = error.clone().into_response();
    let body = json!({"error": code, "error_description": error.message()});
    response.set_body(body.to_string());
    let headers = response.headers_mut();
    no_store(headers);
    if error.status() == StatusCode::FORBIDDEN {
        let challenge = HeaderValue::from_static(BEARER_INSUFFICIENT);
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// What is true now need not be true in a moment.
fn no_store(headers: &mut poem::http::HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
