//! Who is calling.

use poem_openapi::Object;

/// What the server knows of the credential of a call.
#[derive(Debug, Clone, Default, Object)]
#[oai(
    rename = "CallerIdentityRep",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub struct CallerIdentity {
    /// The account.
    pub account_id: String,
    /// `token` or `session`.
    pub auth_kind: String,
    /// `personal` or `service`; absent for a session.
    pub token_kind: Option<String>,
    /// The token's name.
    pub token_name: Option<String>,
    /// The token.
    pub token_id: Option<String>,
    /// Who is signed in, or who made the token.
    pub member_id: String,
    /// Whether it is a service token.
    pub service_token: Option<bool>,
    /// The token's scope: the built-in role, or the keys of its custom roles, or `inline`.
    pub scopes: Option<Vec<String>>,
    /// When the token ends by itself, Unix milliseconds.
    pub expires_at: Option<i64>,
}
