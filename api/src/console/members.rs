//! `/settings/members`: who is in the account, with which role.

mod edit;
mod invite;
mod list;
mod remove;

use keyledger_domain::ids::MemberId;
use poem::Response;
use serde::Deserialize;

use super::backend::Backend;
use super::form::Form;
use super::page::Refusal;
use super::time::moment;

/// A member as the API gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    #[serde(rename = "_id")]
    pub(super) id: String,
    pub(super) email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    pub(super) role: String,
    #[serde(rename = "_pendingInvite")]
    pending: bool,
    custom_roles: Vec<String>,
    #[serde(rename = "_lastSeen")]
    last_seen: i64,
    creation_date: i64,
    teams: Vec<Team>,
}

#[derive(Debug, Deserialize)]
struct Team {
    key: String,
    name: String,
}

impl Member {
    /// First and last name; empty when there is neither.
    pub(super) fn full_name(&self) -> String {
        let first = self.first_name.as_deref().unwrap_or_default();
        let last = self.last_name.as_deref().unwrap_or_default();
        format!("{first} {last}").trim().to_owned()
    }

    fn seen(&self) -> String {
        match self.last_seen {
            0 => "never".to_owned(),
            ms => moment(ms),
        }
    }

    fn invited(&self) -> String {
        moment(self.creation_date)
    }
}

async fn member(backend: &Backend<'_>, id: &str) -> Result<Member, Refusal> {
    if id.parse::<MemberId>().is_err() {
        return Err(Refusal::no_page());
    }
    backend.get(&format!("/api/v2/members/{id}")).await
}

pub(super) async fn show(
    backend: &Backend<'_>,
    rest: &[&str],
    query: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("members").await?;
    match rest {
        [] => list::show(backend, me, query).await,
        ["new"] => {
            me.require("createMember", "member/any")?;
            invite::show(backend, me).await
        }
        [id] => edit::show(backend, me, &member(backend, id).await?).await,
        [id, "remove"] => remove::show(backend, me, &member(backend, id).await?).await,
        _ => Err(Refusal::no_page()),
    }
}

pub(super) async fn change(
    backend: &Backend<'_>,
    rest: &[&str],
    form: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("members").await?;
    match rest {
        ["new"] => invite::invite(backend, me, form).await,
        [id] => edit::save(backend, me, &member(backend, id).await?, form).await,
        [id, "invitation"] => invite::link(backend, me, &member(backend, id).await?).await,
        [id, "remove"] => remove::remove(backend, me, &member(backend, id).await?, form).await,
        _ => Err(Refusal::no_page()),
    }
}
