//! A team as the instructions of a patch leave it, one after another, and the commands that make it so.

use std::collections::{BTreeMap, BTreeSet};

use keyledger_domain::command::{
    ChangeTeamMembers, Command, SetTeamGrants, SetTeamRoles, TEAM_ROLES_MAX, UpdateTeam,
    resolve_members, resolve_roles,
};
use keyledger_domain::event::TeamGrant;
use keyledger_domain::ids::{MemberId, RoleId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::state::{State, Team};
use serde::{Deserialize, Deserializer};

use super::grants;
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
    AddPermissionGrants(PermissionGrantInput),
    RemovePermissionGrants(PermissionGrantInput),
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
        /// Some editions of the vendor's documentation call it `values`.
        #[serde(alias = "values", deserialize_with = "map_or_null")]
        value: BTreeMap<String, Vec<String>>,
    },
    UpdateName {
        value: String,
    },
    UpdateDescription {
        value: String,
    },
}

/// A map that may be null, as the vendor's Terraform provider sends one that is empty.
fn map_or_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
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

    /// Whether the team has a role that was deleted, by its key or id.
    fn had_role(&self, key_or_id: &str) -> bool {
        let roles = self.team.roles.iter();
        roles
            .filter_map(|id| self.state.roles.get(id))
            .any(|role| role.deleted && (role.key == key_or_id || role.id.to_string() == key_or_id))
    }

    /// Roles to take out. One that was deleted grants nothing any more, so that nothing changes.
    fn remove_roles(&mut self, pointer: &str, keys: &[String]) -> Result<(), ApiError> {
        for (index, key) in keys.iter().enumerate() {
            match self.state.role_by_key_or_id(key) {
                Some(role) => self.roles().retain(|known| *known != role.id),
                None if self.had_role(key) => {}
                None => {
                    let key: String = key.chars().take(64).collect();
                    return Err(ApiError::invalid(format!(
                        "{pointer}/{index}: there is no custom role with the key or id {key:?}"
                    )));
                }
            }
        }
        // An instruction about nothing but deleted roles takes the same permission.
        self.roles();
        Ok(())
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
                self.remove_roles(&values, keys)?;
            }
            Instruction::AddMembers { values: ids } => {
                let added = resolve_members(state, &values, ids)?;
                self.members().extend(added);
            }
            Instruction::RemoveMembers { values: ids } => {
                let removed = resolve_members(state, &values, ids)?;
                let members = self.members();
                for member in removed {
                    members.remove(&member);
                }
            }
            Instruction::ReplaceMembers { values: ids } => {
                let all = resolve_members(state, &values, ids)?;
                self.members = Some(all.into_iter().collect());
            }
            Instruction::AddPermissionGrants(form) => {
                grants::give(state, &here, form, self.grants())?;
            }
            Instruction::RemovePermissionGrants(form) => {
                grants::take(state, &here, form, self.grants())?;
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
        if let Some(mut roles) = self.roles {
            // Deleted roles make room where there is none.
            if roles.len() > TEAM_ROLES_MAX {
                roles.retain(|id| self.state.role(*id).is_some());
            }
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
