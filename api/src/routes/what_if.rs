//! `POST /api/v2/what-if`.

use std::sync::Arc;

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{Command, DeleteRole, RemoveMember};
use keyledger_domain::ids::MemberId;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::resource_of;
use keyledger_projections::Affected;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

use super::{members, roles};
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::http::JsonBody;
use crate::node::{Decision, Node};
use crate::patch::{PatchBody, PatchOperationRep};
use crate::rep::change::{self, WhatIf};
use crate::rep::link::page;
use crate::routes::Tag;

const DEFAULT_LIMIT: u32 = 25;

/// A change that is thought of: of a custom role or of a member, by a patch as the real change would send it, or
/// its end.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(super) struct WhatIfPost {
    /// The key or id of a custom role.
    role: Option<String>,
    /// The id of a member, or `me`.
    member: Option<String>,
    /// The operations of a JSON Patch.
    patch: Option<Vec<PatchOperationRep>>,
    /// Deletes the role, or removes the member.
    delete: Option<bool>,
}

/// What the form is about.
enum About {
    Role(String),
    Member(MemberId),
}

fn parse(caller: &Caller, form: &WhatIfPost) -> Result<About, ApiError> {
    match (&form.role, &form.member) {
        (Some(role), None) => Ok(About::Role(role.clone())),
        (None, Some(member)) => Ok(About::Member(members::parse_id(caller, member)?)),
        _ => Err(ApiError::invalid("role, member: give exactly one of them")),
    }
}

/// The commands that the form stands for.
fn commands(
    decision: &Decision<'_>,
    about: &About,
    patch: Option<&PatchBody<false>>,
) -> Result<Vec<Command>, ApiError> {
    match about {
        About::Role(key) => {
            let role = roles::find(decision.state, key)?;
            let resource = format!("role/{}", role.key);
            decision.actor.require("viewRole", &resource)?;
            match patch {
                Some(patch) => roles::patched(role, patch),
                None => Ok(vec![Command::DeleteRole(DeleteRole { id: role.id })]),
            }
        }
        About::Member(id) => {
            let found = decision.state.member(*id);
            let member = found.ok_or_else(|| members::unknown(&id.to_string()))?;
            let resource = format!("member/{id}");
            decision.actor.require("viewMember", &resource)?;
            match patch {
                Some(patch) => members::patched(member, patch),
                None => Ok(vec![Command::RemoveMember(RemoveMember { id: *id })]),
            }
        }
    }
}

/// Whether the caller may see a token that would change.
fn is_visible(caller: &Caller, actor: &Actor, one: &Affected) -> bool {
    let own = one.member == caller.member_id();
    let resource = || resource_of(one.kind, &one.member.to_string(), &one.token.to_string());
    own || one.kind == TokenKind::Service || actor.may("viewAccessToken", &resource())
}

/// Ask what a change would do.
pub(super) struct AskWhatIf;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl AskWhatIf {
    /// Ask what a change would do
    ///
    /// Every token whose effective permission would change if a custom role or a member were changed so, each with
    /// an example, found exactly. Nothing is written; the caller must be allowed to make the change (extension).
    #[oai(path = "/what-if", method = "post", operation_id = "postWhatIf")]
    async fn ask(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        JsonBody(form): JsonBody<WhatIfPost>,
        /// How many tokens a page holds; 25 by default.
        Query(limit): Query<Option<i64>>,
        /// How many tokens to pass over.
        Query(offset): Query<Option<i64>>,
    ) -> Result<Json<WhatIf>, ApiError> {
        let page = page(limit, offset, DEFAULT_LIMIT)?;
        let about = parse(&caller, &form)?;
        let patch = match (form.patch, form.delete.unwrap_or(false)) {
            (Some(operations), false) => {
                let patch = PatchBody::of_operations(operations);
                Some(patch.map_err(|error| ApiError::invalid(format!("/patch: {error}")))?)
            }
            (None, true) => None,
            _ => return Err(ApiError::invalid("patch, delete: give exactly one of them")),
        };
        let make = |decision: &Decision<'_>| commands(decision, &about, patch.as_ref());
        let found = node.what_if(&caller, make).await?;
        let total_count = found.len() as u64;
        let visible: Vec<Affected> = caller.actor_now(node, |_, actor| {
            let seen = found.into_iter();
            seen.filter(|one| is_visible(&caller, actor, one)).collect()
        })?;
        let hidden_count = total_count - visible.len() as u64;
        let part = visible
            .iter()
            .skip(page.offset as usize)
            .take(page.limit as usize);
        let mut items = Vec::new();
        for one in part {
            // It may have been deleted meanwhile.
            let token = node.load_token(caller.account(), one.token, None).await?;
            let name = token.map(|token| token.name).unwrap_or_default();
            items.push(change::change(
                (one.token, &name),
                (one.kind, one.member),
                one.difference.as_ref(),
            ));
        }
        Ok(Json(WhatIf {
            items,
            total_count,
            hidden_count,
        }))
    }
}
