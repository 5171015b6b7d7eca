//! Events of an account.

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::plan::Plan;

/// `account.created` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCreated {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The plan it is on.
    pub plan: Plan,
}

/// `account.plan_changed` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPlanChanged {
    /// The plan before.
    pub from: Plan,
    /// The plan from now on.
    pub to: Plan,
}
