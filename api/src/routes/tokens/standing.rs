//! Where tokens stand: what they may do now, and why it is less than their scope.

use std::collections::HashMap;
use std::sync::Arc;

use keyledger_domain::grant::Grant;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::permission::Permission;
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::TokenStatus;

use super::cut_off_of;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::effective::status_name;
use crate::rep::standing::{Glance, Standing, glance};

/// A token as the list knows it.
pub(super) struct Listed<'a> {
    pub(super) id: TokenId,
    pub(super) scope: &'a Scope,
    pub(super) expiry_ms: Option<i64>,
}

/// What a scope and a ceiling are, where they have to be compared.
type Both = Option<(Permission, Permission)>;

fn looked_at(
    node: &Node,
    account: AccountId,
    one: &Listed<'_>,
    now_ms: i64,
) -> Option<(TokenStatus, Glance, Both, Option<MemberId>)> {
    // None: it was deleted meanwhile.
    let (grant, _) = node.live.grant(account, one.id)?;
    let look = |state: &keyledger_domain::state::State| {
        let personal = grant.kind == TokenKind::Personal;
        let gone = personal && state.member(grant.member).is_none();
        let expired = one.expiry_ms.is_some_and(|expiry| expiry <= now_ms);
        let status = match (gone, expired) {
            (true, _) => TokenStatus::Deactivated,
            (false, true) => TokenStatus::Expired,
            (false, false) => TokenStatus::Active,
        };
        let glance = glance(state, one.scope, &grant);
        let both = match glance.is_plain || gone {
            true => None,
            false => state.scope_and_ceiling(&grant),
        };
        (status, glance, both, follows(&grant))
    };
    node.live.with_state(account, look)
}

fn follows(grant: &Grant) -> Option<MemberId> {
    (grant.kind == TokenKind::Personal).then_some(grant.member)
}

/// Where each of some tokens stands, in their order; none for one that was deleted meanwhile.
pub(super) async fn standings(
    node: &Arc<Node>,
    account: AccountId,
    tokens: &[Listed<'_>],
) -> Result<Vec<Option<Standing>>, ApiError> {
    let now_ms = node.now_ms();
    let looks: Vec<_> = tokens
        .iter()
        .map(|one| looked_at(node, account, one, now_ms))
        .collect();
    let mut members: Vec<MemberId> = looks.iter().flatten().filter_map(|look| look.3).collect();
    members.sort_unstable();
    members.dedup();
    // Since when is in the tables, which follow.
    node.wait_for_tables().await?;
    let since = node.tables.members_since(account, &members).await;
    let since: HashMap<MemberId, i64> = since.map_err(ApiError::internal)?.into_iter().collect();
    let mut standings = Vec::with_capacity(looks.len());
    for look in looks {
        let Some((status, glance, both, member)) = look else {
            standings.push(None);
            continue;
        };
        standings.push(Some(Standing {
            status: status_name(status).to_owned(),
            role: glance.role,
            cut_off: cut_off_of(node, both).await?,
            member_has: glance.member_has,
            since: member.and_then(|member| since.get(&member).copied()),
        }));
    }
    Ok(standings)
}
