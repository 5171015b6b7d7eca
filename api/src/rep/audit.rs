//! Entries of the audit log.

mod document;
mod words;

use keyledger_domain::ids::{AccountId, MemberId, StreamKind};
use keyledger_domain::state::State;
use keyledger_projections::AuditRow;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde_json::Value;

use super::link::{Link, Links, link, links};

pub use document::document;
use words::{escaped, verb};

/// One action on one resource.
#[derive(Debug, Clone, Object)]
pub struct ResourceAccess {
    /// The action.
    pub action: String,
    /// The resource, as policies name it.
    pub resource: String,
}

/// The member who did something.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct MemberData {
    /// Where the member is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The member's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// The e-mail.
    pub email: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
}

/// The token with which something was done.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct TokenSummary {
    /// Where the token is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The token's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// Its name; empty when it has none.
    pub name: String,
    /// The last four characters of its secret.
    pub ending: String,
    /// Whether it is a service token.
    pub service_token: bool,
}

/// What something was done to.
#[derive(Debug, Clone, Object)]
pub struct Target {
    /// Where it is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// Its name at that moment.
    pub name: String,
    /// The resources that stand for it.
    pub resources: Vec<String>,
}

/// What the target belongs to.
#[derive(Debug, Clone, Object)]
pub struct Parent {
    /// Where it is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// Its name.
    pub name: String,
    /// The resource that stands for it.
    pub resource: String,
}

/// An entry of the audit log.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct AuditLogEntry {
    /// Where the entry is.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The entry's id.
    #[oai(rename = "_id")]
    pub id: String,
    /// The account's id.
    #[oai(rename = "_accountId")]
    pub account_id: String,
    /// When it happened, Unix milliseconds.
    pub date: i64,
    /// What was done to which resource.
    pub accesses: Vec<ResourceAccess>,
    /// What it is about: account, member, role, team or token.
    pub kind: String,
    /// The name of what it is about, at that moment.
    pub name: String,
    /// What happened, in a sentence.
    pub description: String,
    /// The same without who did it.
    pub short_description: String,
    /// Why, in the words of whoever did it.
    pub comment: Option<String>,
    /// Who did it; absent when the operator of the server did.
    pub member: Option<MemberData>,
    /// The token with which it was done.
    pub token: Option<TokenSummary>,
    /// What was done, in words.
    pub title_verb: String,
    /// What happened, in a sentence with links, as Markdown.
    pub title: String,
    /// What it was done to.
    pub target: Target,
    /// What the target belongs to.
    pub parent: Option<Parent>,
    /// What changed, as a JSON Patch; in the answer for one entry.
    pub delta: Option<Any<Value>>,
    /// The target before, in the answer for one entry; absent when it was made.
    pub previous_version: Option<Any<Value>>,
    /// The target after, in the answer for one entry; absent when it is gone.
    pub current_version: Option<Any<Value>>,
    /// The event's place in the log (extension).
    #[oai(rename = "_position")]
    pub position: i64,
    /// The event's name (extension).
    #[oai(rename = "_event")]
    pub event: String,
}

/// A page of the audit log.
#[derive(Debug, Clone, Object)]
pub struct AuditLogEntries {
    /// The entries, the newest first.
    pub items: Vec<AuditLogEntry>,
    /// This page, and the next one if there is one.
    #[oai(rename = "_links")]
    pub links: Links,
}

/// How many entries there were in one stretch of time.
#[derive(Debug, Clone, Object)]
pub struct CountBucket {
    /// When it begins, Unix milliseconds.
    pub timestamp: i64,
    /// How many.
    pub count: i64,
}

/// How many entries there were, stretch by stretch.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct CountBucketsResult {
    /// The stretches, in rising order.
    pub buckets: Vec<CountBucket>,
    /// How many in all.
    pub total_count: i64,
    /// How long one stretch is, milliseconds.
    pub bucket_interval_ms: i64,
}

