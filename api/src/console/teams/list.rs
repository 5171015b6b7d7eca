//! The table of teams, and making one.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde_json::json;

use super::super::backend::{Backend, Me, Page};
use super::super::form::Form;
use super::super::page::{self, Pages, Refusal};
use super::Team;

/// Teams on a page.
const LIMIT: u64 = 50;

#[derive(Template)]
#[template(path = "teams.html")]
struct Teams {
    me: Me,
    teams: Vec<Team>,
    pages: Pages,
}

#[derive(Template)]
#[template(path = "team_new.html")]
struct NewTeam<'a> {
    me: Me,
    refusal: Option<&'a str>,
    key: &'a str,
    name: &'a str,
    team_key: &'a str,
    description: &'a str,
}

pub(super) async fn show(backend: &Backend<'_>, me: Me, query: &Form) -> Result<Response, Refusal> {
    let offset = query.offset();
    let path = format!("/api/v2/teams?limit={LIMIT}&offset={offset}&expand=members,roles");
    let page: Page<Team> = backend.get(&path).await?;
    page::render(&Teams {
        me,
        pages: Pages::of("/settings/teams", "", offset, LIMIT, &page),
        teams: page.items,
    })
}

pub(super) fn show_new(
    me: Me,
    form: &Form,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let key = form.key()?;
    let page = NewTeam {
        me,
        refusal: refusal.map(Refusal::message),
        key: &key,
        name: form.get("name"),
        team_key: form.get("teamKey"),
        description: form.get("description"),
    };
    page::render_form(&page, refusal)
}

pub(super) async fn make(backend: &Backend<'_>, me: Me, form: &Form) -> Result<Response, Refusal> {
    let body = json!({
        "name": form.get("name").trim(),
        "key": form.get("teamKey").trim(),
        "description": form.get("description").trim(),
    });
    let made: Result<Team, Refusal> = backend
        .once(form.get("key"), Method::POST, "/api/v2/teams", Some(&body))
        .await;
    match made {
        Ok(team) => Ok(page::redirect(&format!(
            "/settings/teams/team/{}",
            team.key
        ))),
        Err(refusal) => show_new(me, form, Some(&refusal.unless_signed_out()?)),
    }
}
