//! Everybody but those who match: how the `All` kinds of bulk changes name members.

use keyledger_domain::state::State;
use serde::Deserialize;
use serde_json::Value;

use super::filter::{LastSeen, has_role, mentions};
use crate::error::ApiError;
use crate::node::Node;

/// Who is left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::routes) struct Excluding {
    filter_last_seen: Option<Value>,
    filter_query: Option<String>,
    filter_roles: Option<String>,
    filter_team_key: Option<String>,
    #[serde(rename = "ignoredMemberIDs")]
    ignored_member_ids: Option<Vec<String>>,
}

impl Excluding {
    /// The ids of the rest, in their order.
    ///
    /// # Errors
    /// 400 for a `filterLastSeen` that is none, and for a team that is unknown.
    pub(in crate::routes) fn rest(
        &self,
        node: &Node,
        state: &State,
    ) -> Result<Vec<String>, ApiError> {
        let last_seen = match &self.filter_last_seen {
            None | Some(Value::Null) => None,
            // Clients send it as an object, or as the text of one.
            Some(Value::String(text)) => Some(LastSeen::parse(text)?),
            Some(other) => Some(LastSeen::parse(&other.to_string())?),
        };
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let query = given(&self.filter_query).map(|query| query.to_lowercase());
        let roles = given(&self.filter_roles);
        let team = given(&self.filter_team_key);
        // A mistyped key would leave nobody out, and change everybody.
        let team = team.map(|key| {
            state.team_by_key(&key).ok_or_else(|| {
                let key: String = key.chars().take(64).collect();
                ApiError::invalid(format!(
                    "filterTeamKey: there is no team with the key {key:?}"
                ))
            })
        });
        let team = team.transpose()?;
        let ignored = self.ignored_member_ids.as_deref().unwrap_or_default();
        let account = state.account.as_ref().map(|account| account.id);
        let mut rest: Vec<_> = state
            .members
            .values()
            .filter(|member| member.is_active())
            .filter(|member| {
                let seen = account.and_then(|account| node.usage.last_seen(account, member.id));
                let left_out = ignored.contains(&member.id_text)
                    || query.as_ref().is_some_and(|query| mentions(member, query))
                    || roles.as_ref().is_some_and(|roles| {
                        roles.split('|').any(|role| has_role(state, member, role))
                    })
                    || team.is_some_and(|team| team.members.contains(&member.id))
                    || last_seen.is_some_and(|wanted| wanted.matches(seen));
                !left_out
            })
            .collect();
        rest.sort_unstable_by_key(|member| member.number);
        Ok(rest
            .into_iter()
            .map(|member| member.id_text.clone())
            .collect())
    }
}
