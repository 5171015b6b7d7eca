//! A team as the instructions of a patch leave it, one after another, and the commands that make it so.

use std::collections::{BTreeMap, BTreeSet};

use keyledger_domain::command::{
    ChangeTeamMembers, Command, SetTeamGrants, SetTeamRoles, UpdateTeam, resolve_members,
    resolve_roles,
};
use keyledger_domain::event::{GrantActions, TeamGrant};
use keyledger_domain::ids::{MemberId, RoleId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::state::{State, Team};
use serde::Deserialize;

use crate::error::ApiError;
use crate::rep::member::attributes;
use crate::rep::team::PermissionGrantInput;

/// What a patch of a team may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum Instruction {
    AddCustomRoles {
        values: Vec<String>,
    },
    RemoveCustomRoles {
        values: Vec<String>,
    },
    AddMembers {
        values: Vec<String>,
    },
    RemoveMembers {
        values: Vec<String>,
    },
    ReplaceMembers {
        values: Vec<String>,
    },
    #[serde(rename_all = "camelCase")]
    AddPermissionGrants {
        permission_grants: Vec<PermissionGrantInput>,
    },
    #[serde(rename_all = "camelCase")]
    RemovePermissionGrants {
        permission_grants: Vec<PermissionGrantInput>,
    },
    AddRoleAttribute {
        key: String,
        values: Vec<String>,
    },
    UpdateRoleAttribute {
        key: String,
        values: Vec<String>,
    },
    RemoveRoleAttribute {
        key: String,
    },
    ReplaceRoleAttributes {
        value: BTreeMap<String, Vec<String>>,
    },
    UpdateName {
        value: String,
    },
    UpdateDescription {
        value: String,
    },
}

/// A permission grant of a form, settled.
pub(super) fn grant(
    state: &State,
    pointer: &str,
    form: &PermissionGrantInput,
) -> Result<TeamGrant, ApiError> {
    let actions = match (form.action_set.as_deref(), &form.actions) {
        (Some("maintainTeam"), None) => GrantActions::MaintainTeam,
        (None, Some(actions)) => GrantActions::Actions(actions.clone()),
        (Some(other), None) => {
            let other: String = other.chars().take(64).collect();
            return Err(ApiError::invalid(format!(
                "{pointer}/actionSet: there is no {other:?}; there is maintainTeam"
            )));
        }
        _ => {
            return Err(ApiError::invalid(format!(
                "{pointer}: needs either actionSet or actions"
            )));
        }
    };
    let ids = form.member_ids.as_deref().unwrap_or_default();
    let mut members = resolve_members(state, &format!("{pointer}/memberIDs"), ids)?;
    members.sort_unstable();
    Ok(TeamGrant { actions, members })
}

/// A team in the making. What was touched becomes a command, even where nothing changed in the end: it
/// takes the same permission.
pub(super) struct Draft<'s> {
    state: &'s State,
    team: &'s Team,
    name: Option<String>,
    description: Option<String>,
    attributes: Option<BTreeMap<String, Vec<String>>>,
    members: Option<BTreeSet<MemberId>>,
    roles: Option<Vec<RoleId>>,
    grants: Option<Vec<TeamGrant>>,
}

impl<'s> Draft<'s> {
    pub(super) const fn new(state: &'s State, team: &'s Team) -> Self {
        Self {
            state,
            team,
            name: None,
            description: None,
            attributes: None,
            members: None,
            roles: None,
            grants: None,
        }
    }

    fn members(&mut self) -> &mut BTreeSet<MemberId> {
        self.members
            .get_or_insert_with(|| self.team.members.clone())
    }

    fn roles(&mut self) -> &mut Vec<RoleId> {
        self.roles.get_or_insert_with(|| self.team.roles.clone())
    }

    fn grants(&mut self) -> &mut Vec<TeamGrant> {
        let team = self.team;
        self.grants.get_or_insert_with(|| {
            let grant = |grant: &keyledger_domain::state::TeamGrant| TeamGrant {
                actions: grant.actions.clone(),
                members: grant.members.iter().copied().collect(),
            };
            team.grants.iter().map(grant).collect()
        })
    }

    fn attributes(&mut self) -> &mut BTreeMap<String, Vec<String>> {
        let team = self.team;
        self.attributes
            .get_or_insert_with(|| attributes(&team.role_attributes))
    }

