//! Teams.

use std::collections::BTreeMap;

use keyledger_domain::actor::Actor;
use keyledger_domain::ids::MemberId;
use keyledger_domain::state::{self, State};
use poem_openapi::Object;
use serde::Deserialize;

use super::access::{Access, TEAM_ACTIONS, access};
use super::link::{Links, links};
use super::member::{MemberSummary, attributes, summary};

/// The most members or roles that stand in a team's own answer; the links lead to the rest.
const SHOWN_MAX: usize = 20;

/// A team.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Team {
    /// The description; empty when there is none.
    pub description: String,
    /// The key.
    pub key: String,
    /// The name.
    pub name: String,
    /// When the team was made, Unix milliseconds.
    #[oai(rename = "_creationDate")]
    pub creation_date: i64,
    /// Where the team is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// When it was last changed, Unix milliseconds.
    #[oai(rename = "_lastModified")]
    pub last_modified: i64,
    /// How many changes the team has seen.
    #[oai(rename = "_version")]
    pub version: i64,
    /// Whether an identity provider keeps it: never, here.
    #[oai(rename = "_idpSynced")]
    pub idp_synced: bool,
    /// What the caller may do with the team, and why.
    #[oai(rename = "_access")]
    pub access: Access,
    /// Role attributes of the team, with `expand=roleAttributes`.
    pub role_attributes: Option<BTreeMap<String, Vec<String>>>,
    /// Custom roles of the team, with `expand=roles`.
    pub roles: Option<TeamCustomRoles>,
    /// How many members it has, with `expand=members`.
    pub members: Option<TeamMembers>,
    /// Projects that its roles reach, with `expand=projects`: there are none here.
    pub projects: Option<TeamProjects>,
    /// Its maintainers, with `expand=maintainers`.
    pub maintainers: Option<TeamMaintainers>,
}

/// How many members a team has.
#[derive(Debug, Clone, Object)]
#[oai(rename = "TeamMemberCount", rename_all = "camelCase")]
pub struct TeamMembers {
    /// How many.
    pub total_count: u64,
}

/// A custom role of a team.
#[derive(Debug, Clone, Object)]
pub struct TeamCustomRole {
    /// The role's key.
    pub key: String,
    /// The role's name.
    pub name: String,
    /// Projects that the role reaches: there are none here.
    pub projects: TeamProjects,
}

/// Custom roles of a team.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct TeamCustomRoles {
    /// How many there are.
    pub total_count: u64,
    /// Those of this page.
    pub items: Vec<TeamCustomRole>,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
}

/// Projects, of which there are none here.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "TeamProjectCount", rename_all = "camelCase")]
pub struct TeamProjects {
    /// How many: 0.
    pub total_count: u64,
}

/// The maintainers of a team.
#[derive(Debug, Clone, Object)]
#[oai(rename = "TeamMaintainerPage", rename_all = "camelCase")]
pub struct TeamMaintainers {
    /// How many there are.
    pub total_count: u64,
    /// Those of this page.
    pub items: Vec<MemberSummary>,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
}

/// A page of teams.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct Teams {
    /// The teams of this page.
    pub items: Vec<Team>,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
    /// How many there are on all pages.
    pub total_count: u64,
}

/// A permission on the team itself, for some members.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct PermissionGrantInput {
    /// A set of actions: `maintainTeam`. Either this or `actions`.
    pub action_set: Option<String>,
    /// Actions, such as `updateTeamMembers`.
    pub actions: Option<Vec<String>>,
    /// Who, by id.
    #[serde(rename = "memberIDs")]
    #[oai(rename = "memberIDs")]
    pub member_ids: Option<Vec<String>>,
}

/// The form of a new team.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct TeamPost {
    /// The key: letters, digits, `.`, `_` and `-`; unique in the account.
    pub key: String,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// Custom roles, by key or id, which the members get on top of their own.
    pub custom_role_keys: Option<Vec<String>>,
    /// Who is in it, by id.
    #[serde(rename = "memberIDs")]
    #[oai(rename = "memberIDs")]
    pub member_ids: Option<Vec<String>>,
    /// Permissions on the team itself.
    pub permission_grants: Option<Vec<PermissionGrantInput>>,
    /// Role attributes, which the members get on top of their own.
    pub role_attributes: Option<BTreeMap<String, Vec<String>>>,
}

