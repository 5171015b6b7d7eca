//! What a client is told when something goes wrong: the vendor's `{code, message}` and our status.
//!
//! Everything that fails ends here: rejections of the domain, refusals of the log, and what the web
//! framework could not parse. The text never holds a secret or the store's own words.

mod answer;

pub(crate) use answer::{BEARER, BEARER_INSUFFICIENT, BEARER_INVALID};

use keyledger_domain::rejection::Rejection;
use keyledger_eventstore::{AppendError, LogError};
use poem::http::StatusCode;
use poem_openapi::Object;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a path says to a method that it does not take.
const METHOD_NOT_ALLOWED: &str = "this path does not take this method";

/// The body of every error.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ErrorRep")]
pub struct ErrorRep {
    /// A word for programs.
    #[oai(validator(min_length = 1))]
    pub code: String,
    /// A sentence for people: what is wrong and where.
    pub message: String,
    /// The id of the request, as in `X-Request-Id`: the operator finds it in the log lines.
    pub id: Option<String>,
    /// The e-mails that cannot be invited.
    pub invalid_emails: Option<Vec<String>>,
}

/// An error on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    invalid_emails: Option<Vec<String>>,
    /// After how many seconds it may be tried again.
    retry_after_s: Option<u64>,
    /// The methods that the path takes.
    allow: Option<Arc<str>>,
    /// Whether a token was sent that does not work (RFC 6750 §3.1).
    invalid_token: bool,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            invalid_emails: None,
            retry_after_s: None,
            allow: None,
            invalid_token: false,
        }
    }

    /// 400: the request is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    /// 401: no or no working credential.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// 401: a token that does not work.
    pub fn invalid_token(message: impl Into<String>) -> Self {
        Self {
            invalid_token: true,
            ..Self::unauthorized(message)
        }
    }

    /// 403: the credential works but may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 404: there is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 405: the path takes the methods in `allow` and not this one.
    pub fn method_not_allowed(allow: Arc<str>) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                METHOD_NOT_ALLOWED,
            )
        }
    }

    /// 409: it collides with what exists.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// 409: something else changed it in between, and went on changing it.
    pub fn lost_race() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "optimistic_locking_error",
            "it was changed by another request at the same time; try again",
        )
    }

    /// 422: a patch that cannot be applied.
    pub fn patch_failed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "patch_failed", message)
    }

    /// 422: an idempotency key that stands for another request.
    pub fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this Idempotency-Key was used for another request",
        )
    }

    /// 413: more than is read.
    pub fn too_large(max_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request",
            format!("the body is larger than {max_bytes} bytes"),
        )
    }

    /// 415: a body that is not JSON.
    pub fn not_json(found: &str) -> Self {
        let found: String = found.chars().take(64).collect();
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request",
            format!("the body must be application/json, not {found}"),
        )
    }

    /// 429: more often than a limit allows.
    pub fn rate_limited(retry_after_s: u64, message: impl Into<String>) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
        }
    }

    /// 503: not now; nothing was written.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self {
            retry_after_s: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
        }
    }

    /// 500: our own fault. The cause goes to the operator's log, not to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "something went wrong on the server; its log says what",
        )
    }

    /// What the web framework could not do, in our shape.
    #[must_use]
    pub fn of_framework(error: &poem::Error) -> Self {
        let status = error.status();
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            status if status.is_client_error() => "invalid_request",
            _ => return Self::internal(error),
        };
        let message = match status {
            StatusCode::NOT_FOUND => "there is nothing at this path".to_owned(),
            StatusCode::METHOD_NOT_ALLOWED => METHOD_NOT_ALLOWED.to_owned(),
            _ => error.to_string(),
        };
        Self::new(status, code, message)
    }

    /// The same, with the place where it is wrong in front.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}/{}", self.message);
        self
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body, as JSON.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let (Some(emails), Some(fields)) = (&self.invalid_emails, body.as_object_mut()) {
            fields.insert("invalid_emails".to_owned(), json!(emails));
        }
        body
    }

    /// The same with the id of the request.
    #[must_use]
    pub fn body_of(&self, request_id: &str) -> Value {
        let mut body = self.body();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("id".to_owned(), json!(request_id));
        }
        body
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Invalid { pointer, message } if pointer.is_empty() => Self::invalid(message),
            Rejection::Invalid { .. } => Self::invalid(rejection.to_string()),
            Rejection::Emails {
                problem,
                ref emails,
            } => Self {
                code: problem.code(),
                invalid_emails: Some(emails.clone()),
                ..Self::invalid(rejection.to_string())
            },
            Rejection::Denied { .. } => Self::forbidden(rejection.to_string()),
            Rejection::Forbidden { message } => Self::forbidden(message),
            Rejection::NotFound { .. } => Self::not_found(rejection.to_string()),
            Rejection::Conflict { message } => Self::conflict(message),
        }
    }
}

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Busy(_) | LogError::Unavailable(_) => {
                tracing::error!(%error, "the log cannot be read");
                Self::unavailable("the log cannot be read at the moment")
            }
            other => Self::internal(other),
        }
    }
}

impl From<AppendError> for ApiError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Overloaded => {
                Self::unavailable("too many requests are waiting; try again in a moment")
            }
            AppendError::Unavailable(cause) => {
                tracing::error!(%cause, "the log cannot be written");
                Self::unavailable("the log cannot be written at the moment; nothing was written")
            }
            AppendError::OutcomeUnknown => Self::unavailable(
                "it is not known whether this was written; read before you try again, or repeat it with the same Idempotency-Key",
            ),
            other => Self::internal(other),
        }
    }
}
