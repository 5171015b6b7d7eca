//! `GET /api/v2/tokens`.

use std::sync::Arc;

use keyledger_projections::TokenFilter;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::sees_all;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::link::{page, page_links};
use crate::rep::token::{Token, Tokens, token};
use crate::routes::Tag;

/// List access tokens.
pub(super) struct ListTokens;

const DEFAULT_LIMIT: u32 = 25;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl ListTokens {
    /// List access tokens
    ///
    /// The newest first: all service tokens, and the personal tokens of the caller's member. With
    /// `showAll` and the admin role, those of other members as well.
    #[oai(path = "/tokens", method = "get", operation_id = "getTokens")]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// Whether to list other members' personal tokens too; needs the admin role.
        #[oai(name = "showAll")]
        Query(show_all): Query<Option<bool>>,
        /// How many tokens a page holds; 25 by default.
        Query(limit): Query<Option<i64>>,
        /// How many tokens to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<Tokens>, ApiError> {
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        let show_all = show_all.unwrap_or(false);
        let all = show_all && caller.actor_now(node, |_, actor| sees_all(actor))?;
        node.wait_for_tables().await?;
        let filter = TokenFilter {
            all,
            own_member: Some(caller.member_id()),
        };
        let (rows, total_count) = node
            .tables
            .list_tokens(caller.account(), &filter, page)
            .await
            .map_err(ApiError::internal)?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let used = node.usage.last_used(caller.account(), &ids).await;
        let used = used.map_err(ApiError::internal)?;
        let now_ms = node.now_ms();
        let items: Option<Vec<Token>> = node.live.with_state(caller.account(), |state| {
            rows.iter()
                .map(|row| {
                    let last_used_ms = used.get(&row.id).copied().unwrap_or(0);
                    token(state, &row.into(), last_used_ms, now_ms)
                })
                .collect()
        });
        let path = if show_all {
            "/api/v2/tokens?showAll=true"
        } else {
            "/api/v2/tokens"
        };
        Ok(Json(Tokens {
            items: items.unwrap_or_default(),
            links: page_links(path, page, total_count),
            total_count,
        }))
    }
}
