//! The outermost layer: one function around every request.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, header};
use poem::{Body, Endpoint, IntoResponse, Request, Response};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;

use super::rate::Noted;
use super::{
    BODY_BYTES_MAX, IDEMPOTENCY_KEY, REQUEST_ID, RequestMeta, cors, in_api, method, min_position,
    version,
};
use crate::entropy;
use crate::error::ApiError;
use crate::node::Node;

/// How much of a body that is too large is read before the client is told, in bytes.
const DROPPED_BYTES_MAX: u64 = 64 << 20;
/// The longest idempotency key, in characters.
/// It shares the log's 255 with the id of the credential.
pub(super) const KEY_CHARS_MAX: usize = 200;

/// Gives the request its id, reads its body within bounds, waits for the position it asks for, and
/// answers every failure in one shape.
pub(super) async fn outermost<E: Endpoint>(
    next: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let request_id = entropy::uuid().unwrap_or_default();
    let method = request.method().clone();
    let path = loggable(request.uri().path());
    let in_api = in_api(request.uri().path());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let node = request.data::<Arc<Node>>().cloned();
    let noted = Noted::default();
    let mut response = if in_api && method == Method::OPTIONS {
        cors::preflight()
    } else {
        match prepare(request, &request_id, in_api, &noted).await {
            Ok(request) => match next.call(request).await {
                Ok(response) => response.into_response(),
                Err(error) if error.is_from_response() => error.into_response(),
                Err(error) => ApiError::of_framework(&error).into_response(),
            },
            Err(error) => error.into_response(),
        }
    };
    let status = response.status().as_u16();
    // Neither the query nor a header is logged: that is where secrets turn up.
    tracing::debug!(%method, %path, status, %request_id, "request");
    if let Some(error) = response.data::<ApiError>() {
        let body = error.body_of(&request_id).to_string();
        response.set_body(body);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if in_api {
        cors::allow_origin(origin, headers);
    }
    if let Some(node) = node {
        noted.write(node.now_ms(), headers);
    }
    Ok(response)
}

/// A path without what may be a secret in the place of an id: no id and no word of this API is as long.
fn loggable(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.len() {
        0..=24 => segment,
        _ => "…",
    });
    segments.collect::<Vec<_>>().join("/")
}

async fn prepare(
    mut request: Request,
    request_id: &str,
    in_api: bool,
    noted: &Noted,
) -> Result<Request, ApiError> {
    let body = read(request.take_body()).await?;
    method::settle(&mut request, in_api)?;
    let version = if in_api {
        version::asked(request.headers())?
    } else {
        None
    };
    let idempotency = match request.headers().get(IDEMPOTENCY_KEY) {
        None => None,
        Some(key) => {
            let key = key
                .to_str()
                .ok()
                .filter(|key| !key.is_empty() && key.chars().count() <= KEY_CHARS_MAX)
                .ok_or_else(|| {
                    ApiError::invalid(format!(
                        "{IDEMPOTENCY_KEY}: is 1 to {KEY_CHARS_MAX} visible characters"
                    ))
                })?;
            Some((key.to_owned(), digest(&request, &body)))
        }
    };
    request.set_body(Body::from(body));
    request.set_data(RequestMeta {
        request_id: request_id.to_owned(),
        idempotency,
        version,
    });
    request.set_data(noted.clone());
    wait(&request).await?;
    Ok(request)
}

/// Reads a body within its limit. What is beyond is read and dropped, up to a limit of its own: a client
/// that is still sending would otherwise lose the connection instead of being told.
async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut reader = body.into_async_read();
    let mut bytes = Vec::new();
    let failed =
        |error: std::io::Error| ApiError::invalid(format!("the body cannot be read: {error}"));
    let limit = BODY_BYTES_MAX as u64 + 1;
    (&mut reader)
        .take(limit)
        .read_to_end(&mut bytes)
        .await
        .map_err(failed)?;
    if bytes.len() <= BODY_BYTES_MAX {
        return Ok(bytes);
    }
    tokio::io::copy(&mut reader.take(DROPPED_BYTES_MAX), &mut tokio::io::sink())
        .await
        .map_err(failed)?;
    Err(ApiError::too_large(BODY_BYTES_MAX))
}

fn digest(request: &Request, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(request.method().as_str().as_bytes());
    hash.update(b"\0");
    hash.update(request.original_uri().to_string().as_bytes());
    hash.update(b"\0");
    hash.update(body);
    hash.finalize().into()
}

/// Waits for the position that the request asks for.
async fn wait(request: &Request) -> Result<(), ApiError> {
    let Some(asked) = min_position(request.headers())? else {
        return Ok(());
    };
    let node = request
        .data::<Arc<Node>>()
        .ok_or_else(|| ApiError::internal("a request without its node"))?;
    node.wait_for(asked).await
}
