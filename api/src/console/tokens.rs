//! The Authorization tab: the account's tokens, and making, cloning, resetting and deleting one.

mod create;
mod detail;
mod list;
mod one;
mod secret;
mod standing;

use keyledger_domain::ids::TokenId;
use poem::Response;
use serde::Deserialize;

use super::backend::{Backend, Me};
use super::form::Form;
use super::page::Refusal;
use super::roles::{Role, names};
use super::time::Moment;
use standing::Standing;

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
    #[serde(rename = "_standing")]
    standing: Option<Standing>,
    description: Option<String>,
    inline_role: Option<serde_json::Value>,
    role_binding: Option<String>,
    default_api_version: u32,
    #[serde(rename = "_previousSecretExpiry")]
    previous_until: Option<i64>,
    member_id: String,
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
}

impl Token {
    fn shown_name(&self) -> &str {
        let name = self.name.as_deref();
        let name = name.filter(|name| !name.trim().is_empty());
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
        names(roles, ids)
    }

    fn who(&self) -> String {
        let member = self.member.as_ref();
        member.map_or_else(
            || "a removed member".to_owned(),
            |member| member.email.clone(),
        )
    }

    /// What it may do now, in words; `scope` is its scope in words.
    fn now(&self, scope: &str) -> standing::Words {
        let standing = self.standing.as_ref();
        let words = standing.map(|standing| standing.words(scope));
        words.unwrap_or_default()
    }

    fn used(&self) -> Moment {
        Moment(self.last_used.filter(|ms| *ms > 0))
    }
}

/// What a path below this tab names.
enum Place<'a> {
    List,
    New,
    Detail(&'a str),
    One(&'a str, Action),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Clone,
    Reset,
    Delete,
}

/// What may be done with a token, for the menu.
#[derive(Debug, Clone, Copy)]
struct Offers {
    clone: bool,
    reset: bool,
    delete: bool,
}

impl Token {
    /// The resource that stands for it.
    fn resource(&self) -> String {
        match self.service_token {
            true => format!("service-token/{}", self.id),
            false => format!("member/{}:token/{}", self.member_id, self.id),
        }
    }

    fn offers(&self, me: &Me) -> Offers {
        let resource = self.resource();
        let own = self.service_token || self.member_id == me.id;
        let copy = match self.service_token {
            true => "service-token/any".to_owned(),
            false => format!("member/{}:token/any", me.id),
        };
        Offers {
            clone: me.may("createAccessToken", &copy),
            reset: own && me.may("resetAccessToken", &resource),
            delete: me.may("deleteAccessToken", &resource),
        }
    }
}

impl<'a> Place<'a> {
    fn of(rest: &[&'a str]) -> Option<Self> {
        match rest {
            [] | ["tokens"] => Some(Self::List),
            ["tokens", "new"] => Some(Self::New),
            ["tokens", id, rest @ ..] if id.parse::<TokenId>().is_ok() => match rest {
                [] => Some(Self::Detail(id)),
                ["clone"] => Some(Self::One(id, Action::Clone)),
                ["reset"] => Some(Self::One(id, Action::Reset)),
                ["delete"] => Some(Self::One(id, Action::Delete)),
                _ => None,
            },
            _ => None,
        }
    }
}

pub(super) async fn show(
    backend: &Backend<'_>,
    rest: &[&str],
    query: &Form,
) -> Result<Response, Refusal> {
    match Place::of(rest).ok_or_else(Refusal::no_page)? {
        Place::List => list::show(backend, query).await,
        Place::New => create::show(backend).await,
        Place::Detail(id) => detail::show(backend, id, query).await,
        Place::One(id, action) => one::show(backend, id, action).await,
    }
}

pub(super) async fn change(
    backend: &Backend<'_>,
    rest: &[&str],
    form: &Form,
) -> Result<Response, Refusal> {
    match Place::of(rest).ok_or_else(Refusal::no_page)? {
        Place::List | Place::Detail(_) => Err(Refusal::method()),
        Place::New => create::make(backend, form).await,
        Place::One(id, action) => one::change(backend, id, action, form).await,
    }
}

/// The page of this tab is about this member.
async fn me(backend: &Backend<'_>) -> Result<Me, Refusal> {
    backend.me("authorization").await
}
