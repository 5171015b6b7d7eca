//! `/settings/overview`: the account at a glance, for who sees all of its tokens.

use askama::Template;
use poem::Response;
use poem::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::backend::{Backend, Me};
use super::form::Form;
use super::page::{self, Refusal};
use super::plot::{Plot, bars, by_day};

/// Days of decisions and changes that are shown.
const DAYS: usize = 14;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    ages: Vec<Age>,
    never_used: u64,
    unused: u64,
    expiring: u64,
    expired: u64,
    deactivated: u64,
    decisions: Option<Vec<Day>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Age {
    days_below: Option<i64>,
    personal: u64,
    service: u64,
}

#[derive(Deserialize)]
struct Day {
    day: String,
    allowed: u64,
    denied: u64,
}

#[derive(Deserialize)]
struct Counts {
    buckets: Vec<Bucket>,
}

#[derive(Deserialize)]
struct Bucket {
    timestamp: i64,
    count: u64,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    me: Me,
    personal: u64,
    service: u64,
    never_used: u64,
    unused: u64,
    expiring: u64,
    expired: u64,
    deactivated: u64,
    ages: Plot,
    decisions: Option<Plot>,
    /// Whether the changes were counted, which takes a while: the page asks for that when it is there.
    counted: bool,
    changes: Option<Plot>,
}

/// Each range of ages by its name.
fn named(ages: &[Age]) -> Vec<(String, [u64; 2])> {
    let mut least = 0;
    let mut columns = Vec::with_capacity(ages.len());
    for age in ages {
        let label = match age.days_below {
            Some(below) => format!("{least} to {below} days"),
            None => format!("{least} days or more"),
        };
        least = age.days_below.unwrap_or(least);
        columns.push((label, [age.personal, age.service]));
    }
    columns
}

/// The changes of the last days. There may be more than are counted at once: then there is no plot of them.
async fn changes(backend: &Backend<'_>) -> Option<Plot> {
    // In whole days, so that a stretch is a day.
    let day_ms = 86_400_000;
    let days = i64::try_from(DAYS).unwrap_or(0);
    let until = (backend.now_ms() / day_ms + 1) * day_ms;
    let path = format!(
        "/api/v2/auditlog/counts?after={}&before={until}&buckets={DAYS}",
        until - days * day_ms
    );
    let counts: Counts = backend.ask(&path, &json!([])).await.ok()?;
    let buckets = counts.buckets.iter();
    let days = buckets.map(|one| (super::time::day(one.timestamp), [one.count, 0]));
    Some(bars(days.collect()))
}

pub(super) async fn show(backend: &Backend<'_>, query: &Form) -> Result<Response, Refusal> {
    let me = backend.me("overview").await?;
    if !me.sees_all() {
        return Err(Refusal::Said(
            StatusCode::FORBIDDEN,
            "the overview is for who may see all tokens".to_owned(),
        ));
    }
    let found: Statistics = backend.get("/api/v2/token-statistics").await?;
    let now_ms = backend.now_ms();
    let decisions = found.decisions.as_ref().map(|days| {
        let days = days
            .iter()
            .map(|day| (day.day.clone(), [day.allowed, day.denied]));
        by_day(&days.collect::<Vec<_>>(), now_ms, DAYS)
    });
    let counted = query.get("changes") == "count";
    let changes = match counted {
        true => changes(backend).await,
        false => None,
    };
    let ages = named(&found.ages);
    page::render(&Overview {
        me,
        personal: ages.iter().map(|(_, [personal, _])| personal).sum(),
        service: ages.iter().map(|(_, [_, service])| service).sum(),
        never_used: found.never_used,
        unused: found.unused,
        expiring: found.expiring,
        expired: found.expired,
        deactivated: found.deactivated,
        ages: bars(ages),
        decisions,
        counted,
        changes,
    })
}