/// The id of an entry: the seconds and the position, in hex.
#[must_use]
pub fn entry_id(row: &AuditRow) -> String {
    format!("{:08x}{:016x}", row.at_ms / 1_000, row.position.get())
}

fn member_data(state: &State, row: &AuditRow) -> Option<MemberData> {
    let member = state.members.get(&row.member?)?;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(MemberData {
        links: links([("self", format!("/api/v2/members/{}", member.id))]),
        id: member.id.to_string(),
        email: member.email.clone(),
        first_name: given(&member.first_name),
        last_name: given(&member.last_name),
    })
}

fn token_summary(row: &AuditRow) -> Option<TokenSummary> {
    let token = row.token.as_ref()?;
    Some(TokenSummary {
        links: links([("self", format!("/api/v2/tokens/{}", token.id))]),
        id: token.id.to_string(),
        name: token.name.clone(),
        ending: token.ending.clone(),
        service_token: token.service,
    })
}

/// Where the target is, and what it belongs to.
fn place(row: &AuditRow) -> (String, Option<Parent>) {
    let key = row.resource.rsplit_once('/').map_or("", |(_, key)| key);
    let id = &row.target_id;
    match row.kind {
        StreamKind::Account => ("/api/v2".to_owned(), None),
        StreamKind::Member => (format!("/api/v2/members/{id}"), None),
        StreamKind::Role => (format!("/api/v2/roles/{key}"), None),
        StreamKind::Team => (format!("/api/v2/teams/{key}"), None),
        StreamKind::Token => {
            let member = row.resource.split_once(':').map(|(member, _)| member);
            let parent = member.map(|resource| {
                let id = resource.rsplit_once('/').map_or("", |(_, id)| id);
                Parent {
                    links: links([("self", format!("/api/v2/members/{id}"))]),
                    name: id.to_owned(),
                    resource: resource.to_owned(),
                }
            });
            (format!("/api/v2/tokens/{id}"), parent)
        }
    }
}

/// An entry for the wire.
#[must_use]
pub fn entry(state: &State, account: AccountId, row: &AuditRow) -> AuditLogEntry {
    let id = entry_id(row);
    let member = member_data(state, row);
    let (href, mut parent) = place(row);
    if let Some(parent) = &mut parent {
        let known = parent
            .name
            .parse::<MemberId>()
            .ok()
            .and_then(|id| state.members.get(&id));
        if let Some(member) = known {
            parent.name.clone_from(&member.email);
        }
    }
    let who = member.as_ref().map_or_else(
        || ("The operator".to_owned(), "The operator".to_owned()),
        |member| {
            let first = member.first_name.as_deref().unwrap_or_default();
            let last = member.last_name.as_deref().unwrap_or_default();
            let name = format!("{first} {last}");
            let name = match name.trim() {
                "" => member.email.clone(),
                name => name.to_owned(),
            };
            let linked = format!("[{}](mailto:{})", escaped(&name), escaped(&member.email));
            (name, linked)
        },
    );
    let verb = verb(&row.event_type);
    let short_description = format!("{verb} {}", row.name);
    let entry: (&str, Link) = ("self", link(format!("/api/v2/auditlog/{id}")));
    AuditLogEntry {
        links: [(entry.0.to_owned(), entry.1)].into(),
        account_id: account.to_string(),
        date: row.at_ms,
        accesses: row
            .actions
            .iter()
            .map(|action| ResourceAccess {
                action: action.clone(),
                resource: row.resource.clone(),
            })
            .collect(),
        kind: row.kind.name().to_owned(),
        name: row.name.clone(),
        description: format!("{} {short_description}", who.0),
        short_description,
        comment: row.comment.clone(),
        member,
        token: token_summary(row),
        title_verb: verb.to_owned(),
        title: format!("{} {verb} [{}]({href})", who.1, escaped(&row.name)),
        target: Target {
            links: links([("self", href)]),
            name: row.name.clone(),
            resources: vec![row.resource.clone()],
        },
        parent,
        delta: None,
        previous_version: None,
        current_version: None,
        position: row.position.get(),
        event: row.event_type.clone(),
        id,
    }
}
