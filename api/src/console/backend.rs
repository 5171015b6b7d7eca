//! The API as a page asks it: in this process, as the browser's session.

use keyledger_domain::actor::Actor;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Body, Endpoint as _, Request, RequestParts, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::page::Refusal;
use crate::http::SEMANTIC_PATCH;
use crate::limits::Source;
use crate::node::Node;
use crate::sessions::COOKIE;

const JSON: &str = "application/json";

/// The most that is read of an answer, in bytes: a page of tokens has a few hundred thousand.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// The API for one request of a browser.
pub(super) struct Backend<'a> {
    node: &'a Node,
    api: &'a BoxEndpoint<'static, Response>,
    cookie: Option<HeaderValue>,
    host: Option<HeaderValue>,
    origin: Option<HeaderValue>,
    /// What the browser wants the answer for (Fetch Metadata, `Sec-Fetch-Mode`).
    mode: Option<HeaderValue>,
    /// Where the browser is: limits count by it.
    remote: RemoteAddr,
}

/// Who is signed in. What it says of rights is for what a page offers; the API refuses by itself.
#[derive(Debug)]
pub(super) struct Me {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) role: String,
    /// Where the page is.
    pub(super) tab: &'static str,
    actor: Actor,
}

impl Me {
    /// Whether the member may do something.
    pub(super) fn may(&self, action: &str, resource: &str) -> bool {
        self.actor.may(action, resource)
    }

    /// Requires that the member may do something, for a page whose form would be refused.
    pub(super) fn require(&self, action: &str, resource: &str) -> Result<(), Refusal> {
        match self.may(action, resource) {
            true => Ok(()),
            false => Err(Refusal::Said(
                StatusCode::FORBIDDEN,
                format!("you may not do this: {action} on {resource}"),
            )),
        }
    }

    /// Whether the member sees and counts all tokens.
    pub(super) fn sees_all(&self) -> bool {
        self.may("viewAccessToken", "member/any:token/any")
    }
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    #[serde(rename = "totalCount")]
    pub(super) total: Option<u64>,
}

/// What the API says when it refuses.
#[derive(Deserialize)]
struct Refused {
    message: String,
}

impl<'a> Backend<'a> {
    pub(super) fn of(
        node: &'a Node,
        api: &'a BoxEndpoint<'static, Response>,
        request: &Request,
    ) -> Self {
        let header = |name| request.headers().get(name).cloned();
        Self {
            node,
            api,
            cookie: header(header::COOKIE),
            host: header(header::HOST),
            origin: header(header::ORIGIN),
            mode: header(HeaderName::from_static("sec-fetch-mode")),
            remote: request.remote_addr().clone(),
        }
    }

    /// The node that the page is made on.
    pub(super) const fn node(&self) -> &'a Node {
        self.node
    }

    /// Whether the answer is shown as a page of its own; a browser that does not say so is believed.
    pub(super) fn is_navigation(&self) -> bool {
        let mode = self.mode.as_ref();
        mode.is_none_or(|mode| mode == "navigate")
    }

    /// Where the browser is.
    pub(super) fn source(&self) -> Source {
        Source::of_remote(&self.remote)
    }

    /// A cookie that the browser sent.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.cookie.as_ref().and_then(|value| value.to_str().ok());
        let cookies = cookies.unwrap_or_default().split(';');
        cookies
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Who is signed in, on a page of this tab.
    pub(super) async fn me(&self, tab: &'static str) -> Result<Me, Refusal> {
        let signed_out = || Refusal::SignedOut("sign in first".to_owned());
        let cookie = self.cookie(COOKIE).ok_or_else(signed_out)?;
        let found = self.node.sessions.find(cookie, self.node.now_ms()).await;
        let found = found.map_err(|error| Refusal::internal(&error))?;
        let (account, member) = found.ok_or_else(signed_out)?;
        let me = self.node.live.with_state(account, |state| {
            state.member(member).map(|member| Me {
                id: member.id_text.clone(),
                email: member.email.clone(),
                role: member.role.to_string(),
                tab,
                actor: Actor::member(account, state, member),
            })
        });
        me.flatten().ok_or_else(signed_out)
    }

    /// The time, Unix milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        self.node.now_ms()
    }

    /// What browsers call this server, as the form that is being answered says; empty where it does not.
    pub(super) fn origin(&self) -> &str {
        let origin = self.origin.as_ref();
        origin.map_or("", |origin| origin.to_str().unwrap_or_default())
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
        let body = body.map(|body| (JSON, body));
        let (text, _) = self.call(method, path, body, Some(key)).await?;
        let text = if text.is_empty() {
            b"null".to_vec()
        } else {
            text
        };
        serde_json::from_slice(&text).map_err(|error| Refusal::internal(&error))
    }

    /// This server's own origin, as this browser names it: of several, the one with the host that it called.
    pub(super) fn own_origin(&self) -> Option<String> {
        let host = self.host.as_ref().and_then(|host| host.to_str().ok());
        let host = host.filter(|host| !host.is_empty());
        let origins = &self.node.settings.origins;
        let called = |origin: &&String| origin.split_once("://").map(|(_, rest)| rest) == host;
        match origins.iter().find(called).or_else(|| origins.first()) {
            Some(origin) => Some(origin.clone()),
            None => host.map(|host| format!("http://{host}")),
        }
    }

    /// Reads something that is asked for with a body.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, Refusal> {
        // A page that is read has no `Origin`; the question is the page's own, and changes nothing.
        let asking = Self {
            cookie: self.cookie.clone(),
            host: self.host.clone(),
            origin: self
                .own_origin()
                .and_then(|origin| HeaderValue::from_str(&origin).ok()),
            mode: None,
            remote: self.remote.clone(),
            ..*self
        };
        let body = Some((JSON, body));
        let (text, _) = asking.call(Method::POST, path, body, None).await?;
        serde_json::from_slice(&text).map_err(|error| Refusal::internal(&error))
    }

    /// Changes something by a JSON Patch.
    pub(super) async fn patch(
        &self,
        key: &str,
        path: &str,
        operations: &Value,
    ) -> Result<(), Refusal> {
        let _changed: Value = self
            .once(key, Method::PATCH, path, Some(operations))
            .await?;
        Ok(())
    }

    /// Changes something by the instructions of a semantic patch.
    pub(super) async fn instruct(
        &self,
        key: &str,
        path: &str,
        instructions: &Value,
    ) -> Result<(), Refusal> {
        let key = HeaderValue::from_str(key).map_err(|error| Refusal::internal(&error))?;
        let body = serde_json::json!({"instructions": instructions});
        let body = Some((SEMANTIC_PATCH, &body));
        self.call(Method::PATCH, path, body, Some(key)).await?;
        Ok(())
    }

    /// The same for the headers of the answer, such as a cookie.
    pub(super) async fn headers(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<HeaderMap, Refusal> {
        let body = body.map(|body| (JSON, body));
        Ok(self.call(method, path, body, None).await?.1)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, &Value)>,
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
        let text = body.map(|(_, value)| value.to_string());
        let mut request = Request::from_parts(parts, Body::from(text.unwrap_or_default()));
        let headers = request.headers_mut();
        if let Some((content_type, _)) = body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
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
