//! Inviting a member, and the link with which the member joins.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::super::backend::{Backend, Me, Page};
use super::super::form::{Form, fresh_key};
use super::super::page::{self, Refusal};
use super::super::roles::{Role, roles};
use super::super::time::moment;
use super::Member;

#[derive(Template)]
#[template(path = "member_new.html")]
struct NewMember<'a> {
    me: Me,
    refusal: Option<&'a str>,
    key: &'a str,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    role: &'a str,
    roles: &'a [Role],
    chosen: Vec<&'a str>,
}

#[derive(Template)]
#[template(path = "member_link.html")]
struct Link<'a> {
    me: Me,
    member: &'a Member,
    link: String,
    until: String,
}

#[derive(Deserialize)]
struct Invitation {
    href: String,
    expiry: i64,
}

async fn render(
    backend: &Backend<'_>,
    me: Me,
    form: &Form,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let key = form.key()?;
    let roles = roles(backend).await;
    let page = NewMember {
        me,
        refusal: refusal.map(Refusal::message),
        key: &key,
        email: form.get("email"),
        first_name: form.get("firstName"),
        last_name: form.get("lastName"),
        role: form.filled("role").unwrap_or("reader"),
        roles: &roles,
        chosen: form.all("customRole").collect(),
    };
    page::render_form(&page, refusal)
}

pub(super) async fn show(backend: &Backend<'_>, me: Me) -> Result<Response, Refusal> {
    render(backend, me, &Form::default(), None).await
}

pub(super) async fn invite(
    backend: &Backend<'_>,
    me: Me,
    form: &Form,
) -> Result<Response, Refusal> {
    let custom: Vec<&str> = form.all("customRole").collect();
    let body = json!([{
        "email": form.get("email").trim(),
        "firstName": form.filled("firstName"),
        "lastName": form.filled("lastName"),
        "role": form.filled("role"),
        "customRoles": custom,
    }]);
    let key = form.get("key");
    let made: Result<Page<Member>, Refusal> = backend
        .once(key, Method::POST, "/api/v2/members", Some(&body))
        .await;
    match made {
        Ok(page) => match page.items.first() {
            // A link is for setting a password.
            Some(member) if !backend.node().settings.password_sign_in => {
                Ok(page::redirect(&format!("/settings/members/{}", member.id)))
            }
            Some(member) => link(backend, me, member).await,
            None => Ok(page::redirect("/settings/members")),
        },
        Err(refusal) => render(backend, me, form, Some(&refusal.unless_signed_out()?)).await,
    }
}

/// Makes a link, which ends the one before, and shows it this once.
pub(super) async fn link(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
) -> Result<Response, Refusal> {
    let path = format!("/api/v2/members/{}/invitation", member.id);
    let fresh = fresh_key()?;
    let made: Invitation = backend.once(&fresh, Method::POST, &path, None).await?;
    page::render(&Link {
        me,
        member,
        link: format!("{}{}", backend.origin(), made.href),
        until: moment(made.expiry),
    })
}
