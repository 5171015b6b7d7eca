//! A token, as the events left it.

use crate::event::{Digest, TokenCreated};
use crate::grant::Grant;
use crate::ids::TokenId;
use crate::scope::{RoleBinding, Scope, TokenKind};

/// The secret before the last reset, in its grace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousSecret {
    /// Its digest.
    pub digest: Digest,
    /// Until when it works, Unix milliseconds.
    pub until_ms: i64,
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token's id.
    pub id: TokenId,
    /// How many events the stream has.
    pub version: i64,
    /// The name; empty when not given.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// What it was asked to be able to do.
    pub scope: Scope,
    /// Whether a service token's custom roles are taken as they were or as they are.
    pub role_binding: RoleBinding,
    /// What it was given.
    pub grant: Grant,
    /// The digest of its secret.
    pub digest: Digest,
    /// The last four characters of its secret.
    pub ending: String,
    /// The secret before the last reset, if it was given a grace.
    pub previous: Option<PreviousSecret>,
    /// When it ends by itself, Unix milliseconds.
    pub expiry_ms: Option<i64>,
    /// The API version of calls that name none.
    pub default_api_version: u32,
    /// When it was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was last changed, Unix milliseconds.
    pub modified_at_ms: i64,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Token {
    /// A new token with what it was given, which the caller has parsed: [`Grant::of_created`] of the same event.
    #[must_use]
    pub fn created(event: &TokenCreated, grant: Grant, recorded_at_ms: i64) -> Self {
        Self {
            id: event.id,
            version: 1,
            name: event.name.clone(),
            description: event.description.clone(),
            scope: event.scope.clone(),
            role_binding: event.role_binding,
            grant,
            digest: event.digest,
            ending: event.ending.clone(),
            previous: None,
            expiry_ms: event.expiry_ms,
            default_api_version: event.default_api_version,
            created_at_ms: recorded_at_ms,
            modified_at_ms: recorded_at_ms,
            deleted: false,
        }
    }

    /// The resource that stands for the token in policies.
    #[must_use]
    pub fn resource(&self) -> String {
        resource_of(
            self.grant.kind,
            &self.grant.member.to_string(),
            &self.id.to_string(),
        )
    }
}

/// The resource that stands for a token in policies: a service token names its creator as a property,
/// so that a policy can speak of "the service tokens that I made".
#[must_use]
pub fn resource_of(kind: TokenKind, member: &str, token: &str) -> String {
    match kind {
        TokenKind::Personal => format!("member/{member}:token/{token}"),
        TokenKind::Service => format!("service-token/{token};{{creator:{member}}}"),
    }
}
