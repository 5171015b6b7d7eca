//! A custom role, as the events left it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::RoleId;
use crate::policy::{Policy, PolicyError, Statement};
use crate::role::{BuiltIn, own_tokens_statements, reader_statements};

/// A custom role of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The role's id.
    pub id: RoleId,
    /// How many roles of the account were made before: their order, which ids and times do not give.
    pub number: usize,
    /// How many events the stream has.
    pub version: i64,
    /// The key.
    pub key: String,
    /// The name.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// The policy as it was given.
    pub policy: Vec<Statement>,
    /// `reader` or `no_access`.
    pub base_permissions: BuiltIn,
    /// The vendor's category, without effect.
    pub resource_category: Option<String>,
    /// What the role allows a token that has it as scope.
    #[serde(skip)]
    pub as_scope: Arc<Policy>,
    /// What the role allows a member that has it.
    #[serde(skip)]
    pub as_member: Arc<Policy>,
    /// When the role was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// Whether it was deleted; then it grants nothing.
    pub deleted: bool,
}

/// The policies of a role: for a token's scope, and for a member.
///
/// The base permissions are part of the same policy, so that a deny of the role wins against them.
///
/// # Errors
/// When the statements are no policy.
pub(super) fn compile(
    policy: &[Statement],
    base: BuiltIn,
) -> Result<(Arc<Policy>, Arc<Policy>), PolicyError> {
    let mut statements = policy.to_vec();
    if base < BuiltIn::Reader {
        let both = Arc::new(Policy::parse_stored(statements)?);
        return Ok((Arc::clone(&both), both));
    }
    statements.extend(reader_statements());
    let as_scope = Policy::parse_stored(statements.clone())?;
    statements.extend(own_tokens_statements());
    let as_member = Policy::parse_stored(statements)?;
    Ok((Arc::new(as_scope), Arc::new(as_member)))
}
