//! `/settings/teams`: groups of members, with roles on top of their own.

mod edit;
mod list;

use poem::Response;
use serde::Deserialize;

use super::backend::Backend;
use super::form::Form;
use super::page::Refusal;
use super::roles::is_key;

/// A team as the API gives it.
#[derive(Debug, Deserialize)]
pub(super) struct Team {
    key: String,
    name: String,
    description: String,
    members: Option<Count>,
    roles: Option<Roles>,
}

#[derive(Debug, Deserialize)]
struct Count {
    #[serde(rename = "totalCount")]
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Roles {
    items: Vec<Given>,
    #[serde(rename = "totalCount")]
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Given {
    key: String,
}

impl Team {
    fn member_count(&self) -> u64 {
        self.members.as_ref().map_or(0, |count| count.total)
    }

    fn role_count(&self) -> u64 {
        self.roles.as_ref().map_or(0, |roles| roles.total)
    }
}

async fn team(backend: &Backend<'_>, key: &str) -> Result<Team, Refusal> {
    if !is_key(key) {
        return Err(Refusal::no_page());
    }
    backend
        .get(&format!("/api/v2/teams/{key}?expand=members,roles"))
        .await
}

pub(super) async fn show(
    backend: &Backend<'_>,
    rest: &[&str],
    query: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("teams").await?;
    match rest {
        [] => list::show(backend, me, query).await,
        ["new"] => {
            me.require("createTeam", "team/any")?;
            list::show_new(me, &Form::default(), None)
        }
        ["team", key] => edit::show(backend, me, &team(backend, key).await?, None).await,
        _ => Err(Refusal::no_page()),
    }
}

pub(super) async fn change(
    backend: &Backend<'_>,
    rest: &[&str],
    form: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("teams").await?;
    match rest {
        ["new"] => list::make(backend, me, form).await,
        ["team", key] => edit::change(backend, me, &team(backend, key).await?, form).await,
        _ => Err(Refusal::no_page()),
    }
}
