//! Access tokens.

use keyledger_domain::ids::{MemberId, TokenId};
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};
use keyledger_domain::state::{self, State};
use keyledger_projections::TokenRow;
use poem_openapi::Object;
use serde::Deserialize;

use super::effective::EffectivePermission;
use super::link::{Links, links};
use super::member::{MemberSummary, summary};
use super::standing::Standing;
use super::statement::{Statement, from_domain};

/// An access token.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Token {
    /// The token's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// The owner of the account.
    pub owner_id: String,
    /// Who made the token; a personal token follows this member.
    pub member_id: String,
    /// The same member, in short.
    #[oai(rename = "_member")]
    pub member: Option<MemberSummary>,
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// When it was made, Unix milliseconds.
    pub creation_date: i64,
    /// When it was last changed, Unix milliseconds.
    pub last_modified: i64,
    /// Its custom roles, by id, if they are its scope.
    pub custom_role_ids: Option<Vec<String>>,
    /// Its in-line policy, if that is its scope.
    pub inline_role: Option<Vec<Statement>>,
    /// Its built-in role, if that is its scope.
    pub role: Option<String>,
    /// The secret in the answer to create, clone and reset; else its last four characters.
    pub token: String,
    /// Whether it is a service token.
    pub service_token: bool,
    /// How a service token takes its custom roles: `frozen` as they were, or `live` (extension).
    pub role_binding: Option<String>,
    /// Where the token is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The API version of calls that name none.
    pub default_api_version: u32,
    /// When it last authenticated a call, Unix milliseconds; 0 when it never did. Absent in an answer `asOf` an
    /// earlier moment than its last use, because the uses before that are not kept.
    pub last_used: Option<i64>,
    /// When it ends by itself, Unix milliseconds.
    pub expiry: Option<i64>,
    /// Until when the secret before the last reset works, Unix milliseconds (extension).
    #[oai(rename = "_previousSecretExpiry")]
    pub previous_secret_expiry: Option<i64>,
    /// In the answer to create and clone: something that the scope allows and the token may still not do,
    /// because its maker may not; absent where nothing is cut off (extension).
    #[oai(rename = "_cutOff")]
    pub cut_off: Option<CutOff>,
    /// What it may do now, with `expand=effectivePermission` (extension).
    #[oai(rename = "_effectivePermission")]
    pub effective_permission: Option<EffectivePermission>,
    /// How that stands to its scope, with `expand=standing` (extension).
    #[oai(rename = "_standing")]
    pub standing: Option<Standing>,
}

/// An example of what a token's ceiling cuts off from its scope, found exactly.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CutOff {
    /// The action.
    pub action: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// Whether the policies are too intricate to be compared: then there is no example, and may be no need.
    pub unsettled: bool,
}

/// A page of tokens.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct Tokens {
    /// The tokens of this page.
    pub items: Vec<Token>,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
    /// How many there are on all pages.
    pub total_count: u64,
}

/// The form of a new token: exactly one of `role`, `customRoleIds` and `inlineRole`.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct AccessTokenPost {
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// A built-in role: reader, writer or admin.
    pub role: Option<String>,
    /// Custom roles, by key or id.
    pub custom_role_ids: Option<Vec<String>>,
    /// A policy of the token's own.
    pub inline_role: Option<Vec<Statement>>,
    /// Whether it is a service token.
    pub service_token: Option<bool>,
    /// The API version of calls that name none.
    pub default_api_version: Option<u32>,
    /// When it ends by itself, Unix milliseconds.
    pub expiry: Option<i64>,
    /// `frozen` (the default) or `live`: how a service token takes its custom roles (extension).
    pub role_binding: Option<String>,
}

/// The form of a clone; what is absent is as in the source.
#[derive(Debug, Clone, Default, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct TokenClonePost {
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// When it ends by itself, Unix milliseconds; never, when absent.
    pub expiry: Option<i64>,
}

