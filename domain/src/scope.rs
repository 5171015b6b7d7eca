//! A token's kind and scope.

use serde::{Deserialize, Serialize};

use crate::ids::RoleId;
use crate::policy::Statement;
use crate::role::BuiltIn;

/// Whose ceiling bounds a token, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Follows its member: the ceiling is the member's permission now.
    Personal,
    /// Stays as created: the ceiling is the creator's permission then.
    Service,
}

/// Exactly one of a built-in role, custom roles and an in-line policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A built-in role: reader, writer or admin.
    Role(BuiltIn),
    /// Custom roles: their policies now for a personal token, as they were at creation for a service token.
    CustomRoles(Vec<RoleId>),
    /// A policy of the token's own.
    Inline(Vec<Statement>),
}

/// Whether a service token's custom roles are taken as they were or as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleBinding {
    /// The policies at creation, recorded in the event.
    #[default]
    Frozen,
    /// The policies now, for a service token whose creator asked for it.
    Live,
}

impl RoleBinding {
    /// The name in JSON and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Live => "live",
        }
    }
}
