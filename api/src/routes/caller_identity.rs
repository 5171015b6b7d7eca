//! `GET /api/v2/caller-identity`.

use std::sync::Arc;

use keyledger_domain::scope::{Scope, TokenKind};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::Tag;
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::caller_identity::CallerIdentity;

/// Who is calling.
pub struct GetCallerIdentity;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Other")]
impl GetCallerIdentity {
    /// Identify the caller
    ///
    /// What the server knows of the credential of this call.
    #[oai(
        path = "/caller-identity",
        method = "get",
        operation_id = "getCallerIdentity"
    )]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
    ) -> Result<Json<CallerIdentity>, ApiError> {
        let mut identity = CallerIdentity {
            account_id: caller.account().to_string(),
            member_id: caller.member_id().to_string(),
            auth_kind: "session".to_owned(),
            ..CallerIdentity::default()
        };
        if let Caller::Token(calling) = &caller {
            let token = node.load_token(calling.account, calling.token, None);
            // The log may know already what the memory of this node is still to hear: that the token is dead.
            let alive = token.await?.filter(|token| !token.deleted);
            let token = alive.ok_or_else(|| ApiError::invalid_token("the token is gone"))?;
            let service = token.grant.kind == TokenKind::Service;
            identity.auth_kind = "token".to_owned();
            identity.token_kind = Some(if service { "service" } else { "personal" }.to_owned());
            identity.token_id = Some(token.id.to_string());
            identity.token_name = Some(token.name).filter(|name| !name.is_empty());
            identity.service_token = Some(service);
            identity.expires_at = token.expiry_ms;
            identity.scopes = Some(match &token.scope {
                Scope::Role(role) => vec![role.to_string()],
                Scope::Inline(_) => vec!["inline".to_owned()],
                Scope::CustomRoles(ids) => node
                    .live
                    .with_state(calling.account, |state| {
                        ids.iter()
                            .filter_map(|id| state.role(*id))
                            .map(|role| role.key.clone())
                            .collect()
                    })
                    .unwrap_or_default(),
            });
        }
        Ok(Json(identity))
    }
}
