//! Tokens whose effective permission changed, or would change.

use keyledger_domain::containment::Surplus;
use keyledger_domain::difference::{Change, Difference};
use keyledger_domain::ids::{MemberId, TokenId};
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::State;
use keyledger_projections::TokenChange;
use poem_openapi::{Enum, Object};

use super::effective::status_name;
use super::explanation::{ExplanationStep, step};
use super::link::Links;

/// How a permission changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum PermissionChangeKind {
    /// It allowed nothing, and allows something.
    Gained,
    /// It allowed something, and allows nothing.
    Lost,
    /// It allows less.
    Narrowed,
    /// It allows more.
    Widened,
    /// It allows some things more and others less.
    Moved,
    /// The policies are too many or too intricate to be compared exactly.
    Unsettled,
}

/// Something that is allowed or not.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Example {
    /// The action.
    pub action: String,
    /// The resource, with the tags and properties that matter.
    pub resource: String,
}

/// A token whose permission changed, or would change.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct PermissionChange {
    /// The token.
    pub token_id: String,
    /// Its name.
    pub name: Option<String>,
    /// Who made it.
    pub member_id: String,
    /// Whether it is a service token.
    pub service_token: bool,
    /// How its permission changes.
    pub change: PermissionChangeKind,
    /// Something that is allowed after, and not before.
    pub more: Option<Example>,
    /// Something that is allowed before, and not after.
    pub less: Option<Example>,
    /// Its status before, of what has happened; absent before it was made.
    pub status_before: Option<String>,
    /// Its status after.
    pub status_after: Option<String>,
    /// The events that changed it, the oldest first; none where only the time did, as with an expiry.
    pub causes: Option<Vec<ExplanationStep>>,
}

/// What a change that is not made yet would do.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct WhatIf {
    /// Tokens whose permission would change, as far as the caller may see them.
    pub items: Vec<PermissionChange>,
    /// How many tokens would change, those that are not among the items included.
    pub total_count: u64,
    /// How many of them the caller may not see.
    pub hidden_count: u64,
}

/// What changed between two moments.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct PermissionChanges {
    /// Tokens whose permission changed.
    pub items: Vec<PermissionChange>,
    /// The earlier moment's last event.
    pub from_position: i64,
    /// The later moment's last event.
    pub to_position: i64,
    /// How many tokens there are whose policies changed. A few of them may allow the same as before: those are
    /// counted, and are not among the items.
    pub total_count: u64,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
}

fn example(surplus: &Surplus) -> Example {
    Example {
        action: surplus.action.clone(),
        resource: surplus.resource.clone(),
    }
}

const fn kind_of(change: Option<Change>) -> PermissionChangeKind {
    match change {
        Some(Change::Gained) => PermissionChangeKind::Gained,
        Some(Change::Lost) => PermissionChangeKind::Lost,
        Some(Change::Narrowed) => PermissionChangeKind::Narrowed,
        Some(Change::Widened) => PermissionChangeKind::Widened,
        Some(Change::Moved) => PermissionChangeKind::Moved,
        Some(Change::Same) | None => PermissionChangeKind::Unsettled,
    }
}

/// A token's change for the wire.
#[must_use]
pub fn change(
    (token, name): (TokenId, &str),
    (kind, member): (TokenKind, MemberId),
    difference: Option<&Difference>,
) -> PermissionChange {
    PermissionChange {
        token_id: token.to_string(),
        name: (!name.is_empty()).then(|| name.to_owned()),
        member_id: member.to_string(),
        service_token: kind == TokenKind::Service,
        change: kind_of(difference.and_then(|known| known.change)),
        more: difference.and_then(|known| known.more.as_ref().map(example)),
        less: difference.and_then(|known| known.less.as_ref().map(example)),
        status_before: None,
        status_after: None,
        causes: None,
    }
}

/// What happened to a token, for the wire; none for one that is not in the state.
#[must_use]
pub fn happened(state: &State, item: &TokenChange) -> Option<PermissionChange> {
    let token = state.tokens.get(&item.token)?;
    let grant = &token.grant;
    let name = (item.token, token.name.as_str());
    let status = |status: Option<_>| status.map(|status| status_name(status).to_owned());
    Some(PermissionChange {
        status_before: status(item.before),
        status_after: status(item.after),
        causes: Some(item.causes.iter().map(|one| step(state, one)).collect()),
        ..change(name, (grant.kind, grant.member), Some(&item.difference))
    })
}
