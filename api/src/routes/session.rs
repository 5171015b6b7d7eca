//! `POST /session` and `DELETE /session`.

use std::sync::Arc;

use keyledger_domain::ids::{AccountId, MemberId};
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{IntoResponse, Request, Response};
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::Tag;
use crate::auth::require_own_origin;
use crate::error::ApiError;
use crate::http::{JsonBody, count_sign_in};
use crate::node::Node;
use crate::sessions::{COOKIE, SESSION_MS};

/// What a member signs in with.
#[derive(Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionPost {
    /// The e-mail.
    pub email: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for SessionPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionPost(hidden)")
    }
}

/// 204 with a cookie.
pub struct CookieSet(String);

impl IntoResponse for CookieSet {
    fn into_response(self) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::SET_COOKIE, value);
        }
        response
    }
}

impl ApiResponse for CookieSet {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The cookie is set.",
                status: Some(204),
                status_range: None,
                content: Vec::new(),
                headers: Vec::new(),
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}

fn cookie(node: &Node, value: &str, max_age_s: i64) -> CookieSet {
    let secure = node.settings.secure();
    CookieSet(format!(
        "{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}"
    ))
}

/// Signs a member in.
pub(crate) async fn signed_in(
    node: &Node,
    account: AccountId,
    member: MemberId,
) -> Result<CookieSet, ApiError> {
    let session = node.sessions.create(account, member, node.now_ms()).await;
    let value = session.map_err(ApiError::internal)?;
    Ok(cookie(node, &value, SESSION_MS / 1_000))
}

/// Requires that passwords count here.
pub(super) fn require_passwords(node: &Node) -> Result<(), ApiError> {
    match node.settings.password_sign_in {
        true => Ok(()),
        false => Err(ApiError::forbidden(
            "nobody signs in with a password here; sign in to the console by the provider of identities",
        )),
    }
}

/// Signing in and out.
pub struct SignInOut;

#[OpenApi(tag = "Tag::Session")]
impl SignInOut {
    /// Sign in
    ///
    /// With e-mail and password. The answer sets a cookie that serves as credential for calls from the
    /// server's own origin, with all of the member's own rights.
    #[oai(path = "/session", method = "post", operation_id = "postSession")]
    async fn sign_in(
        &self,
        Data(node): Data<&Arc<Node>>,
        request: &Request,
        JsonBody(form): JsonBody<SessionPost>,
    ) -> Result<CookieSet, ApiError> {
        node.require_ready()?;
        if request.headers().contains_key(header::ORIGIN) {
            // A page of another origin must not sign its visitors in as somebody else.
            require_own_origin(node, request.method(), request.headers())?;
        }
        require_passwords(node)?;
        count_sign_in(node, request, &form.email)?;
        let found = node.live.find_email(&form.email);
        let hash = found.and_then(|(account, member)| {
            let hash = |state: &keyledger_domain::state::State| {
                state
                    .member(member)
                    .and_then(|member| member.password_hash.clone())
            };
            node.live.with_state(account, hash).flatten()
        });
        let fits = node.passwords.verify(form.password, hash).await;
        match (fits.map_err(ApiError::internal)?, found) {
            (true, Some((account, member))) => signed_in(node, account, member).await,
            // One answer for an unknown e-mail and a wrong password.
            _ => Err(ApiError::unauthorized("wrong e-mail or password")),
        }
    }

    /// Sign out
    ///
    /// Ends the session of the cookie and takes the cookie away; without a session it changes nothing.
    #[oai(path = "/session", method = "delete", operation_id = "deleteSession")]
    async fn sign_out(
        &self,
        Data(node): Data<&Arc<Node>>,
        request: &Request,
    ) -> Result<CookieSet, ApiError> {
        require_own_origin(node, request.method(), request.headers())?;
        if let Some(value) = request.cookie().get(COOKIE) {
            let deleted = node.sessions.delete(value.value_str()).await;
            deleted.map_err(ApiError::internal)?;
        }
        Ok(cookie(node, "", 0))
    }
}
