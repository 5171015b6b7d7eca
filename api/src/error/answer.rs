//! An error as an answer, and in the document.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type as _;

use super::{ApiError, ErrorRep};

/// RFC 6750 §3: how to call, for who sent no token.
pub(crate) const BEARER: &str = "Bearer realm=\"keyledger\"";
/// The same for who sent one that does not work.
pub(crate) const BEARER_INVALID: &str = "Bearer realm=\"keyledger\", error=\"invalid_token\", \
     error_description=\"the token does not work\"";
/// The same for who sent one that may not do it.
pub(crate) const BEARER_INSUFFICIENT: &str =
    "Bearer realm=\"keyledger\", error=\"insufficient_scope\"";

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = poem::web::Json(self.body())
            .with_status(self.status)
            .into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(allow)) = self.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::ALLOW, allow);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(if self.invalid_token {
                    BEARER_INVALID
                } else {
                    BEARER
                }),
            );
        }
        // The outermost layer adds the request's id to the body.
        response.set_data(self);
        response
    }
}

impl From<ApiError> for poem::Error {
    fn from(error: ApiError) -> Self {
        // The framework keeps the data of its own error, not of the response in it.
        let mut outer = Self::from_response(error.clone().into_response());
        outer.set_data(error);
        outer
    }
}

/// The statuses that an operation may answer with besides its own, for the document.
const DOCUMENTED: [(u16, &str); 11] = [
    (
        400,
        "invalid_request: the request is wrong; the message says where",
    ),
    (401, "unauthorized: no working credential"),
    (
        403,
        "forbidden: the message names the missing action and resource",
    ),
    (404, "not_found: unknown id or key"),
    (409, "conflict or optimistic_locking_error"),
    (413, "invalid_request: the body is too large"),
    (415, "invalid_request: the content type is not JSON"),
    (422, "patch_failed or idempotency_key_reused"),
    (
        429,
        "rate_limited: try again after Retry-After seconds, or at X-Ratelimit-Reset",
    ),
    (500, "internal_error"),
    (503, "unavailable: try again after Retry-After seconds"),
];

/// The headers of such an answer, for the document.
fn headers(status: u16) -> Vec<MetaHeader> {
    let retry_after = (
        "Retry-After",
        "In how many seconds it may be tried again.",
        true,
    );
    let documented: &[_] = match status {
        429 => &[
            retry_after,
            (
                "X-Ratelimit-Reset",
                "When the whole allowance is there again, Unix milliseconds.",
                false,
            ),
        ],
        503 => &[retry_after],
        _ => &[],
    };
    let header = |(name, description, required): &(&str, &str, bool)| MetaHeader {
        name: (*name).to_owned(),
        description: Some((*description).to_owned()),
        required: *required,
        deprecated: false,
        schema: i64::schema_ref(),
    };
    documented.iter().map(header).collect()
}

impl ApiResponse for ApiError {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: DOCUMENTED
                .iter()
                .map(|(status, description)| MetaResponse {
                    description,
                    status: Some(*status),
                    status_range: None,
                    content: vec![MetaMediaType {
                        content_type: "application/json",
                        schema: ErrorRep::schema_ref(),
                    }],
                    headers: headers(*status),
                })
                .collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ErrorRep::register(registry);
    }
}
