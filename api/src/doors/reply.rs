//! What the doors have in common on the wire: bodies within bounds, positions that are waited for, request ids.

use std::time::Duration;

use keyledger_eventstore::Position;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Body, IntoResponse as _, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Doors;
use super::gateway::Denied;
use crate::entropy;
use crate::error::ApiError;
use crate::http::{BODY_BYTES_MAX, POSITION, REQUEST_ID, read_json};
use crate::node::{require_fresh, wait_for};

/// The longest request id that is given back, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// The id that the caller gave the request, if it may stand in an answer.
pub(super) fn request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let visible = id.to_str().is_ok() && id.len() <= REQUEST_ID_BYTES_MAX;
    visible.then(|| id.clone())
}

/// A JSON answer.
pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::default();
    response.set_status(status);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response.set_body(Body::from(body));
    response
}

/// An error in the shape of the API.
pub(super) fn error(error: &ApiError, id: Option<&HeaderValue>) -> Response {
    let id = match id.and_then(|id| id.to_str().ok()) {
        Some(id) => id.to_owned(),
        None => entropy::uuid().unwrap_or_default(),
    };
    let mut response = error.clone().into_response();
    response.set_body(error.body_of(&id).to_string());
    response
}

/// Reads a body within its limit.
///
/// # Errors
/// 413 when it is larger, 400 when it cannot be read.
pub(super) async fn body(request: &mut Request) -> Result<Vec<u8>, ApiError> {
    let body = request.take_body();
    match body.into_bytes_limit(BODY_BYTES_MAX).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(poem::error::ReadBodyError::PayloadTooLarge) => {
            Err(ApiError::too_large(BODY_BYTES_MAX))
        }
        Err(error) => Err(ApiError::invalid(format!(
            "the body cannot be read: {error}"
        ))),
    }
}

/// Reads JSON that was sent with a request; where only an object will do, nothing else.
///
/// # Errors
/// 415 when the media type is another, 400 that says what is wrong and where.
pub(super) fn parse<T: DeserializeOwned>(
    request: &Request,
    bytes: &[u8],
    object: bool,
) -> Result<T, ApiError> {
    let media = request.headers().get(header::CONTENT_TYPE);
    read_json(media.and_then(|media| media.to_str().ok()), bytes, object)
}

/// Reads a JSON body within its limit.
///
/// # Errors
/// As [`body`] and [`parse`].
pub(super) async fn read<T: DeserializeOwned>(
    request: &mut Request,
    object: bool,
) -> Result<T, ApiError> {
    let bytes = body(request).await?;
    parse(request, &bytes, object)
}

/// A JSON answer as of a position.
///
/// # Errors
/// When it cannot be written as JSON.
pub(super) fn answer<T: Serialize>(value: &T, position: Position) -> Result<Response, ApiError> {
    let bytes = serde_json::to_vec(value).map_err(ApiError::internal)?;
    let mut response = json(StatusCode::OK, bytes);
    let position = HeaderValue::from(position.get());
    response.headers_mut().insert(POSITION, position);
    Ok(response)
}

impl Doors {
    /// Waits until the memory has reached what is asked for, if it has not, and requires that it is fresh.
    ///
    /// # Errors
    /// 503 when it takes too long, or when the node has not heard from the log for too long.
    pub(super) async fn reach(&self, asked: Option<Position>) -> Result<(), ApiError> {
        if let Some(asked) = asked
            && self.memory.live.position() < asked
        {
            wait_for(&self.memory, asked).await?;
        }
        require_fresh(&self.memory)
    }

    /// Waits for a position no longer than a gateway would.
    pub(super) async fn reach_soon(&self, asked: Position, wait_max_ms: u64) -> Result<(), Denied> {
        let wait = Duration::from_millis(wait_max_ms);
        match self.memory.wait_for_at_most(asked, wait).await {
            true => Ok(()),
            false => Err(Denied::NotReached),
        }
    }

    /// Requires that the memory is fresh.
    pub(super) fn require_fresh(&self) -> Result<(), Denied> {
        self.memory.is_fresh().then_some(()).ok_or(Denied::Stale)
    }
}
