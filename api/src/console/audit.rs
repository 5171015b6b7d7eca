//! `/settings/audit`: who did what, when and with which token.

use askama::Template;
use poem::Response;
use serde::Deserialize;
use serde_json::Value;

use super::backend::{Backend, Me};
use super::form::Form;
use super::page::{self, Refusal};
use super::time::moment;

/// An entry of the audit log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "_id")]
    pub(super) id: String,
    date: i64,
    pub(super) kind: String,
    pub(super) description: String,
    pub(super) comment: Option<String>,
    token: Option<With>,
    #[serde(rename = "_position")]
    pub(super) position: i64,
    #[serde(rename = "_event")]
    pub(super) event: String,
    delta: Option<Value>,
    previous_version: Option<Value>,
    current_version: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct With {
    name: Option<String>,
    ending: String,
}

impl Entry {
    pub(super) fn at(&self) -> String {
        moment(self.date)
    }

    /// The token with which it was done; empty when none was.
    pub(super) fn with(&self) -> String {
        self.token.as_ref().map_or_else(String::new, |token| {
            let name = token.name.as_deref().filter(|name| !name.is_empty());
            format!(
                "with {} (…{})",
                name.unwrap_or("a token without a name"),
                token.ending
            )
        })
    }
}

/// A page of entries.
#[derive(Debug, Deserialize)]
pub(super) struct Entries {
    pub(super) items: Vec<Entry>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Debug, Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    href: String,
}

/// Entries that a query asks for.
pub(super) async fn entries(backend: &Backend<'_>, query: &str) -> Result<Entries, Refusal> {
    backend.get(&format!("/api/v2/auditlog?{query}")).await
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Log<'a> {
    me: Me,
    entries: Vec<Entry>,
    refusal: Option<String>,
    q: &'a str,
    spec: &'a str,
    from: &'a str,
    until: &'a str,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "audit_entry.html")]
struct One {
    me: Me,
    entry: Entry,
    delta: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Midnight of a day in UTC, such as `2026-11-26`, Unix milliseconds.
fn midnight(day: &str) -> Option<i64> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = time::Date::parse(day, format).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp() * 1_000)
}

/// What the form asks of the API.
fn query(form: &Form) -> Result<String, Refusal> {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.append_pair("limit", "20");
    for name in ["q", "spec", "beforePosition"] {
        if let Some(value) = form.filled(name) {
            encoded.append_pair(name, value);
        }
    }
    for (name, field, days) in [("after", "from", 0), ("before", "until", 1)] {
        if let Some(day) = form.filled(field) {
            let at = midnight(day).ok_or_else(|| {
                Refusal::unprocessable(format!("{field}: is a day such as 2026-11-26"))
            })?;
            // Both days belong to the time that is asked for; the API's limits do not.
            let at = at + days * 86_400_000 - i64::from(days == 0);
            encoded.append_pair(name, &at.max(0).to_string());
        }
    }
    Ok(encoded.finish())
}

/// The next page, as a page of the console: what was asked, and the position of the API's own link.
fn next(form: &Form, entries: &Entries) -> Option<String> {
    let href = &entries.links.next.as_ref()?.href;
    let link = Form::of(href.split_once('?')?.1.as_bytes());
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    for name in ["q", "spec", "from", "until"] {
        if let Some(value) = form.filled(name) {
            encoded.append_pair(name, value);
        }
    }
    encoded.append_pair("beforePosition", link.filled("beforePosition")?);
    Some(encoded.finish())
}

fn pretty(value: &Value) -> Option<String> {
    serde_json::to_string_pretty(value).ok()
}

pub(super) async fn show(
    backend: &Backend<'_>,
    rest: &[&str],
    form: &Form,
) -> Result<Response, Refusal> {
    let me = backend.me("audit").await?;
    match rest {
        [] => {
            let found = match query(form) {
                Ok(query) => entries(backend, &query).await,
                Err(refusal) => Err(refusal),
            };
            let (entries, next, refusal) = match found {
                Ok(page) => {
                    let next = next(form, &page);
                    (page.items, next, None)
                }
                Err(refusal) => (Vec::new(), None, Some(refusal.unless_signed_out()?)),
            };
            let page = Log {
                me,
                entries,
                refusal: refusal.as_ref().map(|refusal| refusal.message().to_owned()),
                q: form.get("q"),
                spec: form.get("spec"),
                from: form.get("from"),
                until: form.get("until"),
                next,
            };
            page::render_form(&page, refusal.as_ref())
        }
        [id] if id.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            let entry: Entry = backend.get(&format!("/api/v2/auditlog/{id}")).await?;
            page::render(&One {
                me,
                delta: entry.delta.as_ref().and_then(pretty),
                before: entry.previous_version.as_ref().and_then(pretty),
                after: entry.current_version.as_ref().and_then(pretty),
                entry,
            })
        }
        _ => Err(Refusal::no_page()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_asked_for_with_their_ends() {
        let form = Form::of(b"from=2026-11-25&until=2026-11-26&q=ci+bot");
        let query = query(&form).ok().unwrap();
        assert_eq!(
            query,
            "limit=20&q=ci+bot&after=1795564799999&before=1795737600000"
        );
        assert!(super::query(&Form::of(b"from=yesterday")).is_err());
    }
}
