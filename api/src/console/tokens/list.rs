//! The table of tokens.

use askama::Template;
use poem::Response;

use super::super::backend::Backend;
use super::super::form::Form;
use super::super::page::{self, Refusal};
use super::super::time::moment;
use super::{Member, Page, Token, me, roles};

/// Tokens on a page.
const LIMIT: u64 = 50;

struct Row {
    id: String,
    name: String,
    kind: &'static str,
    who: String,
    scope: String,
    used: String,
    created: String,
    expires: Option<String>,
    ending: String,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct Tokens {
    me: Member,
    rows: Vec<Row>,
    first: u64,
    last: u64,
    total: u64,
    before: Option<u64>,
    after: Option<u64>,
}

pub(super) async fn show(backend: &Backend<'_>, query: &Form) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let offset: u64 = query.get("offset").parse().unwrap_or(0);
    let path = format!("/api/v2/tokens?showAll=true&limit={LIMIT}&offset={offset}");
    // Who may not see all of them sees their own.
    let page: Page<Token> = match backend.get(&path).await {
        Err(Refusal::Said(status, _)) if status.as_u16() == 403 => {
            let path = format!("/api/v2/tokens?limit={LIMIT}&offset={offset}");
            backend.get(&path).await?
        }
        page => page?,
    };
    let roles = roles(backend).await;
    let rows: Vec<Row> = page
        .items
        .iter()
        .map(|token| Row {
            id: token.id.clone(),
            name: token.shown_name().to_owned(),
            kind: token.kind(),
            who: token.member.as_ref().map_or_else(
                || "a removed member".to_owned(),
                |member| member.email.clone(),
            ),
            scope: token.scope(&roles),
            used: token.used(),
            created: moment(token.creation_date),
            expires: token.expiry.map(moment),
            ending: token.token.clone(),
        })
        .collect();
    let count = rows.len() as u64;
    let total = page.total.unwrap_or(count);
    let last = offset.saturating_add(count);
    page::render(&Tokens {
        me,
        rows,
        first: offset.saturating_add(1).min(last),
        last,
        total,
        before: (offset > 0).then(|| offset.saturating_sub(LIMIT)),
        after: (last < total).then_some(last),
    })
}
