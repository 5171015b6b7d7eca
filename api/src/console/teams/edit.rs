//! One team: who is in it, and which roles it gives.

use askama::Template;
use poem::Response;
use poem::http::Method;
use serde_json::{Value, json};

use super::super::backend::{Backend, Me, Page};
use super::super::form::{Form, fresh_key};
use super::super::members::Member;
use super::super::page::{self, Refusal};
use super::super::roles::{Role, roles};
use super::Team;

/// Members that are shown.
const MEMBERS: u32 = 100;

#[derive(Template)]
#[template(path = "team.html")]
struct Edit<'a> {
    me: Me,
    refusal: Option<&'a str>,
    key: String,
    team: &'a Team,
    members: Vec<Member>,
    roles: &'a [Role],
    chosen: Vec<&'a str>,
    may_rename: bool,
    may_members: bool,
    may_roles: bool,
    may_delete: bool,
}

pub(super) async fn show(
    backend: &Backend<'_>,
    me: Me,
    team: &Team,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let key = fresh_key()?;
    let path = format!("/api/v2/members?limit={MEMBERS}&filter=team:{}", team.key);
    // Who may see the team may not see its members, perhaps.
    let members: Result<Page<Member>, Refusal> = backend.get(&path).await;
    let roles = roles(backend).await;
    let given = team.roles.iter().flat_map(|roles| &roles.items);
    let resource = format!("team/{}", team.key);
    let page = Edit {
        may_rename: me.may("updateTeamName", &resource),
        may_members: me.may("updateTeamMembers", &resource),
        may_roles: me.may("updateTeamCustomRoles", &resource),
        may_delete: me.may("deleteTeam", &resource),
        me,
        refusal: refusal.map(Refusal::message),
        key,
        team,
        members: members.map(|page| page.items).unwrap_or_default(),
        roles: &roles,
        chosen: given.map(|role| role.key.as_str()).collect(),
    };
    page::render_form(&page, refusal)
}

/// The id of the member with an e-mail.
async fn find(backend: &Backend<'_>, email: &str) -> Result<String, Refusal> {
    let nobody = || Refusal::unprocessable(format!("no member has the e-mail {email}"));
    // A comma parts the filter's fields, and is in no e-mail that anybody has.
    if email.contains(',') {
        return Err(nobody());
    }
    let filter = format!("email:{email}");
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let path = format!("/api/v2/members?limit=1&filter={filter}");
    let found: Page<Member> = backend.get(&path).await?;
    let member = found.items.into_iter().next();
    member.map(|member| member.id).ok_or_else(nobody)
}

/// The instructions that a form stands for.
async fn instructions(
    backend: &Backend<'_>,
    team: &Team,
    form: &Form,
) -> Result<Vec<Value>, Refusal> {
    let one = |kind: &str, values: Vec<&str>| json!({"kind": kind, "values": values});
    Ok(match form.get("do") {
        "add" => {
            let id = find(backend, form.get("email").trim()).await?;
            vec![one("addMembers", vec![id.as_str()])]
        }
        "drop" => vec![one("removeMembers", vec![form.get("member")])],
        "rename" => {
            let mut list = vec![json!({"kind": "updateName", "value": form.get("name").trim()})];
            if form.get("description").trim() != team.description {
                let value = form.get("description").trim();
                list.push(json!({"kind": "updateDescription", "value": value}));
            }
            list
        }
        "roles" => {
            let given = team.roles.iter().flat_map(|roles| &roles.items);
            let known: Vec<&str> = given.map(|role| role.key.as_str()).collect();
            let chosen: Vec<&str> = form.all("role").collect();
            let only = |these: &[&'_ str], others: &[&str]| -> Vec<String> {
                let these = these.iter().filter(|key| !others.contains(key));
                these.map(|key| (*key).to_owned()).collect()
            };
            let (more, less) = (only(&chosen, &known), only(&known, &chosen));
            let mut list = Vec::new();
            for (kind, values) in [("addCustomRoles", more), ("removeCustomRoles", less)] {
                if !values.is_empty() {
                    list.push(json!({"kind": kind, "values": values}));
                }
            }
            list
        }
        _ => return Err(Refusal::no_page()),
    })
}

pub(super) async fn change(
    backend: &Backend<'_>,
    me: Me,
    team: &Team,
    form: &Form,
) -> Result<Response, Refusal> {
    let path = format!("/api/v2/teams/{}", team.key);
    if form.get("do") == "delete" {
        let key = form.get("key");
        let _nothing: Value = backend.once(key, Method::DELETE, &path, None).await?;
        return Ok(page::redirect("/settings/teams"));
    }
    let done = async {
        let list = instructions(backend, team, form).await?;
        match list.is_empty() {
            true => Err(Refusal::unprocessable("nothing is different".to_owned())),
            false => backend.instruct(form.get("key"), &path, &json!(list)).await,
        }
    };
    match done.await {
        Ok(()) => Ok(page::redirect(&format!(
            "/settings/teams/team/{}",
            team.key
        ))),
        Err(refusal) => show(backend, me, team, Some(&refusal.unless_signed_out()?)).await,
    }
}
