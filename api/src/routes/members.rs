//! `/api/v2/members`.

mod bulk;
mod delete;
pub(super) mod excluding;
mod filter;
mod get;
mod invitation;
mod invite;
mod list;
mod patch;
mod teams;

use keyledger_domain::ids::MemberId;
use poem_openapi::OpenApi;

pub(super) use invite::attributes;
pub(super) use patch::patched;

use crate::as_of::View;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::member::{Member, member};
use crate::usage::Seen;

/// The operations on members.
pub fn all() -> impl OpenApi {
    (
        list::ListMembers,
        bulk::PatchMembers,
        invite::InviteMembers,
        invitation::Invite,
        get::GetMember,
        patch::PatchMember,
        teams::JoinTeams,
        delete::DeleteMember,
    )
}

pub(super) fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(64).collect();
    ApiError::not_found(format!("unknown member: {id:?}"))
}

/// The member of a path; `me` is the caller's.
pub(super) fn parse_id(caller: &Caller, id: &str) -> Result<MemberId, ApiError> {
    if id == "me" {
        return Ok(caller.member_id());
    }
    id.parse().map_err(|_| unknown(id))
}

/// A member as the memory has it, for the wire.
fn answer(node: &Node, caller: &Caller, id: MemberId) -> Result<Member, ApiError> {
    let shown = shown(node, caller, &[id]);
    shown
        .into_iter()
        .next()
        .ok_or_else(|| unknown(&id.to_string()))
}

/// When a member was last seen; it is not kept for the past.
fn last_seen(node: &Node, caller: &Caller, view: &View, id: MemberId) -> Option<Seen> {
    match view {
        View::Now => node.usage.last_seen(caller.account(), id),
        View::Then { .. } => None,
    }
}

/// Members as a view has them, for the wire.
fn shown_in(
    node: &Node,
    caller: &Caller,
    view: &View,
    ids: &[MemberId],
) -> Result<Vec<Member>, ApiError> {
    caller.actor_in(node, view, |state, _| {
        let found = ids.iter().filter_map(|id| state.members.get(id));
        found
            .map(|found| member(state, found, last_seen(node, caller, view, found.id)))
            .collect()
    })
}

/// Members as the memory has them, for the wire, removed ones included: a repeated request is told of whom
/// it once made.
fn shown(node: &Node, caller: &Caller, ids: &[MemberId]) -> Vec<Member> {
    let account = caller.account();
    let items = node.live.with_state(account, |state| {
        ids.iter()
            .filter_map(|id| state.members.get(id))
            .map(|found| member(state, found, node.usage.last_seen(account, found.id)))
            .collect()
    });
    items.unwrap_or_default()
}
