//! `GET /api/v2/tokens`.

use std::sync::Arc;

use keyledger_projections::{Page, TokenFilter, TokenRow};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::search::Asked;
use super::standing::{Listed, standings};
use super::{sees_all, used_by};
use crate::as_of::View;
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::http::AskedVersion;
use crate::http::filter::expand;
use crate::node::Node;
use crate::rep::link::{page_links, page_or_whole, with_query};
use crate::rep::token::{Token, Tokens, token};
use crate::routes::Tag;

/// List access tokens.
pub(super) struct ListTokens;

const DEFAULT_LIMIT: u32 = 25;
/// How many tokens are rendered before the lock of the memory is let go.
const ROWS_UNDER_LOCK_MAX: usize = 1_000;
/// The largest page with standings: policies are compared for each.
const STANDING_LIMIT_MAX: u32 = 100;

const fn listed(row: &TokenRow) -> Listed<'_> {
    Listed {
        id: row.id,
        scope: &row.scope,
        expiry_ms: row.expiry_ms,
    }
}

/// A page of the tokens that there were, and how many there were. Which ones is in the tables; what they were
/// is read from the log.
async fn tokens_then(
    node: &Node,
    caller: &Caller,
    view: &View,
    filter: &TokenFilter,
    page: Page,
) -> Result<(Vec<Token>, u64), ApiError> {
    let View::Then { moment, ground } = view else {
        return Ok((Vec::new(), 0));
    };
    let account = caller.account();
    let listed = node
        .tables
        .list_tokens_at(account, filter, moment.position, page)
        .await;
    let (ids, total_count) = listed.map_err(ApiError::internal)?;
    let used = node.usage.last_used(account, &ids).await;
    let used = used.map_err(ApiError::internal)?;
    let past = node.past().await;
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let found = past.token(account, id, moment.position).await?;
        let found = found.ok_or_else(|| ApiError::internal("a listed token without its events"))?;
        let used_ms = used_by(view, used.get(&id).copied().unwrap_or(0));
        items.push(token(ground, &(&found).into(), used_ms, moment.at_ms));
    }
    Ok((items, total_count))
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl ListTokens {
    /// List access tokens
    ///
    /// The newest first: all service tokens, and the personal tokens of the caller's member. With
    /// `showAll` and the admin role, those of other members as well. `q`, `kind`, `sort` and `expand` are extensions.
    #[oai(path = "/tokens", method = "get", operation_id = "getTokens")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the request"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "LD-API-Version")] version: AskedVersion,
        /// Whether to list other members' personal tokens too; needs the admin role.
        #[oai(name = "showAll")]
        Query(show_all): Query<Option<bool>>,
        /// How many tokens a page holds; 25 by default, all up to 10,000 before version 20240415.
        Query(limit): Query<Option<i64>>,
        /// How many tokens to pass over.
        Query(offset): Query<Option<i64>>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
        /// Only those with this in their name or their member's e-mail, or whose ending or id it is (extension).
        Query(q): Query<Option<String>>,
        /// Only `personal` or only `service` (extension).
        Query(kind): Query<Option<String>>,
        /// `creationDate`, `name`, `expiry` or `lastUsed`, with `-` in front for descending; `-creationDate` by default
        /// (extension).
        Query(sort): Query<Option<String>>,
        /// `standing` adds how what each may do now stands to its scope, on pages of up to 100 (extension).
        #[oai(name = "expand")]
        Query(expansion): Query<Option<String>>,
    ) -> Result<Json<Tokens>, ApiError> {
        let page = page_or_whole(version.settle(&caller), limit, offset, DEFAULT_LIMIT)?;
        let show_all = show_all.unwrap_or(false);
        let asked = Asked { q, kind, sort };
        let standing = !expand(expansion.as_deref(), &["standing"])?.is_empty();
        if as_of.is_some() && (standing || !asked.is_empty()) {
            return Err(ApiError::invalid(
                "asOf: is not combined with q, kind, sort and expand",
            ));
        }
        if standing && page.limit > STANDING_LIMIT_MAX {
            return Err(ApiError::invalid(format!(
                "limit: is at most {STANDING_LIMIT_MAX} with expand=standing"
            )));
        }
        let all = show_all && caller.actor_now(node, |_, actor| sees_all(actor))?;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        node.wait_for_tables().await?;
        let filter = TokenFilter {
            all,
            own_member: Some(caller.member_id()),
        };
        let mut query = vec![
            ("showAll", show_all.then(|| "true".to_owned())),
            ("asOf", as_of),
            ("expand", expansion),
        ];
        query.extend(asked.query());
        let path = &with_query("/api/v2/tokens", &query);
        if let View::Then { .. } = view {
            let (items, total_count) = tokens_then(node, &caller, &view, &filter, page).await?;
            return Ok(Json(Tokens {
                items,
                links: page_links(path, page, total_count),
                total_count,
            }));
        }
        let account = caller.account();
        let found = match asked.is_empty() {
            true => node.tables.list_tokens(account, &filter, page).await,
            false => {
                let search = asked.settle(node, account).await?;
                let tables = &node.tables;
                tables.search_tokens(account, &filter, &search, page).await
            }
        };
        let (rows, total_count) = found.map_err(ApiError::internal)?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let used = node.usage.last_used(caller.account(), &ids).await;
        let used = used.map_err(ApiError::internal)?;
        let now_ms = node.now_ms();
        let mut items: Vec<Token> = Vec::with_capacity(rows.len());
        // A whole list is long: decisions go on between its parts.
        for rows in rows.chunks(ROWS_UNDER_LOCK_MAX) {
            node.live.with_state(caller.account(), |state| {
                let tokens = rows.iter().map(|row| {
                    let last_used_ms = used.get(&row.id).copied().unwrap_or(0);
                    token(state, &row.into(), Some(last_used_ms), now_ms)
                });
                items.extend(tokens);
            });
        }
        if standing {
            let listed: Vec<_> = rows.iter().map(listed).collect();
            let found = standings(node, account, &listed).await?;
            for (item, standing) in items.iter_mut().zip(found) {
                item.standing = standing;
            }
        }
        Ok(Json(Tokens {
            items,
            links: page_links(path, page, total_count),
            total_count,
        }))
    }
}
