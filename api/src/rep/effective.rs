//! What a token may do now: an extension that `expand=effectivePermission` asks for.

use keyledger_domain::grant::Grant;
use keyledger_domain::permission::LayerKind;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::{State, Token, TokenStatus};
use poem_openapi::{Enum, Object};

use super::statement::{Statement, from_domain};

/// Where a layer of a permission comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum LayerFrom {
    /// What the token was asked to be able to do.
    Scope,
    /// What its member may do now.
    Member,
    /// What its creator could do when it was made.
    Bound,
}

/// Policies of which any may allow.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct PermissionLayer {
    /// Where it comes from.
    pub from: LayerFrom,
    /// The policies; inside each, a matching deny wins.
    pub any_of: Vec<Vec<Statement>>,
}

/// What a token may do now: all of the layers must allow.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct EffectivePermission {
    /// `active`, `expired` or `deactivated`; only an active token may do anything.
    pub status: String,
    /// The built-in role that it comes down to, where it is as simple as that.
    pub role: Option<String>,
    /// The layers.
    pub all_of: Vec<PermissionLayer>,
}

/// The word for a status.
#[must_use]
pub const fn status_name(status: TokenStatus) -> &'static str {
    match status {
        TokenStatus::Active => "active",
        TokenStatus::Expired => "expired",
        TokenStatus::Deactivated => "deactivated",
        TokenStatus::Deleted => "deleted",
    }
}

/// The built-in role that a token's permission comes down to, where that is plain to see: the lower of
/// its scope and its member's base role, or for a service token the role that it was made with.
#[must_use]
pub fn effective_role(state: &State, scope: &Scope, grant: &Grant) -> Option<BuiltIn> {
    let Scope::Role(scope) = *scope else {
        return None;
    };
    let role = match grant.kind {
        TokenKind::Personal => state.member(grant.member)?.rank()?.min(scope),
        TokenKind::Service => scope,
    };
    let within = |layer: &Vec<_>| role.is_plainly_within(layer);
    grant.bounds.iter().all(within).then_some(role)
}

/// What a token may do now.
#[must_use]
pub fn effective(state: &State, token: &Token, now_ms: i64) -> EffectivePermission {
    let status = state.token_status(token, now_ms);
    let layers = state
        .grant_permission(&token.grant)
        .map(|permission| permission.layers)
        .unwrap_or_default();
    EffectivePermission {
        status: status_name(status).to_owned(),
        role: effective_role(state, &token.scope, &token.grant).map(|role| role.to_string()),
        all_of: layers
            .iter()
            .map(|layer| PermissionLayer {
                from: match layer.kind {
                    LayerKind::Scope => LayerFrom::Scope,
                    LayerKind::Member => LayerFrom::Member,
                    LayerKind::Bound => LayerFrom::Bound,
                },
                any_of: layer
                    .policies
                    .iter()
                    .map(|policy| from_domain(policy.statements()))
                    .collect(),
            })
            .collect(),
    }
}
