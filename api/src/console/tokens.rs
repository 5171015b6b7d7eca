//! The Authorization tab: the account's tokens, and making, cloning, resetting and deleting one.

mod create;
mod list;
mod one;
mod secret;

use keyledger_domain::ids::TokenId;
use poem::{Request, Response};
use serde::Deserialize;

use super::HOME;
use super::backend::Backend;
use super::form::Form;
use super::page::Refusal;
use super::time::moment;

/// A token as the API gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    #[serde(rename = "_id")]
    id: String,
    name: Option<String>,
    #[serde(rename = "_member")]
    member: Option<Member>,
    service_token: bool,
    role: Option<String>,
    custom_role_ids: Option<Vec<String>>,
    token: String,
    last_used: Option<i64>,
    creation_date: i64,
    expiry: Option<i64>,
    #[serde(rename = "_cutOff")]
    cut_off: Option<CutOff>,
}

/// What the ceiling of a service token cuts off from its scope.
#[derive(Debug, Deserialize)]
struct CutOff {
    action: Option<String>,
    resource: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Member {
    email: String,
    role: String,
}

#[derive(Debug, Deserialize)]
struct Role {
    #[serde(rename = "_id")]
    id: String,
    key: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(rename = "totalCount")]
    total: Option<u64>,
}

impl Token {
    fn shown_name(&self) -> &str {
        let name = self.name.as_deref().filter(|name| !name.is_empty());
        name.unwrap_or("(no name)")
    }

    const fn kind(&self) -> &'static str {
        match self.service_token {
            true => "Service",
            false => "Personal",
        }
    }

    /// What it was asked to be able to do, in words.
    fn scope(&self, roles: &[Role]) -> String {
        if let Some(role) = &self.role {
            return role.clone();
        }
        let Some(ids) = &self.custom_role_ids else {
            return "in-line policy".to_owned();
        };
        let name = |id: &String| {
            let known = roles.iter().find(|role| role.id == *id);
            known.map_or_else(|| "a deleted role".to_owned(), |role| role.name.clone())
        };
        ids.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn used(&self) -> String {
        match self.last_used {
            None | Some(0) => "never".to_owned(),
            Some(ms) => moment(ms),
        }
    }
}

/// The roles that there are; none where the member may not see them.
async fn roles(backend: &Backend<'_>) -> Vec<Role> {
    let page: Result<Page<Role>, _> = backend.get("/api/v2/roles?limit=1000").await;
    page.map(|page| page.items).unwrap_or_default()
}

async fn me(backend: &Backend<'_>) -> Result<Member, Refusal> {
    backend.get("/api/v2/members/me").await
}

/// What a path below this tab names.
enum Place<'a> {
    List,
    New,
    One(&'a str, Action),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Clone,
    Reset,
    Delete,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix(HOME)?;
        match rest.split('/').skip(1).collect::<Vec<_>>().as_slice() {
            [] | ["tokens"] => Some(Self::List),
            ["tokens", "new"] => Some(Self::New),
            ["tokens", id, action] if id.parse::<TokenId>().is_ok() => {
                let action = match *action {
                    "clone" => Action::Clone,
                    "reset" => Action::Reset,
                    "delete" => Action::Delete,
                    _ => return None,
                };
                Some(Self::One(id, action))
            }
            _ => None,
        }
    }
}

pub(super) async fn show(
    backend: &Backend<'_>,
    path: &str,
    request: &Request,
) -> Result<Response, Refusal> {
    match Place::of(path).ok_or_else(Refusal::no_page)? {
        Place::List => {
            let query = request.uri().query().unwrap_or_default();
            list::show(backend, &Form::of(query.as_bytes())).await
        }
        Place::New => create::show(backend).await,
        Place::One(id, action) => one::show(backend, id, action).await,
    }
}

pub(super) async fn change(
    backend: &Backend<'_>,
    path: &str,
    request: &mut Request,
) -> Result<Response, Refusal> {
    let place = Place::of(path).ok_or_else(Refusal::no_page)?;
    let form = Form::read(request).await?;
    match place {
        Place::List => Err(Refusal::method()),
        Place::New => create::make(backend, &form).await,
        Place::One(id, action) => one::change(backend, id, action, &form).await,
    }
}
