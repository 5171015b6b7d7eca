//! The table of tokens.

use askama::Template;
use poem::Response;

use super::super::HOME;
use super::super::backend::{Backend, Me, Page};
use super::super::form::Form;
use super::super::page::{self, Pages, Refusal};
use super::super::roles::roles_if;
use super::super::time::Moment;
use super::standing::Words;
use super::{Offers, Token, me};

/// Tokens on a page.
const LIMIT: u64 = 25;

/// By what the table is sorted: the word in the address, and in the list of choices.
const SORTS: [(&str, &str); 7] = [
    ("-creationDate", "newest first"),
    ("creationDate", "oldest first"),
    ("name", "name"),
    ("-lastUsed", "used last"),
    ("lastUsed", "unused longest"),
    ("expiry", "ends soonest"),
    ("-name", "name, backwards"),
];

struct Row {
    id: String,
    name: String,
    kind: &'static str,
    who: String,
    scope: String,
    now: Words,
    used: Moment,
    created: Moment,
    expires: Moment,
    ending: String,
    offers: Offers,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct Tokens<'a> {
    me: Me,
    rows: Vec<Row>,
    pages: Pages,
    q: &'a str,
    kind: &'a str,
    sort: &'a str,
    sorts: [(&'static str, &'static str); 7],
    may_create: bool,
    deleted: bool,
}

/// What is searched for, for the API and for the links to other pages, with an `&` at its end.
fn query(form: &Form) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    for name in ["q", "kind", "sort"] {
        if let Some(value) = form.filled(name) {
            encoded.append_pair(name, value);
        }
    }
    match encoded.finish() {
        query if query.is_empty() => query,
        query => format!("{query}&"),
    }
}

pub(super) async fn show(backend: &Backend<'_>, form: &Form) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let offset = form.offset();
    let kept = query(form);
    // Who may not see all of them sees their own.
    let all = me.sees_all();
    let path =
        format!("/api/v2/tokens?showAll={all}&limit={LIMIT}&expand=standing&{kept}offset={offset}");
    let page: Page<Token> = backend.get(&path).await?;
    let custom = |token: &Token| token.custom_role_ids.is_some();
    let roles = roles_if(backend, page.items.iter().any(custom)).await;
    let row = |token: &Token| Row {
        id: token.id.clone(),
        name: token.shown_name().to_owned(),
        kind: token.kind(),
        who: token.who(),
        now: token.now(&token.scope(&roles)),
        scope: token.scope(&roles),
        used: token.used(),
        created: Moment(Some(token.creation_date)),
        expires: Moment(token.expiry),
        ending: token.token.clone(),
        offers: token.offers(&me),
    };
    let rows: Vec<Row> = page.items.iter().map(row).collect();
    let own = format!("member/{}:token/any", me.id);
    page::render(&Tokens {
        may_create: me.may("createAccessToken", &own),
        me,
        rows,
        pages: Pages::of(HOME, &kept, offset, LIMIT, &page),
        q: form.get("q"),
        kind: form.get("kind"),
        sort: form.filled("sort").unwrap_or("-creationDate"),
        sorts: SORTS,
        deleted: form.get("done") == "deleted",
    })
}
