//! The table of members.

use askama::Template;
use poem::Response;

use super::super::backend::{Backend, Me, Page};
use super::super::form::Form;
use super::super::page::{self, Pages, Refusal};
use super::super::roles::{Role, names, roles_if};
use super::Member;
use crate::rep::link::with_query;

/// Members on a page.
const LIMIT: u64 = 50;

#[derive(Template)]
#[template(path = "members.html")]
struct Members<'a> {
    me: Me,
    members: Vec<Member>,
    roles: Vec<Role>,
    pages: Pages,
    q: &'a str,
}

impl Members<'_> {
    /// What a member has, in words.
    fn has(&self, member: &Member) -> String {
        if member.custom_roles.is_empty() {
            return member.role.clone();
        }
        names(&self.roles, &member.custom_roles)
    }
}

pub(super) async fn show(backend: &Backend<'_>, me: Me, query: &Form) -> Result<Response, Refusal> {
    let offset = query.offset();
    // A comma parts the filter's fields, and is in no e-mail that anybody has.
    let filter = query.filled("q");
    let filter = filter.map(|text| format!("query:{}", text.replace(',', " ")));
    let query_of = [
        ("limit", Some(LIMIT.to_string())),
        ("offset", Some(offset.to_string())),
        ("filter", filter),
    ];
    let path = with_query("/api/v2/members", &query_of);
    let page: Page<Member> = backend.get(&path).await?;
    let custom = page.items.iter().any(|one| !one.custom_roles.is_empty());
    let q = query.get("q");
    let kept: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    page::render(&Members {
        me,
        roles: roles_if(backend, custom).await,
        pages: Pages::of(
            "/settings/members",
            &format!("q={kept}&"),
            offset,
            LIMIT,
            &page,
        ),
        members: page.items,
        q,
    })
}
