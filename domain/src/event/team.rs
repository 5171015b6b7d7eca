//! Events of a team.

use serde::{Deserialize, Serialize};

use crate::ids::{MemberId, RoleId, TeamId};
use crate::policy::RoleAttributes;

/// What a permission grant lets its members do with the team.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantActions {
    /// The vendor's set of the same name: what a maintainer does.
    MaintainTeam,
    /// These actions.
    Actions(Vec<String>),
}

/// A permission on the team itself, for some members.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TeamGrant {
    /// What they may do with the team.
    pub actions: GrantActions,
    /// Who; they need not be in the team.
    pub members: Vec<MemberId>,
}

/// `team.created` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamCreated {
    /// The team.
    pub id: TeamId,
    /// The key that people and scripts use; unique in the account while the team exists.
    pub key: String,
    /// The name.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// Who is in it.
    pub members: Vec<MemberId>,
    /// Custom roles, which its members have on top of their own.
    pub roles: Vec<RoleId>,
    /// Permissions on the team itself.
    pub grants: Vec<TeamGrant>,
    /// Role attributes, which its members have on top of their own.
    pub role_attributes: RoleAttributes,
}

/// `team.updated` version 1: only what changed is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamUpdated {
    /// The team.
    pub id: TeamId,
    /// The name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All role attributes from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_attributes: Option<RoleAttributes>,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `team.members_changed` version 1. A member who was removed from the account meanwhile is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamMembersChanged {
    /// The team.
    pub id: TeamId,
    /// Who is in it from now on besides.
    pub added: Vec<MemberId>,
    /// Who is not any more.
    pub removed: Vec<MemberId>,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `team.roles_changed` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRolesChanged {
    /// The team.
    pub id: TeamId,
    /// All custom roles from now on. A deleted one stays and grants nothing.
    pub roles: Vec<RoleId>,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `team.grants_changed` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamGrantsChanged {
    /// The team.
    pub id: TeamId,
    /// All permission grants from now on.
    pub grants: Vec<TeamGrant>,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `team.deleted` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamDeleted {
    /// The team.
    pub id: TeamId,
}
