//! `/settings/authorization/tokens/<id>`: one token, its history, its use, and what it may do and why.

use askama::Template;
use poem::Response;
use serde::Deserialize;

use super::super::audit::{Entry, entries};
use super::super::backend::{Backend, Me};
use super::super::form::Form;
use super::super::page::{self, Refusal};
use super::super::plot::{Plot, by_day};
use super::super::roles::roles_if;
use super::super::time::moment;
use super::standing::Words;
use super::{Offers, Token, me};
use crate::rep::link::with_query;

/// Days of use that are shown.
const DAYS: usize = 30;
/// Entries of the timeline that are shown; the audit log has the rest.
const ENTRIES: usize = 20;

#[derive(Deserialize)]
struct Usage {
    items: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    day: String,
    calls: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Explained {
    allowed: bool,
    status: String,
    date: i64,
    layers: Vec<Layer>,
    since: Option<Step>,
}

#[derive(Deserialize)]
struct Layer {
    from: String,
    allowed: bool,
    by: Option<Cited>,
    nearest: Option<Cited>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cited {
    source: String,
    role: Option<String>,
    custom_role_key: Option<String>,
    team_key: Option<String>,
    index: u64,
    misses: Option<String>,
}

#[derive(Deserialize)]
struct Step {
    date: i64,
    #[serde(rename = "type")]
    event: String,
    name: Option<String>,
}

impl Cited {
    fn place(&self) -> String {
        let role = self.role.as_deref().or(self.custom_role_key.as_deref());
        let role = role.unwrap_or("that was deleted");
        let policy = match self.source.as_str() {
            "builtInRole" => format!("the built-in role {role}"),
            "customRole" => format!("the custom role {role}"),
            "teamRole" => format!(
                "the custom role {role} of the team {}",
                self.team_key.as_deref().unwrap_or("that was deleted")
            ),
            "teamGrant" => format!(
                "a permission on the team {}",
                self.team_key.as_deref().unwrap_or("that was deleted")
            ),
            "inlinePolicy" => "its in-line policy".to_owned(),
            _ => "the policy as it was when it was made".to_owned(),
        };
        format!("statement {} of {policy}", self.index.saturating_add(1))
    }
}

impl Layer {
    fn whose(&self) -> &'static str {
        match self.from.as_str() {
            "scope" => "Its scope",
            "member" => "Its member",
            _ => "Whoever made it",
        }
    }

    fn words(&self) -> String {
        match (&self.by, &self.nearest) {
            (Some(by), _) if self.allowed => format!("allows it: {}", by.place()),
            (Some(by), _) => format!("denies it: {}", by.place()),
            (None, Some(near)) => format!(
                "does not allow it; nearest is {}, which is about {}",
                near.place(),
                match near.misses.as_deref() {
                    Some("action") => "other actions",
                    _ => "other resources",
                }
            ),
            (None, None) => match self.allowed {
                true => "allows it".to_owned(),
                false => "does not allow it: no statement is about it".to_owned(),
            },
        }
    }
}

/// The answer of the tester, in words.
struct Answer {
    allowed: bool,
    verdict: String,
    lines: Vec<(&'static str, String)>,
    since: Option<String>,
}

impl Explained {
    fn words(&self) -> Answer {
        let verdict = match (self.allowed, self.status.as_str()) {
            (true, _) => "Allowed".to_owned(),
            (false, "active") => "Not allowed".to_owned(),
            (false, status) => format!("Not allowed: the token is {status}"),
        };
        let since = self.since.as_ref().map(|step| {
            let name = step.name.as_deref().unwrap_or_default();
            format!("since {}: {} {name}", moment(step.date), step.event)
        });
        Answer {
            allowed: self.allowed,
            verdict: format!("{verdict}, as of {}", moment(self.date)),
            lines: self
                .layers
                .iter()
                .map(|layer| (layer.whose(), layer.words()))
                .collect(),
            since,
        }
    }
}

/// What was asked, and what came of it.
struct Tried<'a> {
    action: &'a str,
    resource: &'a str,
    as_of: &'a str,
    answer: Option<Answer>,
    refusal: Option<String>,
}

async fn tried<'a>(backend: &Backend<'_>, id: &str, form: &'a Form) -> Result<Tried<'a>, Refusal> {
    let mut tried = Tried {
        action: form.get("action"),
        resource: form.get("resource"),
        as_of: form.get("asOf"),
        answer: None,
        refusal: None,
    };
    if tried.action.is_empty() && tried.resource.is_empty() {
        return Ok(tried);
    }
    let query = [
        ("action", Some(tried.action.trim().to_owned())),
        ("resource", Some(tried.resource.trim().to_owned())),
        ("asOf", form.filled("asOf").map(str::to_owned)),
    ];
    let path = with_query(&format!("/api/v2/tokens/{id}/explanation"), &query);
    match backend.get::<Explained>(&path).await {
        Ok(explained) => tried.answer = Some(explained.words()),
        Err(refusal) => {
            tried.refusal = Some(refusal.unless_signed_out()?.message().to_owned());
        }
    }
    Ok(tried)
}

#[derive(Template)]
#[template(path = "token.html")]
struct Detail<'a> {
    me: Me,
    id: &'a str,
    name: &'a str,
    description: &'a str,
    kind: &'static str,
    who: String,
    scope: String,
    policy: Option<String>,
    binding: Option<&'a str>,
    now: Words,
    used: String,
    created: String,
    expires: Option<String>,
    previous: Option<String>,
    version: u32,
    ending: &'a str,
    offers: Offers,
    tried: Tried<'a>,
    plot: Plot,
    calls: u64,
    entries: Vec<Entry>,
    spec: String,
}

pub(super) async fn show(
    backend: &Backend<'_>,
    id: &str,
    form: &Form,
) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let token: Token = backend
        .get(&format!("/api/v2/tokens/{id}?expand=standing"))
        .await?;
    let tried = tried(backend, id, form).await?;
    let usage: Usage = backend
        .get(&format!("/api/v2/tokens/{id}/usage?days={DAYS}"))
        .await?;
    let days: Vec<(String, [u64; 2])> = usage
        .items
        .into_iter()
        .map(|day| (day.day, [day.calls, 0]))
        .collect();
    let calls = days.iter().map(|(_, [calls, _])| calls).sum();
    let roles = roles_if(backend, token.custom_role_ids.is_some()).await;
    let spec = token.resource();
    let encoded: String = form_urlencoded::byte_serialize(spec.as_bytes()).collect();
    let entries = entries(backend, &format!("spec={encoded}&limit={ENTRIES}")).await;
    let policy = token.inline_role.as_ref();
    page::render(&Detail {
        offers: token.offers(&me),
        me,
        id,
        name: token.shown_name(),
        description: token.description.as_deref().unwrap_or_default(),
        kind: token.kind(),
        who: token.who(),
        now: token.now(&token.scope(&roles)),
        scope: token.scope(&roles),
        policy: policy.and_then(|policy| serde_json::to_string_pretty(policy).ok()),
        binding: token.role_binding.as_deref(),
        used: token.used().whole(),
        created: moment(token.creation_date),
        expires: token.expiry.map(moment),
        previous: token.previous_until.map(moment),
        version: token.default_api_version,
        ending: &token.token,
        tried,
        plot: by_day(&days, backend.now_ms(), DAYS),
        calls,
        entries: entries.map(|page| page.items).unwrap_or_default(),
        spec: encoded,
    })
}
