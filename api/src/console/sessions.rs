//! `/settings/sessions`: where one is signed in.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde::Deserialize;

use super::backend::{Backend, Me, Page};
use super::page::{self, Refusal};
use super::time::moment;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    #[serde(rename = "_id")]
    id: String,
    creation_date: i64,
    expiry: i64,
    current: bool,
}

impl Session {
    fn since(&self) -> String {
        moment(self.creation_date)
    }

    fn until(&self) -> String {
        moment(self.expiry)
    }
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct Sessions {
    me: Me,
    sessions: Vec<Session>,
}

pub(super) async fn show(backend: &Backend<'_>) -> Result<Response, Refusal> {
    let me = backend.me("sessions").await?;
    let page: Page<Session> = backend.get("/sessions").await?;
    page::render(&Sessions {
        me,
        sessions: page.items,
    })
}

pub(super) async fn end(backend: &Backend<'_>, id: &str) -> Result<Response, Refusal> {
    if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refusal::no_page());
    }
    let path = format!("/sessions/{id}");
    backend.headers(Method::DELETE, &path, None).await?;
    Ok(page::redirect("/settings/sessions"))
}
