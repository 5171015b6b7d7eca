//! A token, as the tables have it.

use keyledger_domain::ids::{MemberId, TokenId};
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};
use keyledger_eventstore::Position;
use sqlx::sqlite::SqliteRow;

use super::error::TablesError;
use super::row::{cell, damage, json_or_null, number, parsed, parsed_or_null};

/// A row of the table `token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The token.
    pub id: TokenId,
    /// Personal or service.
    pub kind: TokenKind,
    /// The member who made it.
    pub member: MemberId,
    /// Empty when not given.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// What it was asked to be able to do.
    pub scope: Scope,
    /// Whether a service token's custom roles are taken as they were or as they are.
    pub role_binding: RoleBinding,
    /// The last four characters of its secret.
    pub ending: String,
    /// When it ends by itself, Unix milliseconds.
    pub expiry_ms: Option<i64>,
    /// Until when the secret before the last reset works, Unix milliseconds; it may be in the past.
    pub previous_secret_until_ms: Option<i64>,
    /// The API version of calls that name none.
    pub default_api_version: u32,
    /// The token that it was cloned from.
    pub cloned_from: Option<TokenId>,
    /// When it was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// When anything about it last changed, Unix milliseconds.
    pub modified_at_ms: i64,
    /// How many events its stream has.
    pub version: i64,
    /// The last event that changed it.
    pub last_position: Position,
}

pub(super) const fn kind_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Personal => "personal",
        TokenKind::Service => "service",
    }
}

/// The kind of a row.
pub(super) fn kind(row: &SqliteRow) -> Result<TokenKind, TablesError> {
    match cell(row, "kind")? {
        "personal" => Ok(TokenKind::Personal),
        "service" => Ok(TokenKind::Service),
        other => Err(damage("kind", format!("no kind is {other:?}"))),
    }
}

fn scope(row: &SqliteRow) -> Result<Scope, TablesError> {
    let missing = || damage("scope_kind", "its column is null");
    match cell(row, "scope_kind")? {
        "role" => Ok(Scope::Role(parsed(row, "role")?)),
        "custom_roles" => {
            let texts: Vec<String> = json_or_null(row, "custom_role_ids")?.ok_or_else(missing)?;
            let ids = texts.iter().map(|text| text.parse());
            ids.collect::<Result<_, _>>()
                .map(Scope::CustomRoles)
                .map_err(|error| damage("custom_role_ids", error))
        }
        "inline" => Ok(Scope::Inline(
            json_or_null(row, "inline_role")?.ok_or_else(missing)?,
        )),
        other => Err(damage("scope_kind", format!("no kind is {other:?}"))),
    }
}

impl TokenRow {
    /// Reads a row of `list_tokens_*.sql`.
    pub(super) fn read(row: &SqliteRow) -> Result<Self, TablesError> {
        Ok(Self {
            id: parsed(row, "token_id")?,
            kind: kind(row)?,
            member: parsed(row, "member_id")?,
            name: cell(row, "name")?,
            description: cell(row, "description")?,
            scope: scope(row)?,
            role_binding: match cell(row, "role_binding")? {
                "frozen" => RoleBinding::Frozen,
                "live" => RoleBinding::Live,
                other => return Err(damage("role_binding", format!("no binding is {other:?}"))),
            },
            ending: cell(row, "ending")?,
            expiry_ms: cell(row, "expiry_ms")?,
            previous_secret_until_ms: cell(row, "previous_secret_until_ms")?,
            default_api_version: number(row, "default_api_version")?,
            cloned_from: parsed_or_null(row, "cloned_from")?,
            created_at_ms: cell(row, "created_at_ms")?,
            modified_at_ms: cell(row, "modified_at_ms")?,
            version: cell(row, "version")?,
            last_position: Position::new(cell(row, "last_position")?),
        })
    }
}
