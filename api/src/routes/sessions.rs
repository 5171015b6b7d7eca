//! `GET /sessions` and `DELETE /sessions/{id}`.

use std::sync::Arc;

use keyledger_domain::ids::MemberId;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::Tag;
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::session::{Session, Sessions};
use crate::sessions::COOKIE;

/// Who is signed in. A token has no sign-ins, and ends none: who found it could lock its member out.
fn signed_in(caller: &Caller) -> Result<MemberId, ApiError> {
    match caller {
        Caller::Session { member, .. } => Ok(*member),
        Caller::Token(_) | Caller::Invitation { .. } => {
            Err(ApiError::forbidden("sign-ins are for who is signed in"))
        }
    }
}

/// What came of ending one.
#[derive(Debug, Clone, Copy, ApiResponse)]
pub enum Ended {
    /// It works no more.
    #[oai(status = 204)]
    Ended,
}

/// The caller's own sign-ins.
pub struct ListSessions;

#[OpenApi(tag = "Tag::Session")]
impl ListSessions {
    /// List sign-ins
    ///
    /// Where the member who asks is signed in, this sign-in included (extension).
    #[oai(path = "/sessions", method = "get", operation_id = "getSessions")]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        request: &Request,
        Auth(caller): Auth,
    ) -> Result<Json<Sessions>, ApiError> {
        let member = signed_in(&caller)?;
        let found = node.sessions.list(member, node.now_ms()).await;
        let found = found.map_err(ApiError::internal)?;
        let cookie = request.cookie().get(COOKIE);
        let cookie = cookie.as_ref().map_or("", |cookie| cookie.value_str());
        let session = |one: crate::sessions::SignIn| Session {
            id: one.id(),
            creation_date: one.created_at_ms,
            expiry: one.expires_at_ms,
            current: one.is_of(cookie),
        };
        Ok(Json(Sessions {
            items: found.into_iter().map(session).collect(),
        }))
    }

    /// End a sign-in
    ///
    /// One of the member who asks: its cookie works no more (extension).
    #[oai(
        path = "/sessions/:id",
        method = "delete",
        operation_id = "deleteSessionById"
    )]
    async fn end(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(id): Path<String>,
    ) -> Result<Ended, ApiError> {
        let member = signed_in(&caller)?;
        let found = node.sessions.list(member, node.now_ms()).await;
        let found = found.map_err(ApiError::internal)?;
        let one = found.iter().find(|one| one.id() == id);
        let one = one.ok_or_else(|| ApiError::not_found("unknown sign-in"))?;
        let ended = node.sessions.end(one).await;
        ended.map_err(ApiError::internal)?;
        Ok(Ended::Ended)
    }
}
