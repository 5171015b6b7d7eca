//! What the index answers.

use keyledger_domain::grant::Grant;
use keyledger_domain::ids::{AccountId, TokenId};
use keyledger_domain::state::Refusal;

/// The token behind a secret. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The token.
    pub token: TokenId,
    /// How many events its stream has.
    pub version: i64,
    /// What it was given.
    pub grant: Grant,
    /// When it ends by itself, Unix milliseconds.
    pub expiry_ms: Option<i64>,
    /// The API version of its calls that name none.
    pub default_api_version: u32,
}

/// Why a secret is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AuthFailure {
    /// It has not the shape or the checksum of a secret; nothing was hashed.
    #[error("malformed secret")]
    Malformed,
    /// No token has it: there never was one, it was deleted, or the secret was replaced.
    #[error("unknown secret")]
    Unknown,
    /// Its token has expired.
    #[error("expired token")]
    Expired,
    /// The member of its personal token was removed.
    #[error("deactivated token")]
    Deactivated,
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecideFailure {
    /// Nobody is asking whom the service knows: 401.
    #[error(transparent)]
    Auth(#[from] AuthFailure),
    /// The token works but may not do this: 403.
    #[error("refused: {0:?}")]
    Refused(Refusal),
}

impl From<Refusal> for DecideFailure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Deactivated => Self::Auth(AuthFailure::Deactivated),
            other => Self::Refused(other),
        }
    }
}
