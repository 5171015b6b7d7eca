//! `GET /api/v2/members`.

use std::cmp::Ordering;
use std::sync::Arc;

use keyledger_domain::ids::MemberId;
use keyledger_domain::state::Member as MemberState;
use keyledger_projections::Page;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::filter::Filter;
use super::{last_seen, shown_in};
use crate::as_of::View;
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::http::filter::expand;
use crate::node::Node;
use crate::rep::link::{page, page_links, with_query};
use crate::rep::member::Members;
use crate::routes::Tag;

/// List account members.
pub(super) struct ListMembers;

const DEFAULT_LIMIT: u32 = 20;
/// What may be asked for besides; all of it is always there.
pub(super) const EXPAND: [&str; 2] = ["customRoles", "roleAttributes"];

/// By what a list is sorted.
#[derive(Debug, Clone, Copy)]
enum Key {
    DisplayName,
    LastSeen,
}

/// The keys of a sort, each with whether it is reversed.
fn sort_keys(text: &str) -> Result<Vec<(Key, bool)>, ApiError> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let key = |word: &str| {
        let (name, reversed) = match word.strip_prefix('-') {
            Some(name) => (name, true),
            None => (word, false),
        };
        match name {
            "displayName" => Ok((Key::DisplayName, reversed)),
            "lastSeen" => Ok((Key::LastSeen, reversed)),
            _ => {
                let word: String = word.chars().take(64).collect();
                Err(ApiError::invalid(format!(
                    "sort: there is no {word:?}; there are displayName and lastSeen, with - in front for descending"
                )))
            }
        }
    };
    words.take(8).map(key).collect()
}

/// What one member is sorted by.
struct Sortable {
    id: MemberId,
    number: usize,
    display_name: String,
    last_seen_ms: i64,
}

fn display_name(member: &MemberState) -> String {
    let name = format!("{} {}", member.first_name, member.last_name);
    let name = name.trim();
    let shown = if name.is_empty() {
        member.email.as_str()
    } else {
        name
    };
    shown.to_lowercase()
}

fn compare(one: &Sortable, other: &Sortable, keys: &[(Key, bool)]) -> Ordering {
    for (key, reversed) in keys {
        let order = match key {
            Key::DisplayName => one.display_name.cmp(&other.display_name),
            Key::LastSeen => one.last_seen_ms.cmp(&other.last_seen_ms),
        };
        let order = if *reversed { order.reverse() } else { order };
        if order != Ordering::Equal {
            return order;
        }
    }
    // In the order of invitation, as without a sort.
    one.number.cmp(&other.number)
}

/// A page of the members that match, and how many match. Under the lock they are only looked through.
fn select(
    node: &Node,
    caller: &Caller,
    view: &View,
    filter: &Filter,
    keys: &[(Key, bool)],
    page: Page,
) -> Result<(Vec<MemberId>, u64), ApiError> {
    let mut found = caller.actor_in(node, view, |state, _| {
        let active = state.members.values().filter(|member| member.is_active());
        active
            .filter_map(|member| {
                let seen = last_seen(node, caller, view, member.id);
                filter.matches(state, member, seen).then(|| Sortable {
                    id: member.id,
                    number: member.number,
                    display_name: display_name(member),
                    last_seen_ms: seen.map_or(0, |seen| seen.last_ms),
                })
            })
            .collect::<Vec<_>>()
    })?;
    found.sort_unstable_by(|one, other| compare(one, other, keys));
    let total = found.len() as u64;
    let ids = found.iter().map(|one| one.id);
    let ids = ids.skip(page.offset as usize).take(page.limit as usize);
    Ok((ids.collect(), total))
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl ListMembers {
    /// List account members
    ///
    /// In the order in which they were invited, unless `sort` says otherwise. It needs `viewMember`,
    /// which every built-in role but `no_access` has.
    ///
    /// `filter` is a comma-separated list of `field:value`: `query` (in e-mail or name, whatever its
    /// case), `role` (base or custom roles; the owner counts as an admin), `id`, `email` (several with
    /// `|`), `team` (a key), `noteam` (true or false), `lastSeen` (`{"never":true}`, `{"noData":true}` or
    /// `{"before":1608672063611}`).
    #[oai(path = "/members", method = "get", operation_id = "getMembers")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the vendor's"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// How many members a page holds; 20 by default.
        Query(limit): Query<Option<i64>>,
        /// How many members to pass over.
        Query(offset): Query<Option<i64>>,
        /// Which members: `query:abc,role:admin|my-role`.
        Query(filter): Query<Option<String>>,
        /// `customRoles` and `roleAttributes`, comma-separated; both are always there.
        #[oai(name = "expand")]
        Query(expansions): Query<Option<String>>,
        /// `displayName` or `lastSeen`, comma-separated, with `-` in front for descending.
        Query(sort): Query<Option<String>>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<Members>, ApiError> {
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        expand(expansions.as_deref(), &EXPAND)?;
        let wanted = Filter::parse(filter.as_deref().unwrap_or_default())?;
        let keys = sort_keys(sort.as_deref().unwrap_or_default())?;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        caller.actor_now(node, |_, actor| actor.require("viewMember", "member/any"))??;
        let by_last_seen = keys.iter().any(|(key, _)| matches!(key, Key::LastSeen));
        if view.moment().is_some() && (by_last_seen || wanted.asks_when_last_seen()) {
            return Err(ApiError::invalid(
                "asOf: when a member was last seen is not kept for the past; leave lastSeen out of filter and sort",
            ));
        }
        let plain = wanted.is_empty() && keys.is_empty();
        let (ids, total_count) = if plain && view.moment().is_none() {
            node.wait_for_tables().await?;
            let listed = node.tables.list_members(caller.account(), page).await;
            listed.map_err(ApiError::internal)?
        } else {
            select(node, &caller, &view, &wanted, &keys, page)?
        };
        let query = [
            ("filter", filter),
            ("expand", expansions),
            ("sort", sort),
            ("asOf", as_of),
        ];
        let path = with_query("/api/v2/members", &query);
        Ok(Json(Members {
            items: shown_in(node, &caller, &view, &ids)?,
            links: page_links(&path, page, total_count),
            total_count,
        }))
    }
}
