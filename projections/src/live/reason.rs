//! Why an answer is what it is, in words for programs.

use keyledger_domain::permission::LayerKind;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::Refusal;

use super::answer::{AuthFailure, DecideFailure};
use super::judge::{Holder, Judged, ScopeKind};

/// Why a decision is what it is, as a word for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Judged {
    /// Whether it is allowed.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        self.outcome.is_ok()
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        Reason::of(&self.outcome)
    }

    /// The layer that refused, as a word: `scope` or `ceiling`.
    #[must_use]
    pub const fn layer(&self) -> Option<&'static str> {
        match &self.outcome {
            Err(DecideFailure::Refused(refusal)) => match refusal.layer() {
                Some(LayerKind::Scope) => Some("scope"),
                Some(LayerKind::Member | LayerKind::Bound) => Some("ceiling"),
                None => None,
            },
            _ => None,
        }
    }
}

impl ScopeKind {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::CustomRoles => "customRoles",
            Self::Policy => "policy",
        }
    }
}

impl Holder {
    /// Personal or service, as a word.
    #[must_use]
    pub const fn kind_word(&self) -> &'static str {
        match self.kind {
            TokenKind::Personal => "personal",
            TokenKind::Service => "service",
        }
    }

    /// Who the token acts as: its member, `member/<id>`, or itself, `service-token/<id>`.
    #[must_use]
    pub fn subject(&self) -> String {
        match self.kind {
            TokenKind::Personal => format!("member/{}", self.member),
            TokenKind::Service => format!("service-token/{}", self.token),
        }
    }
}
