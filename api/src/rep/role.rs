//! Custom roles.

use keyledger_domain::state;
use poem_openapi::Object;
use serde::Deserialize;

use super::access::Access;
use super::link::{Links, links};
use super::statement::{Statement, from_domain};

/// A custom role.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct CustomRole {
    /// The role's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// Where the role is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The key.
    pub key: String,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The policy.
    pub policy: Vec<Statement>,
    /// `reader` adds what a reader may do; `no_access` adds nothing.
    pub base_permissions: String,
    /// The vendor's category, without effect here.
    pub resource_category: Option<String>,
    /// What the caller may do with the role, and why.
    #[oai(rename = "_access")]
    pub access: Access,
    /// Who has the role.
    pub assigned_to: AssignedTo,
}

/// Who has a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct AssignedTo {
    /// How many members have it by themselves.
    pub members_count: u64,
    /// How many teams give it.
    pub teams_count: u64,
}

/// A page of custom roles.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct CustomRoles {
    /// The roles of this page.
    pub items: Vec<CustomRole>,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
    /// How many there are on all pages.
    pub total_count: u64,
}

/// The form of a new custom role.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct CustomRolePost {
    /// The name.
    pub name: String,
    /// The key: letters, digits, `.`, `_` and `-`; unique in the account.
    pub key: String,
    /// The description.
    pub description: Option<String>,
    /// The policy.
    pub policy: Vec<Statement>,
    /// `no_access` (the default) or `reader`.
    pub base_permissions: Option<String>,
    /// `organization`, `project` or `any`.
    pub resource_category: Option<String>,
}

/// A custom role for the wire.
#[must_use]
pub fn role(role: &state::Role, access: Access, assigned_to: AssignedTo) -> CustomRole {
    CustomRole {
        id: role.id.to_string(),
        links: links([
            ("self", format!("/api/v2/roles/{}", role.key)),
            ("parent", "/api/v2/roles".to_owned()),
        ]),
        key: role.key.clone(),
        name: role.name.clone(),
        description: (!role.description.is_empty()).then(|| role.description.clone()),
        policy: from_domain(&role.policy),
        base_permissions: role.base_permissions.to_string(),
        resource_category: role.resource_category.clone(),
        access,
        assigned_to,
    }
}
