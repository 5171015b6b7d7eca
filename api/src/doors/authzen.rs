//! AuthZEN Authorization API 1.0: evaluation, evaluations, three searches and the metadata document.
//!
//! Whoever asks has `askDecisions` on `acct` and asks about its account. Policies know no separate properties of
//! subjects and actions, so these stand as properties `subject.…` and `action.…` of the resource (ADR 14).

mod entity;
mod evaluate;
mod evaluation;
mod evaluations;
mod metadata;
mod search;

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{IntoResponse as _, Request, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Doors;
use super::reply;
use crate::config::AuthzenConfig;
use crate::error::ApiError;
use crate::http::min_position;

use entity::UserNames;
use metadata::Metadata;

/// The doors of AuthZEN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    Evaluation,
    Evaluations,
    SearchSubject,
    SearchResource,
    SearchAction,
    Metadata,
}

const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const SEARCH_SUBJECT: &str = "/access/v1/search/subject";
const SEARCH_RESOURCE: &str = "/access/v1/search/resource";
const SEARCH_ACTION: &str = "/access/v1/search/action";
const METADATA: &str = "/.well-known/authzen-configuration";

impl Endpoint {
    /// The endpoint of a path.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            EVALUATION => Some(Self::Evaluation),
            EVALUATIONS => Some(Self::Evaluations),
            SEARCH_SUBJECT => Some(Self::SearchSubject),
            SEARCH_RESOURCE => Some(Self::SearchResource),
            SEARCH_ACTION => Some(Self::SearchAction),
            _ => {
                let rest = path.strip_prefix(METADATA)?;
                (rest.is_empty() || rest.starts_with('/')).then_some(Self::Metadata)
            }
        }
    }
}

/// What AuthZEN's doors were told.
#[derive(Debug, Default)]
pub struct Authzen {
    users: UserNames,
    metadata: Option<Metadata>,
}

impl Authzen {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(config: &AuthzenConfig) -> Result<Self, String> {
        let metadata = config.public_url.as_deref().map(Metadata::new);
        Ok(Self {
            users: UserNames::new(config.authzen_user_email.as_deref())?,
            metadata: metadata.transpose()?,
        })
    }
}

/// A request of any of the endpoints. Members that nobody knows are ignored, as the standard wants it.
#[derive(Debug, Default, Deserialize)]
struct Body {
    subject: Option<Value>,
    action: Option<Value>,
    resource: Option<Value>,
    context: Option<Map<String, Value>>,
    evaluations: Option<Vec<Map<String, Value>>>,
    options: Option<Map<String, Value>>,
    page: Option<search::Page>,
}

/// Answers a request.
///
/// # Errors
/// What is wrong with the request, its credential or the node.
pub(super) async fn answer(
    doors: &Doors,
    endpoint: Endpoint,
    request: &mut Request,
) -> Result<Response, ApiError> {
    if endpoint == Endpoint::Metadata {
        return metadata::answer(doors.authzen.metadata.as_ref(), request);
    }
    if *request.method() != Method::POST {
        return Err(ApiError::method_not_allowed("POST".into()));
    }
    doors.reach(min_position(request.headers())?).await?;
    let account = doors.trusted(doors.asker(request)?)?;
    // Here a wrong media type is 400 too (certification scenario, c-2-4-3).
    let body = reply::read(request, true).await;
    let body: Body = body.map_err(|error| match error.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::invalid(error.message()),
        _ => error,
    })?;
    let caller = evaluate::Evaluator { doors, account };
    let (value, position) = match endpoint {
        Endpoint::Evaluation => evaluation::answer(&caller, &body)?,
        Endpoint::Evaluations => evaluations::answer(&caller, &body)?,
        Endpoint::SearchSubject => search::subject(&caller, &body)?,
        Endpoint::SearchResource => search::resource(&caller, &body)?,
        Endpoint::SearchAction => search::action(&caller, &body)?,
        Endpoint::Metadata => return Err(ApiError::internal("metadata is answered before")),
    };
    reply::answer(&value, position)
}

/// An error as AuthZEN has it: a text.
pub(super) fn refuse(error: &ApiError) -> Response {
    let mut response = error.clone().into_response();
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response.set_body(error.message().to_owned());
    response
}
