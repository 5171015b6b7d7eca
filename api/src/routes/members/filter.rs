//! Which members a list or a bulk change is about.

use keyledger_domain::role::BuiltIn;
use keyledger_domain::state::{Member, State};
use serde::Deserialize;

use crate::error::ApiError;
use crate::http::filter::{fields, flag, unknown_field};
use crate::usage::Seen;

/// The fields that there are.
const KNOWN: &str = "query, role, id, email, team, noteam, lastSeen";
/// The most values of one field.
const VALUES_MAX: usize = 500;

/// When a member was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastSeen {
    /// Never.
    Never,
    /// Before this time, Unix milliseconds.
    Before(i64),
}

#[derive(Deserialize)]
struct LastSeenForm {
    never: Option<bool>,
    #[serde(rename = "noData")]
    no_data: Option<bool>,
    before: Option<i64>,
}

impl LastSeen {
    /// Reads the vendor's JSON: `{"never":true}`, `{"noData":true}` or `{"before":ms}`.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        match serde_json::from_str(text) {
            Ok(LastSeenForm {
                never: Some(true),
                no_data: None,
                before: None,
            })
            // Here there is data about everybody, so who has none was never seen.
            | Ok(LastSeenForm {
                never: None,
                no_data: Some(true),
                before: None,
            }) => Ok(Self::Never),
            Ok(LastSeenForm {
                never: None,
                no_data: None,
                before: Some(at_ms),
            }) => Ok(Self::Before(at_ms)),
            _ => Err(ApiError::invalid(
                "filter: lastSeen is {\"never\":true}, {\"noData\":true} or {\"before\":milliseconds}",
            )),
        }
    }

    pub(super) fn matches(self, seen: Option<Seen>) -> bool {
        match (self, seen) {
            (Self::Never, seen) => seen.is_none(),
            (Self::Before(at_ms), Some(seen)) => seen.last_ms < at_ms,
            (Self::Before(_), None) => false,
        }
    }
}

/// What must be true of a member; what is absent is true of everybody.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) query: Option<String>,
    pub(super) roles: Option<Vec<String>>,
    ids: Option<Vec<String>>,
    emails: Option<Vec<String>>,
    pub(super) team: Option<String>,
    no_team: Option<bool>,
    pub(super) last_seen: Option<LastSeen>,
}

fn list(field: &str, value: &str) -> Result<Vec<String>, ApiError> {
    let values: Vec<String> = value.split('|').map(str::to_owned).collect();
    if values.len() > VALUES_MAX {
        return Err(ApiError::invalid(format!(
            "filter: {field} has more than {VALUES_MAX} values"
        )));
    }
    Ok(values)
}

impl Filter {
    /// Reads the vendor's form.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut filter = Self::default();
        for (field, value) in fields(text)? {
            match field {
                "query" => filter.query = Some(value.to_lowercase()),
                "role" => filter.roles = Some(list(field, value)?),
                "id" => filter.ids = Some(list(field, value)?),
                "email" => filter.emails = Some(list(field, &value.to_lowercase())?),
                "team" => filter.team = Some(value.to_owned()),
                "noteam" => filter.no_team = Some(flag(field, value)?),
                "lastSeen" => filter.last_seen = Some(LastSeen::parse(value)?),
                _ => return Err(unknown_field(field, KNOWN)),
            }
        }
        Ok(filter)
    }

    /// Whether nothing is asked for.
    pub(super) const fn is_empty(&self) -> bool {
        self.query.is_none()
            && self.roles.is_none()
            && self.ids.is_none()
            && self.emails.is_none()
            && self.team.is_none()
            && self.no_team.is_none()
            && self.last_seen.is_none()
    }

    /// Whether it asks when a member was last seen.
    pub(super) const fn asks_when_last_seen(&self) -> bool {
        self.last_seen.is_some()
    }

    /// Whether all of it is true of a member.
    pub(super) fn matches(&self, state: &State, member: &Member, seen: Option<Seen>) -> bool {
        let holds = |wanted: &Option<Vec<String>>, found: &str| {
            wanted
                .as_ref()
                .is_none_or(|list| list.iter().any(|one| one == found))
        };
        self.query
            .as_ref()
            .is_none_or(|query| mentions(member, query))
            && self
                .roles
                .as_ref()
                .is_none_or(|roles| roles.iter().any(|role| has_role(state, member, role)))
            && holds(&self.ids, &member.id_text)
            && holds(&self.emails, &member.email.to_lowercase())
            && self.team.as_ref().is_none_or(|key| {
                let team = state.team_by_key(key);
                team.is_some_and(|team| team.members.contains(&member.id))
            })
            && self
                .no_team
                .is_none_or(|wanted| member.teams.is_empty() == wanted)
            && self.last_seen.is_none_or(|wanted| wanted.matches(seen))
    }
}

/// Whether the e-mail or the name has this in it, whatever its case.
pub(super) fn mentions(member: &Member, query: &str) -> bool {
    let name = format!("{} {}", member.first_name, member.last_name);
    member.email.to_lowercase().contains(query) || name.to_lowercase().contains(query)
}

/// Whether the member has a base role or a custom one, by key or id. The owner counts as an admin.
pub(super) fn has_role(state: &State, member: &Member, role: &str) -> bool {
    match role.parse() {
        Ok(BuiltIn::Admin) => member.role >= BuiltIn::Admin,
        Ok(base) => member.role == base,
        Err(_) => state
            .role_by_key_or_id(role)
            .is_some_and(|role| member.custom_roles.contains(&role.id)),
    }
}
