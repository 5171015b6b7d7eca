//! A team, as the events left it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::{GrantActions, TeamGrant};
use crate::ids::{MemberId, RoleId, TeamId};
use crate::policy::{Effect, Policy, PolicyError, RoleAttributes, Statement};

/// What the vendor's action set `maintainTeam` stands for.
pub const MAINTAIN_TEAM: [&str; 4] = [
    "viewTeam",
    "updateTeamName",
    "updateTeamDescription",
    "updateTeamMembers",
];

/// A permission on the team itself, for some members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What they may do with the team.
    pub actions: GrantActions,
    /// Who. A member who was removed is not among them any more.
    pub members: BTreeSet<MemberId>,
    /// The same as a policy.
    #[serde(skip)]
    pub policy: Arc<Policy>,
}

/// A team of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// How many teams of the account were made before: their order, which ids and times do not give.
    pub number: usize,
    /// How many events the stream has.
    pub version: i64,
    /// The key.
    pub key: String,
    /// The name.
    pub name: String,
    /// Empty when not given.
    pub description: String,
    /// Who is in it; none who was removed.
    pub members: BTreeSet<MemberId>,
    /// Custom roles, on top of the members' own. A deleted one stays and grants nothing.
    pub roles: Vec<RoleId>,
    /// Permissions on the team itself.
    pub grants: Vec<Grant>,
    /// Role attributes, on top of the members' own.
    pub role_attributes: RoleAttributes,
    /// When the team was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was last changed by a command of its own, Unix milliseconds.
    pub modified_at_ms: i64,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Team {
    /// A member who is no member any more.
    pub(super) fn forget(&mut self, member: MemberId) {
        self.members.remove(&member);
        for grant in &mut self.grants {
            grant.members.remove(&member);
        }
    }

    /// Who maintains the team: whom a grant names that holds the action set `maintainTeam`.
    #[must_use]
    pub fn maintainers(&self) -> BTreeSet<MemberId> {
        self.grants
            .iter()
            .filter(|grant| grant.actions == GrantActions::MaintainTeam)
            .flat_map(|grant| grant.members.iter().copied())
            .collect()
    }
}

/// The statements of a grant: its actions on the team.
#[must_use]
pub fn grant_statements(key: &str, actions: &GrantActions) -> Vec<Statement> {
    let actions = match actions {
        GrantActions::MaintainTeam => MAINTAIN_TEAM.map(str::to_owned).to_vec(),
        GrantActions::Actions(actions) => actions.clone(),
    };
    vec![Statement {
        effect: Effect::Allow,
        resources: Some(vec![format!("team/{key}")]),
        not_resources: None,
        actions: Some(actions),
        not_actions: None,
    }]
}

/// Grants with their policies.
///
/// # Errors
/// When the actions are none.
pub(super) fn compile(key: &str, grants: &[TeamGrant]) -> Result<Vec<Grant>, PolicyError> {
    grants
        .iter()
        .map(|grant| {
            Ok(Grant {
                actions: grant.actions.clone(),
                members: grant.members.iter().copied().collect(),
                policy: Arc::new(Policy::parse_stored(grant_statements(key, &grant.actions))?),
            })
        })
        .collect()
}
