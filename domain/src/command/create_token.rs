//! CreateToken.

use super::preconditions::taken;
use super::scope::{at, freeze, in_plan, within_rank};
use super::{Context, LATEST_API_VERSION, NewSecret, ScopeChoice, field};
use crate::actor::Actor;
use crate::event::{Event, TokenCreated};
use crate::grant::{PolicyPool, scope_grant};
use crate::ids::{MemberId, TokenId};
use crate::policy::RoleAttributes;
use crate::rejection::Rejection;
use crate::scope::{RoleBinding, Scope, TokenKind};
use crate::state::{State, resource_of};

/// The most bounds that a token may carry: each generation of service tokens that makes the next adds
/// its scope.
const BOUNDS_MAX: usize = 16;

/// Make a token.
#[derive(Debug, Clone)]
pub struct CreateToken {
    /// The new token's id.
    pub id: TokenId,
    /// The new secret.
    pub secret: NewSecret,
    /// The name; may be empty.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// Personal or service.
    pub kind: TokenKind,
    /// The scope.
    pub scope: ScopeChoice,
    /// How a service token takes its custom roles; only with custom roles.
    pub role_binding: Option<RoleBinding>,
    /// When it ends by itself, Unix milliseconds.
    pub expiry_ms: Option<i64>,
    /// The API version of calls that name none.
    pub default_api_version: Option<u32>,
}

/// The member that a token is made for: the actor's.
pub(super) fn maker(state: &State, actor: &Actor, kind: TokenKind) -> Result<MemberId, Rejection> {
    let member = actor
        .member_id()
        .ok_or_else(|| Rejection::forbidden("a token needs a member who makes it"))?;
    if kind == TokenKind::Personal && state.member(member).is_none() {
        return Err(Rejection::forbidden(
            "a personal token follows its member, and the member who made this token was removed",
        ));
    }
    Ok(member)
}

/// Requires that the actor may make a token of this kind, and says for whom.
pub(super) fn authorize(
    state: &State,
    context: &Context<'_>,
    kind: TokenKind,
    id: TokenId,
) -> Result<MemberId, Rejection> {
    let member = maker(state, context.actor, kind)?;
    let resource = resource_of(kind, &member.to_string(), &id.to_string());
    context.actor.require("createAccessToken", &resource)?;
    if state.tokens.contains_key(&id) {
        return Err(taken(&id));
    }
    Ok(member)
}

/// What bounds the new token.
pub(super) fn bounds(
    context: &Context<'_>,
    kind: TokenKind,
    member: MemberId,
) -> Result<Vec<crate::event::FrozenPolicies>, Rejection> {
    let follows = (kind == TokenKind::Personal).then_some(member);
    let bounds = context
        .actor
        .bounds(follows)
        .map_err(|error| at("", &error))?;
    if bounds.len() > BOUNDS_MAX {
        return Err(Rejection::invalid(
            "",
            format!(
                "tokens have made tokens for {BOUNDS_MAX} generations; make this one while signed in"
            ),
        ));
    }
    Ok(bounds)
}

pub(super) fn decide(
    state: &State,
    command: &CreateToken,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    field::name("/name", &command.name)?;
    field::description("/description", &command.description)?;
    if let Some(expiry) = command.expiry_ms {
        field::future("/expiry", expiry, context.now_ms)?;
    }
    let default_api_version = command.default_api_version.unwrap_or(LATEST_API_VERSION);
    field::api_version("/defaultApiVersion", default_api_version)?;
    let scope = command.scope.resolve(state)?;
    let role_binding = command.role_binding.unwrap_or_default();
    if command.role_binding.is_some()
        && !(command.kind == TokenKind::Service && matches!(scope, Scope::CustomRoles(_)))
    {
        return Err(Rejection::invalid(
            "/roleBinding",
            "is only for service tokens with customRoleIds",
        ));
    }
    let member = authorize(state, context, command.kind, command.id)?;
    in_plan(state, command.kind, &scope)?;
    within_rank(&scope, context)?;

    let mut role_attributes = RoleAttributes::default();
    let mut frozen_scope = None;
    if command.kind == TokenKind::Service {
        if role_binding == RoleBinding::Live {
            role_attributes.clone_from(&context.actor.permission.attributes);
        } else {
            let grant = scope_grant(&scope, &mut PolicyPool::default())
                .map_err(|error| at("/inlineRole", &error))?;
            frozen_scope = Some(freeze(state, &grant, context)?);
        }
    }
    Ok(vec![Event::TokenCreated(TokenCreated {
        id: command.id,
        kind: command.kind,
        member,
        name: command.name.clone(),
        description: command.description.clone(),
        scope,
        frozen_scope,
        role_binding,
        role_attributes,
        bounds: bounds(context, command.kind, member)?,
        digest: command.secret.digest,
        ending: command.secret.ending.clone(),
        expiry_ms: command.expiry_ms,
        default_api_version,
        cloned_from: None,
    })])
}
