//! The API as a page asks it: in this process, as the browser's session.

use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Body, Endpoint as _, Request, RequestParts, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::page::Refusal;

/// The most that is read of an answer, in bytes: a page of tokens has a few hundred thousand.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// The API for one request of a browser.
pub(super) struct Backend<'a> {
    api: &'a BoxEndpoint<'static, Response>,
    cookie: Option<HeaderValue>,
    host: Option<HeaderValue>,
    origin: Option<HeaderValue>,
    /// Where the browser is: limits count by it.
    remote: RemoteAddr,
}

/// What the API says when it refuses.
#[derive(Deserialize)]
struct Refused {
    message: String,
}

impl<'a> Backend<'a> {
    pub(super) fn of(api: &'a BoxEndpoint<'static, Response>, request: &Request) -> Self {
        let header = |name| request.headers().get(name).cloned();
        Self {
            api,
            cookie: header(header::COOKIE),
            host: header(header::HOST),
            origin: header(header::ORIGIN),
            remote: request.remote_addr().clone(),
        }
    }

    /// Reads something.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        let (text, _) = self.call(Method::GET, path, None, None).await?;
        serde_json::from_slice(&text).map_err(|error| Refusal::internal(&error))
    }

    /// Changes something and reads what came of it. A form that is sent twice has one key, and is one change.
    pub(super) async fn once<T: DeserializeOwned>(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Refusal> {
        let key = HeaderValue::from_str(key).map_err(|error| Refusal::internal(&error))?;
        let (text, _) = self.call(method, path, body, Some(key)).await?;
        let text = if text.is_empty() {
            b"null".to_vec()
        } else {
            text
        };
        serde_json::from_slice(&text).map_err(|error| Refusal::internal(&error))
    }

    /// The same for the headers of the answer, such as a cookie.
    pub(super) async fn headers(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<HeaderMap, Refusal> {
        Ok(self.call(method, path, body, None).await?.1)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<HeaderValue>,
    ) -> Result<(Vec<u8>, HeaderMap), Refusal> {
        let head = poem::http::Request::builder()
            .method(&method)
            .uri(path)
            .body(())
            .map_err(|error| Refusal::internal(&error))?;
        let scheme = poem::http::uri::Scheme::HTTP;
        let (head, ()) = head.into_parts();
        let parts = RequestParts::from((head, LocalAddr::default(), self.remote.clone(), scheme));
        let text = body.map(Value::to_string);
        let mut request = Request::from_parts(parts, Body::from(text.unwrap_or_default()));
        let headers = request.headers_mut();
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        if let Some(key) = key {
            headers.insert("idempotency-key", key);
        }
        // A page that is read tells another site nothing: it may not show it in a frame nor read it.
        let same_origin = HeaderValue::from_static("same-origin");
        let origin = match method == Method::GET {
            true => (
                HeaderName::from_static("sec-fetch-site"),
                &Some(same_origin),
            ),
            false => (header::ORIGIN, &self.origin),
        };
        for (name, value) in [
            (header::COOKIE, &self.cookie),
            (header::HOST, &self.host),
            origin,
        ] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
        let mut response = match self.api.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        };
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let bytes = response
            .take_body()
            .into_bytes_limit(ANSWER_BYTES_MAX)
            .await;
        let bytes = bytes.map_err(|error| Refusal::internal(&error))?.to_vec();
        if status.is_success() {
            return Ok((bytes, headers));
        }
        let message = match serde_json::from_slice::<Refused>(&bytes) {
            Ok(refused) => refused.message,
            Err(_) => status.canonical_reason().unwrap_or("refused").to_owned(),
        };
        Err(match status {
            StatusCode::UNAUTHORIZED => Refusal::SignedOut(message),
            status => Refusal::Said(status, message),
        })
    }
}
