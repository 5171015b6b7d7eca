//! Events of a custom role.

use serde::{Deserialize, Serialize};

use crate::ids::RoleId;
use crate::policy::Statement;
use crate::role::BuiltIn;

/// `role.created` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleCreated {
    /// The role.
    pub id: RoleId,
    /// The key that people and scripts use; unique in the account while the role exists.
    pub key: String,
    /// The name.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// The policy.
    pub policy: Vec<Statement>,
    /// `reader` adds what a reader may do; `no_access` adds nothing.
    pub base_permissions: BuiltIn,
    /// The vendor's category; kept and shown, without effect.
    pub resource_category: Option<String>,
}

/// `role.updated` version 1: only what changed is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleUpdated {
    /// The role.
    pub id: RoleId,
    /// The name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The policy from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Vec<Statement>>,
    /// The base permissions from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_permissions: Option<BuiltIn>,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `role.deleted` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleDeleted {
    /// The role. What still refers to it is granted nothing by it.
    pub id: RoleId,
}
