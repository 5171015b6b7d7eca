//! What every door says: allowed or why not, about whom, as of which position.

use keyledger_domain::permission::LayerKind;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::Refusal;
use keyledger_projections::{AuthFailure, DecideFailure, Holder, Judged, ScopeKind};
use serde::Serialize;

use super::ids::DecisionId;

/// Why a decision is what it is, as a word for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The scope allows it and every ceiling does.
    Allowed,
    /// No token has this secret or id: there never was one, it was deleted, or its secret was replaced.
    Unknown,
    /// The token has expired.
    Expired,
    /// The member of a personal token left.
    Deactivated,
    /// A statement denies it; `layer` says whose.
    DeniedByStatement,
    /// Nothing in the token's scope speaks for it.
    NotAllowedByScope,
    /// The scope allows it, but nothing in the ceiling does: the member's permission now, or what was frozen when
    /// the token was made.
    NotAllowedByCeiling,
}

impl Reason {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Deactivated => "deactivated",
            Self::DeniedByStatement => "denied_by_statement",
            Self::NotAllowedByScope => "not_allowed_by_scope",
            Self::NotAllowedByCeiling => "not_allowed_by_ceiling",
        }
    }

    /// Whether the token itself does not work, whatever is asked of it: 401 where a refusal is 403.
    #[must_use]
    pub const fn is_of_token(self) -> bool {
        matches!(self, Self::Unknown | Self::Expired | Self::Deactivated)
    }

    /// The reason of an outcome.
    #[must_use]
    pub const fn of(outcome: &Result<(), DecideFailure>) -> Self {
        match outcome {
            Ok(()) => Self::Allowed,
            Err(DecideFailure::Auth(AuthFailure::Malformed | AuthFailure::Unknown)) => {
                Self::Unknown
            }
            Err(DecideFailure::Auth(AuthFailure::Expired)) => Self::Expired,
            Err(
                DecideFailure::Auth(AuthFailure::Deactivated)
                | DecideFailure::Refused(Refusal::Deactivated),
            ) => Self::Deactivated,
            Err(DecideFailure::Refused(Refusal::DeniedBy(_))) => Self::DeniedByStatement,
            Err(DecideFailure::Refused(Refusal::NotAllowedBy(LayerKind::Scope))) => {
                Self::NotAllowedByScope
            }
            Err(DecideFailure::Refused(Refusal::NotAllowedBy(
                LayerKind::Member | LayerKind::Bound,
            ))) => Self::NotAllowedByCeiling,
        }
    }
}

/// The layer that refused, as a word: the scope, or the ceiling.
#[must_use]
pub(super) const fn layer_word(outcome: &Result<(), DecideFailure>) -> Option<&'static str> {
    match outcome {
        Err(DecideFailure::Refused(refusal)) => match refusal.layer() {
            Some(LayerKind::Scope) => Some("scope"),
            Some(LayerKind::Member | LayerKind::Bound) => Some("ceiling"),
            None => None,
        },
        _ => None,
    }
}

/// Personal or service, as a word.
#[must_use]
pub(crate) const fn kind_word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Personal => "personal",
        TokenKind::Service => "service",
    }
}

/// How the scope was given, as a word.
#[must_use]
pub(crate) const fn scope_word(scope: ScopeKind) -> &'static str {
    match scope {
        ScopeKind::Role => "role",
        ScopeKind::CustomRoles => "customRoles",
        ScopeKind::Policy => "policy",
    }
}

/// Who a token acts as: its member, or itself.
pub(super) fn subject_of(holder: &Holder) -> String {
    match holder.kind {
        TokenKind::Personal => format!("member/{}", holder.member),
        TokenKind::Service => format!("service-token/{}", holder.token),
    }
}

/// A decision with its id.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// What was decided.
    pub judged: Judged,
    /// Its name, in answers and in the decision log.
    pub id: DecisionId,
}

impl Verdict {
    /// Whether it is allowed.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        self.judged.outcome.is_ok()
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        Reason::of(&self.judged.outcome)
    }

    /// The token, unless a caller of this account may not know of it.
    #[must_use]
    pub const fn holder(&self) -> Option<&Holder> {
        self.judged.holder.as_ref()
    }
}
