//! `GET /api/v2/teams`.

use std::sync::Arc;

use keyledger_domain::ids::TeamId;
use keyledger_domain::state::Team;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::expansions;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::filter::{fields, flag, unknown_field};
use crate::node::Node;
use crate::rep::link::{page, page_links, with_query};
use crate::rep::team::{Teams, team};
use crate::routes::Tag;

const DEFAULT_LIMIT: u32 = 20;
const LIMIT_MAX: i64 = 100;

/// What must be true of a team; what is absent is true of every one.
#[derive(Debug, Default)]
struct Filter {
    query: Option<String>,
    no_members: Option<bool>,
}

impl Filter {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let mut filter = Self::default();
        for (field, value) in fields(text)? {
            match field {
                "query" => filter.query = Some(value.to_lowercase()),
                "nomembers" => filter.no_members = Some(flag(field, value)?),
                _ => return Err(unknown_field(field, "query, nomembers")),
            }
        }
        Ok(filter)
    }

    fn matches(&self, team: &Team) -> bool {
        let mentions = |query: &String| {
            team.key.to_lowercase().contains(query) || team.name.to_lowercase().contains(query)
        };
        self.query.as_ref().is_none_or(mentions)
            && self
                .no_members
                .is_none_or(|wanted| team.members.is_empty() == wanted)
    }
}

/// By what a list is sorted, and whether it is reversed.
fn sort_key(text: &str) -> Result<(bool, bool), ApiError> {
    match text {
        "" => Ok((false, false)),
        "name" => Ok((true, false)),
        "-name" => Ok((true, true)),
        _ => Err(ApiError::invalid("sort: is name or -name")),
    }
}

/// List teams.
pub(super) struct ListTeams;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl ListTeams {
    /// List teams
    ///
    /// Those that the caller may view, in the order in which they were made, unless `sort` says otherwise.
    /// `filter` is a comma-separated list of `field:value`: `query` (in key or name, whatever its case),
    /// `nomembers` (true or false).
    #[oai(path = "/teams", method = "get", operation_id = "getTeams")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the vendor's"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// How many teams a page holds; 20 by default, 100 at most.
        Query(limit): Query<Option<i64>>,
        /// How many teams to pass over.
        Query(offset): Query<Option<i64>>,
        /// Which teams: `query:abc`.
        Query(filter): Query<Option<String>>,
        /// `members`, `roles`, `projects`, `maintainers`, `roleAttributes`, comma-separated.
        Query(expand): Query<Option<String>>,
        /// `name` or `-name`.
        Query(sort): Query<Option<String>>,
        /// A position, Unix milliseconds or a time: the answer is as of then (extension).
        #[oai(name = "asOf")]
        Query(as_of): Query<Option<String>>,
    ) -> Result<Json<Teams>, ApiError> {
        if let Some(asked) = limit.filter(|asked| *asked > LIMIT_MAX) {
            return Err(ApiError::invalid(format!(
                "limit: is 1 to {LIMIT_MAX}, not {asked}"
            )));
        }
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        let shown = expansions(expand.as_deref())?;
        let wanted = Filter::parse(filter.as_deref().unwrap_or_default())?;
        let (by_name, reversed) = sort_key(sort.as_deref().unwrap_or_default())?;
        let view = node.view(caller.account(), as_of.as_deref()).await?;
        let mut found: Vec<(String, usize, TeamId)> =
            caller.actor_in(node, &view, |state, actor| {
                let teams = state.teams.values().filter(|team| !team.deleted);
                teams
                    .filter(|team| wanted.matches(team))
                    .filter(|team| actor.may("viewTeam", &format!("team/{}", team.key)))
                    .map(|team| {
                        let name = if by_name {
                            team.name.to_lowercase()
                        } else {
                            String::new()
                        };
                        (name, team.number, team.id)
                    })
                    .collect()
            })?;
        found.sort_unstable();
        if reversed {
            found.reverse();
        }
        let total_count = found.len() as u64;
        let ids = found.iter().map(|(_, _, id)| *id);
        let ids: Vec<TeamId> = ids
            .skip(page.offset as usize)
            .take(page.limit as usize)
            .collect();
        let items = caller.actor_in(node, &view, |state, actor| {
            let teams = ids.iter().filter_map(|id| state.team(*id));
            teams
                .map(|found| team(state, actor, found, shown))
                .collect()
        })?;
        let query = [
            ("filter", filter),
            ("expand", expand),
            ("sort", sort),
            ("asOf", as_of),
        ];
        let path = with_query("/api/v2/teams", &query);
        Ok(Json(Teams {
            items,
            links: page_links(&path, page, total_count),
            total_count,
        }))
    }
}