    /// Takes one instruction; `at` is its place in the patch.
    pub(super) fn take(&mut self, at: usize, instruction: &Instruction) -> Result<(), ApiError> {
        let state = self.state;
        let here = format!("/instructions/{at}");
        let values = format!("{here}/values");
        match instruction {
            Instruction::AddCustomRoles { values: keys } => {
                let added = resolve_roles(state, &values, keys)?;
                let roles = self.roles();
                for role in added {
                    if !roles.contains(&role) {
                        roles.push(role);
                    }
                }
            }
            Instruction::RemoveCustomRoles { values: keys } => {
                let removed = resolve_roles(state, &values, keys)?;
                self.roles().retain(|role| !removed.contains(role));
            }
            Instruction::AddMembers { values: ids } => {
                let added = resolve_members(state, &values, ids)?;
                self.members().extend(added);
            }
            Instruction::RemoveMembers { values: ids } => {
                let removed = resolve_members(state, &values, ids)?;
                self.members().retain(|member| !removed.contains(member));
            }
            Instruction::ReplaceMembers { values: ids } => {
                let all = resolve_members(state, &values, ids)?;
                self.members = Some(all.into_iter().collect());
            }
            Instruction::AddPermissionGrants { permission_grants } => {
                for (index, form) in permission_grants.iter().enumerate() {
                    let pointer = format!("{here}/permissionGrants/{index}");
                    let added = grant(state, &pointer, form)?;
                    if !self.grants().contains(&added) {
                        self.grants().push(added);
                    }
                }
            }
            Instruction::RemovePermissionGrants { permission_grants } => {
                for (index, form) in permission_grants.iter().enumerate() {
                    let pointer = format!("{here}/permissionGrants/{index}");
                    let removed = grant(state, &pointer, form)?;
                    self.grants().retain(|known| *known != removed);
                }
            }
            Instruction::AddRoleAttribute { key, values } => {
                if self.attributes().contains_key(key) {
                    return Err(ApiError::invalid(format!(
                        "{here}/key: the team has this role attribute already"
                    )));
                }
                self.attributes().insert(key.clone(), values.clone());
            }
            Instruction::UpdateRoleAttribute { key, values } => {
                let known = self.attributes().get_mut(key).ok_or_else(|| {
                    ApiError::invalid(format!("{here}/key: the team has no such role attribute"))
                })?;
                known.clone_from(values);
            }
            Instruction::RemoveRoleAttribute { key } => {
                self.attributes().remove(key);
            }
            Instruction::ReplaceRoleAttributes { value } => self.attributes = Some(value.clone()),
            Instruction::UpdateName { value } => self.name = Some(value.clone()),
            Instruction::UpdateDescription { value } => self.description = Some(value.clone()),
        }
        Ok(())
    }

    /// The commands, at most one of each kind.
    pub(super) fn commands(self, comment: Option<&str>) -> Result<Vec<Command>, ApiError> {
        let id = self.team.id;
        let comment = || comment.map(str::to_owned);
        let mut commands = Vec::new();
        if self.name.is_some() || self.description.is_some() || self.attributes.is_some() {
            let attributes = self.attributes.map(|attributes| {
                RoleAttributes::parse(attributes)
                    .map_err(|error| ApiError::invalid(format!("/roleAttributes{error}")))
            });
            commands.push(Command::UpdateTeam(UpdateTeam {
                id,
                name: self.name,
                description: self.description,
                role_attributes: attributes.transpose()?,
                comment: comment(),
            }));
        }
        if let Some(members) = self.members {
            let before = &self.team.members;
            commands.push(Command::ChangeTeamMembers(ChangeTeamMembers {
                id,
                add: members.difference(before).copied().collect(),
                remove: before.difference(&members).copied().collect(),
                comment: comment(),
            }));
        }
        if let Some(roles) = self.roles {
            commands.push(Command::SetTeamRoles(SetTeamRoles {
                id,
                roles,
                comment: comment(),
            }));
        }
        if let Some(grants) = self.grants {
            commands.push(Command::SetTeamGrants(SetTeamGrants {
                id,
                grants,
                comment: comment(),
            }));
        }
        Ok(commands)
    }
}
