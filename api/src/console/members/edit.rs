//! One member: the role and the custom roles, with a look at what another choice would do to tokens.

use askama::Template;
use poem::Response;
use serde_json::{Value, json};

use super::super::backend::{Backend, Me};
use super::super::form::{Form, fresh_key};
use super::super::page::{self, Refusal};
use super::super::roles::{Role, roles};
use super::super::what_if::{self, WhatIf};
use super::Member;

#[derive(Template)]
#[template(path = "member.html")]
struct Edit<'a> {
    me: Me,
    refusal: Option<&'a str>,
    key: &'a str,
    member: &'a Member,
    role: &'a str,
    roles: &'a [Role],
    chosen: Vec<&'a str>,
    what_if: Option<WhatIf>,
    saved: bool,
    may_save: bool,
    may_invite: bool,
    may_remove: bool,
}

async fn render(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
    form: Option<&Form>,
    refusal: Option<&Refusal>,
    what_if: Option<WhatIf>,
    saved: bool,
) -> Result<Response, Refusal> {
    let fresh = fresh_key()?;
    let roles = roles(backend).await;
    let resource = format!("member/{}", member.id);
    let chosen = match form {
        Some(form) => form.all("customRole").collect(),
        None => member.custom_roles.iter().map(String::as_str).collect(),
    };
    let page = Edit {
        may_save: me.may("updateRole", &resource) || me.may("updateCustomRole", &resource),
        may_invite: member.pending
            && backend.node().settings.password_sign_in
            && me.may("createMember", &resource),
        may_remove: member.id != me.id && me.may("deleteMember", &resource),
        me,
        refusal: refusal.map(Refusal::message),
        key: form.and_then(|form| form.filled("key")).unwrap_or(&fresh),
        member,
        role: form
            .and_then(|form| form.filled("role"))
            .unwrap_or(&member.role),
        roles: &roles,
        chosen,
        what_if,
        saved,
    };
    page::render_form(&page, refusal)
}

pub(super) async fn show(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
) -> Result<Response, Refusal> {
    render(backend, me, member, None, None, None, false).await
}

/// What is not as it was, as a JSON Patch.
fn patch(member: &Member, form: &Form) -> Result<Value, Refusal> {
    let mut operations = Vec::new();
    let mut set = |path: &str, value: Value| {
        operations.push(json!({"op": "replace", "path": path, "value": value}));
    };
    if let Some(role) = form.filled("role").filter(|role| *role != member.role) {
        set("/role", json!(role));
    }
    // Of those that the form showed, and in no order: who may not see a role takes none away.
    let shown: Vec<&str> = form.all("shown").collect();
    let chosen: Vec<&str> = form.all("customRole").collect();
    let known = member.custom_roles.iter().map(String::as_str);
    let kept = known.filter(|id| !shown.contains(id) || chosen.contains(id));
    let mut wanted: Vec<&str> = kept.collect();
    wanted.extend(
        chosen
            .iter()
            .filter(|id| !member.custom_roles.iter().any(|known| known == *id)),
    );
    if member.custom_roles != wanted {
        set("/customRoles", json!(wanted));
    }
    what_if::operations(operations)
}

pub(super) async fn save(
    backend: &Backend<'_>,
    me: Me,
    member: &Member,
    form: &Form,
) -> Result<Response, Refusal> {
    let id = &member.id;
    let done = async {
        let operations = patch(member, form)?;
        let path = format!("/api/v2/members/{id}");
        what_if::look_or_save(backend, form, ("member", id), &path, &operations).await
    };
    match done.await {
        Ok(Some(found)) => render(backend, me, member, Some(form), None, Some(found), false).await,
        Ok(None) => {
            let member = super::member(backend, id).await?;
            render(backend, me, &member, None, None, None, true).await
        }
        Err(refusal) => {
            render(
                backend,
                me,
                member,
                Some(form),
                Some(&refusal.unless_signed_out()?),
                None,
                false,
            )
            .await
        }
    }
}
