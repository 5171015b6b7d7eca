//! Events of an account.

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;

/// `account.created` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCreated {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The plan it is on: `starter`, `pro` or `enterprise`.
    pub plan: String,
}
