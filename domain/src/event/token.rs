//! Events of a token. They hold the digest of a secret, never the secret.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{MemberId, TokenId};
use crate::policy::{RoleAttributes, Statement};
use crate::scope::{RoleBinding, Scope, TokenKind};

/// HMAC-SHA256 of a secret under the pepper of a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Digest {
    /// The number of the pepper.
    pub pepper: u32,
    /// The 32 bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: [u8; 32],
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest(pepper {})", self.pepper)
    }
}

/// Policies by value, of which any may allow: a layer of a permission as it was at one moment.
pub type FrozenPolicies = Vec<Vec<Statement>>;

/// `token.created` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCreated {
    /// The token.
    pub id: TokenId,
    /// Personal or service.
    pub kind: TokenKind,
    /// The creator; for a personal token the member whose permission is the ceiling.
    pub member: MemberId,
    /// The name; empty when not given.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// What the token was asked to be able to do.
    pub scope: Scope,
    /// A service token's scope by value, unless it is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen_scope: Option<FrozenPolicies>,
    /// Whether a service token's custom roles are taken as they were or as they are.
    pub role_binding: RoleBinding,
    /// The creator's role attributes at creation; only a live service token needs them.
    #[serde(default, skip_serializing_if = "RoleAttributes::is_empty")]
    pub role_attributes: RoleAttributes,
    /// Permissions by value all of which must allow: a service token's ceiling, and what bounded the
    /// token with which this one was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<FrozenPolicies>,
    /// The digest of the secret.
    pub digest: Digest,
    /// The last four characters of the secret.
    pub ending: String,
    /// When it ends by itself, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_ms: Option<i64>,
    /// The API version of calls that name none.
    pub default_api_version: u32,
    /// The token that it was cloned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloned_from: Option<TokenId>,
}

/// `token.reset` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenReset {
    /// The token.
    pub id: TokenId,
    /// The digest of the new secret.
    pub digest: Digest,
    /// The last four characters of the new secret.
    pub ending: String,
    /// Until when the secret before this one still works, Unix milliseconds. None: not any more.
    /// Any secret older than that one is dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_until_ms: Option<i64>,
}

/// `token.updated` version 1: only what changed is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUpdated {
    /// The token.
    pub id: TokenId,
    /// The name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The scope from now on, with the bounds that go with it. Personal tokens only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The bounds from now on; only together with `scope`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<FrozenPolicies>,
    /// The expiry from now on, Unix milliseconds; `Some(0)` takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_ms: Option<i64>,
    /// The API version from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_api_version: Option<u32>,
}

/// `token.deleted` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenDeleted {
    /// The token.
    pub id: TokenId,
}