/// The teams that a member comes into.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct MemberTeamsPost {
    /// The teams' keys.
    pub team_keys: Vec<String>,
}

/// What became of a bulk change.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct BulkEditTeams {
    /// The members who are in those teams now, by id.
    #[oai(rename = "memberIDs")]
    pub member_ids: Vec<String>,
    /// The teams that are as asked now, by key.
    pub team_keys: Vec<String>,
    /// Teams that could not be changed: the key and why.
    pub errors: Vec<BTreeMap<String, String>>,
}

/// One line of an upload.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct MemberImportItem {
    /// What is wrong with it.
    pub message: Option<String>,
    /// `success` or `error`.
    pub status: String,
    /// The e-mail.
    pub value: String,
}

/// What became of an upload.
#[derive(Debug, Clone, Object)]
pub struct TeamImports {
    /// The lines in their order.
    pub items: Vec<MemberImportItem>,
}

/// What a team's answer shows besides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expand {
    members: bool,
    roles: bool,
    projects: bool,
    maintainers: bool,
    role_attributes: bool,
}

impl Expand {
    /// The words that there are.
    pub const WORDS: [&str; 5] = [
        "members",
        "roles",
        "projects",
        "maintainers",
        "roleAttributes",
    ];

    /// Of words of [`Self::WORDS`].
    #[must_use]
    pub fn of(words: &[&str]) -> Self {
        let has = |word| words.contains(&word);
        Self {
            members: has("members"),
            roles: has("roles"),
            projects: has("projects"),
            maintainers: has("maintainers"),
            role_attributes: has("roleAttributes"),
        }
    }
}

/// The custom roles of a team that were not deleted.
#[must_use]
pub fn custom_roles(state: &State, team: &state::Team) -> Vec<TeamCustomRole> {
    let roles = team.roles.iter().filter_map(|id| state.role(*id));
    roles
        .map(|role| TeamCustomRole {
            key: role.key.clone(),
            name: role.name.clone(),
            projects: TeamProjects::default(),
        })
        .collect()
}

/// Members in short.
#[must_use]
pub fn summaries(state: &State, ids: impl Iterator<Item = MemberId>) -> Vec<MemberSummary> {
    ids.filter_map(|id| summary(state, id)).collect()
}

/// A team for the wire.
#[must_use]
pub fn team(state: &State, actor: &Actor, team: &state::Team, expand: Expand) -> Team {
    let path = format!("/api/v2/teams/{}", team.key);
    let roles = expand.roles.then(|| {
        let mut items = custom_roles(state, team);
        let total_count = items.len() as u64;
        items.truncate(SHOWN_MAX);
        TeamCustomRoles {
            total_count,
            items,
            links: links([("self", format!("{path}/roles"))]),
        }
    });
    let maintainers = expand.maintainers.then(|| {
        let all = team.maintainers();
        TeamMaintainers {
            total_count: all.len() as u64,
            items: summaries(state, all.into_iter().take(SHOWN_MAX)),
            links: links([("self", format!("{path}/maintainers"))]),
        }
    });
    Team {
        description: team.description.clone(),
        key: team.key.clone(),
        name: team.name.clone(),
        creation_date: team.created_at_ms,
        last_modified: team.modified_at_ms,
        version: team.version,
        idp_synced: false,
        access: access(
            state,
            &actor.permission,
            &TEAM_ACTIONS,
            &format!("team/{}", team.key),
        ),
        role_attributes: expand
            .role_attributes
            .then(|| attributes(&team.role_attributes)),
        roles,
        members: expand.members.then_some(TeamMembers {
            total_count: team.members.len() as u64,
        }),
        projects: expand.projects.then(TeamProjects::default),
        maintainers,
        links: links([
            ("self", path.clone()),
            ("parent", "/api/v2/teams".to_owned()),
            ("roles", format!("{path}/roles")),
            ("maintainers", format!("{path}/maintainers")),
        ]),
    }
}