/// What a token is shown by: its own fields, wherever they were read.
pub struct TokenFields<'a> {
    /// The token's id.
    pub id: TokenId,
    /// Personal or service.
    pub kind: TokenKind,
    /// Who made it.
    pub member: MemberId,
    /// The name.
    pub name: &'a str,
    /// The description.
    pub description: &'a str,
    /// The scope.
    pub scope: &'a Scope,
    /// How a service token takes its custom roles.
    pub role_binding: RoleBinding,
    /// The last four characters of the secret.
    pub ending: &'a str,
    /// When it ends, Unix milliseconds.
    pub expiry_ms: Option<i64>,
    /// Until when the secret before works, Unix milliseconds.
    pub previous_until_ms: Option<i64>,
    /// The default API version.
    pub default_api_version: u32,
    /// When it was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was changed, Unix milliseconds.
    pub modified_at_ms: i64,
}

impl<'a> From<&'a state::Token> for TokenFields<'a> {
    fn from(token: &'a state::Token) -> Self {
        Self {
            id: token.id,
            kind: token.grant.kind,
            member: token.grant.member,
            name: &token.name,
            description: &token.description,
            scope: &token.scope,
            role_binding: token.role_binding,
            ending: &token.ending,
            expiry_ms: token.expiry_ms,
            previous_until_ms: token.previous.map(|previous| previous.until_ms),
            default_api_version: token.default_api_version,
            created_at_ms: token.created_at_ms,
            modified_at_ms: token.modified_at_ms,
        }
    }
}

impl<'a> From<&'a TokenRow> for TokenFields<'a> {
    fn from(row: &'a TokenRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            member: row.member,
            name: &row.name,
            description: &row.description,
            scope: &row.scope,
            role_binding: row.role_binding,
            ending: &row.ending,
            expiry_ms: row.expiry_ms,
            previous_until_ms: row.previous_secret_until_ms,
            default_api_version: row.default_api_version,
            created_at_ms: row.created_at_ms,
            modified_at_ms: row.modified_at_ms,
        }
    }
}

/// A token for the wire, its secret obscured. `last_used_ms` is 0 for never, and none where it is not
/// known.
#[must_use]
pub fn token(
    state: &State,
    fields: &TokenFields<'_>,
    last_used_ms: Option<i64>,
    now_ms: i64,
) -> Token {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (mut role, mut custom_role_ids, mut inline_role) = (None, None, None);
    match fields.scope {
        Scope::Role(name) => role = Some(name.to_string()),
        Scope::CustomRoles(ids) => {
            custom_role_ids = Some(ids.iter().map(ToString::to_string).collect());
        }
        Scope::Inline(statements) => inline_role = Some(from_domain(statements)),
    }
    let binding = fields.kind == TokenKind::Service && custom_role_ids.is_some();
    Token {
        owner_id: state
            .owner()
            .map_or_else(|| fields.member.to_string(), |owner| owner.id.to_string()),
        member_id: fields.member.to_string(),
        member: summary(state, fields.member),
        name: given(fields.name),
        description: given(fields.description),
        creation_date: fields.created_at_ms,
        last_modified: fields.modified_at_ms,
        custom_role_ids,
        inline_role,
        role,
        token: fields.ending.to_owned(),
        service_token: fields.kind == TokenKind::Service,
        role_binding: binding.then(|| fields.role_binding.name().to_owned()),
        links: links([
            ("self", format!("/api/v2/tokens/{}", fields.id)),
            ("parent", "/api/v2/tokens".to_owned()),
        ]),
        default_api_version: fields.default_api_version,
        last_used: last_used_ms,
        expiry: fields.expiry_ms,
        previous_secret_expiry: fields.previous_until_ms.filter(|until| *until > now_ms),
        cut_off: None,
        effective_permission: None,
        standing: None,
        id: fields.id.to_string(),
    }
}
