//! Removing a member, with a list of what dies.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde_json::{Value, json};

use super::super::backend::{Backend, Me};
use super::super::form::Form;
use super::super::page::{self, Refusal};
use super::super::what_if::{self, WhatIf};
use super::Member;

#[derive(Template)]
#[template(path = "member_remove.html")]
struct Remove<'a> {
    me: Me,
    refusal: Option<&'a str>,
    key: &'a str,
    member: &'a Member,
    what_if: WhatIf,
}

async fn render(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
    form: &Form,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let key = form.key()?;
    let body = json!({"member": member.id, "delete": true});
    let page = Remove {
        me,
        refusal: refusal.map(Refusal::message),
        key: &key,
        member,
        what_if: what_if::ask(backend, &body).await?,
    };
    page::render_form(&page, refusal)
}

pub(super) async fn show(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
) -> Result<Response, Refusal> {
    render(backend, me, member, &Form::default(), None).await
}

pub(super) async fn remove(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
    form: &Form,
) -> Result<Response, Refusal> {
    let done = match form.get("confirm").trim() == member.email {
        true => {
            let path = format!("/api/v2/members/{}", member.id);
            let key = form.get("key");
            let done: Result<Value, _> = backend.once(key, Method::DELETE, &path, None).await;
            done
        }
        false => Err(Refusal::unprocessable(
            "type the member's e-mail to confirm".to_owned(),
        )),
    };
    match done {
        Ok(_) => Ok(page::redirect("/settings/members")),
        Err(refusal) => {
            render(
                backend,
                me,
                member,
                form,
                Some(&refusal.unless_signed_out()?),
            )
            .await
        }
    }
}
