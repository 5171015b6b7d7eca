//! Members.

use std::collections::BTreeMap;

use keyledger_domain::event::GrantActions;
use keyledger_domain::ids::MemberId;
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::state::{self, State};
use poem_openapi::Object;
use serde::Deserialize;

use super::link::{Links, links};
use crate::usage::Seen;

/// A member, in short.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct MemberSummary {
    /// Where the member is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The member's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The base role.
    pub role: String,
    /// The e-mail.
    pub email: String,
}

/// A member.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Member {
    /// Where the member is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The member's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The base role; it counts while there are no custom roles.
    pub role: String,
    /// The e-mail.
    pub email: String,
    /// Whether the invitation waits for a password.
    #[oai(rename = "_pendingInvite")]
    pub pending_invite: bool,
    /// Whether the invitation was accepted.
    #[oai(rename = "_verified")]
    pub verified: bool,
    /// The ids of the custom roles, which replace the base role.
    pub custom_roles: Vec<String>,
    /// Multi-factor sign-in: `disabled`.
    pub mfa: String,
    /// When the member was last seen, Unix milliseconds; 0 is never.
    #[oai(rename = "_lastSeen")]
    pub last_seen: i64,
    /// When the member was invited, Unix milliseconds.
    pub creation_date: i64,
    /// Whether the member can sign in with a password.
    pub has_password: bool,
    /// What `${roleAttribute/…}` stands for.
    pub role_attributes: Option<BTreeMap<String, Vec<String>>>,
    /// How many changes the member has seen.
    pub version: i64,
    /// By what the member was last seen.
    #[oai(rename = "_lastSeenMetadata")]
    pub last_seen_metadata: Option<LastSeenMetadata>,
    /// The teams that the member is in.
    pub teams: Vec<MemberTeamSummary>,
    /// What teams let the member do with them.
    pub permission_grants: Vec<MemberPermissionGrant>,
}

/// By what a member was last seen.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct LastSeenMetadata {
    /// The personal token.
    pub token_id: String,
}

/// A team of a member, in short.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct MemberTeamSummary {
    /// The team's key.
    pub key: String,
    /// The team's name.
    pub name: String,
    /// The keys of the custom roles that the team gives.
    pub custom_role_keys: Vec<String>,
    /// Where the team is.
    #[oai(rename = "_links")]
    pub links: Links,
}

/// What a team lets a member do with it.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct MemberPermissionGrant {
    /// The team as a resource, `team/<key>`.
    pub resource: String,
    /// A set of actions: `maintainTeam`.
    pub action_set: Option<String>,
    /// Actions.
    pub actions: Option<Vec<String>>,
}

/// What became of a bulk change.
#[derive(Debug, Clone, Default, Object)]
pub struct BulkEditMembers {
    /// The ids of those who are as asked now.
    pub members: Vec<String>,
    /// Who could not be changed: the id and why.
    pub errors: Vec<BTreeMap<String, String>>,
}

/// A page of members.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct Members {
    /// The members of this page.
    pub items: Vec<Member>,
    /// This page and its neighbours.
    #[oai(rename = "_links")]
    pub links: Links,
    /// How many there are on all pages.
    pub total_count: u64,
}

/// The form of an invitation.
#[derive(Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct NewMemberForm {
    /// The e-mail.
    pub email: String,
    /// A password with which the member can sign in at once.
    pub password: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The base role: reader (the default), writer, admin or no_access.
    pub role: Option<String>,
    /// Custom roles, by key or id.
    pub custom_roles: Option<Vec<String>>,
    /// What `${roleAttribute/…}` stands for.
    pub role_attributes: Option<BTreeMap<String, Vec<String>>>,
    /// Teams to put the member into, by key.
    pub team_keys: Option<Vec<String>>,
}

impl std::fmt::Debug for NewMemberForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewMemberForm(hidden)")
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn self_link(id: MemberId) -> Links {
    links([("self", format!("/api/v2/members/{id}"))])
}

/// A member in short, the removed ones included: their tokens still name them.
#[must_use]
pub fn summary(state: &State, id: MemberId) -> Option<MemberSummary> {
    let member = state.members.get(&id)?;
    Some(MemberSummary {
        links: self_link(id),
        id: id.to_string(),
        first_name: given(&member.first_name),
        last_name: given(&member.last_name),
        role: member.role.to_string(),
        email: member.email.clone(),
    })
}

fn teams(state: &State, member: &state::Member) -> Vec<MemberTeamSummary> {
    let teams = member.teams.iter().filter_map(|id| state.team(*id));
    teams
        .map(|team| MemberTeamSummary {
            key: team.key.clone(),
            name: team.name.clone(),
            custom_role_keys: team
                .roles
                .iter()
                .filter_map(|id| state.role(*id))
                .map(|role| role.key.clone())
                .collect(),
            links: links([("self", format!("/api/v2/teams/{}", team.key))]),
        })
        .collect()
}

fn permission_grants(state: &State, member: &state::Member) -> Vec<MemberPermissionGrant> {
    let teams = member.granted.iter().filter_map(|id| state.team(*id));
    teams
        .flat_map(|team| team.grants.iter().map(move |grant| (team, grant)))
        .filter(|(_, grant)| grant.members.contains(&member.id))
        .map(|(team, grant)| {
            let (action_set, actions) = match &grant.actions {
                GrantActions::MaintainTeam => (Some("maintainTeam".to_owned()), None),
                GrantActions::Actions(actions) => (None, Some(actions.clone())),
            };
            MemberPermissionGrant {
                resource: format!("team/{}", team.key),
                action_set,
                actions,
            }
        })
        .collect()
}

/// Role attributes for the wire.
#[must_use]
pub fn attributes(attributes: &RoleAttributes) -> BTreeMap<String, Vec<String>> {
    attributes
        .iter()
        .map(|(key, values)| (key.to_owned(), values.to_vec()))
        .collect()
}

/// A member for the wire.
#[must_use]
pub fn member(state: &State, member: &state::Member, seen: Option<Seen>) -> Member {
    let attributes = attributes(&member.role_attributes);
    let has_password = member.password_hash.is_some();
    // Nobody invited the owner.
    let accepted = member.joined || member.role == BuiltIn::Owner;
    Member {
        links: self_link(member.id),
        id: member.id.to_string(),
        first_name: given(&member.first_name),
        last_name: given(&member.last_name),
        role: member.role.to_string(),
        email: member.email.clone(),
        pending_invite: !accepted,
        verified: accepted,
        custom_roles: member
            .custom_roles
            .iter()
            .map(ToString::to_string)
            .collect(),
        mfa: "disabled".to_owned(),
        last_seen: seen.map_or(0, |seen| seen.last_ms),
        creation_date: member.created_at_ms,
        has_password,
        role_attributes: (!attributes.is_empty()).then_some(attributes),
        version: member.version,
        last_seen_metadata: seen
            .and_then(|seen| seen.token)
            .map(|token| LastSeenMetadata {
                token_id: token.to_string(),
            }),
        teams: teams(state, member),
        permission_grants: permission_grants(state, member),
    }
}
