//! The table of roles.

use askama::Template;
use poem::Response;

use super::super::backend::{Backend, Me, Page};
use super::super::form::Form;
use super::super::page::{self, Pages, Refusal};
use super::Role;

/// Roles on a page.
const LIMIT: u64 = 50;

#[derive(Template)]
#[template(path = "roles.html")]
struct Roles {
    me: Me,
    roles: Vec<Role>,
    pages: Pages,
}

pub(super) async fn show(backend: &Backend<'_>, me: Me, query: &Form) -> Result<Response, Refusal> {
    let offset = query.offset();
    let path = format!("/api/v2/roles?limit={LIMIT}&offset={offset}");
    let page: Page<Role> = backend.get(&path).await?;
    page::render(&Roles {
        me,
        pages: Pages::of("/settings/roles", "", offset, LIMIT, &page),
        roles: page.items,
    })
}
