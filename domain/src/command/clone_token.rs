//! CloneToken.

use super::create_token::{authorize, bounds};
use super::scope::{in_plan, within_rank};
use super::{Context, NewSecret, field};
use crate::event::{Event, TokenCreated};
use crate::grant::ScopeGrant;
use crate::ids::TokenId;
use crate::rejection::Rejection;
use crate::scope::TokenKind;
use crate::state::State;

/// Make a token with the kind and scope of another, for the actor and under the actor's ceiling.
#[derive(Debug, Clone)]
pub struct CloneToken {
    /// The token to clone.
    pub source: TokenId,
    /// The new token's id.
    pub id: TokenId,
    /// The new secret.
    pub secret: NewSecret,
    /// The name; the source's when absent.
    pub name: Option<String>,
    /// The description; the source's when absent.
    pub description: Option<String>,
    /// When it ends by itself, Unix milliseconds. The source's expiry is not taken over.
    pub expiry_ms: Option<i64>,
}

pub(super) fn decide(
    state: &State,
    command: &CloneToken,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let source = super::preconditions::token(state, context, command.source)?;
    if source.grant.kind == TokenKind::Personal && !context.actor.is_member(source.grant.member) {
        context
            .actor
            .require("viewAccessToken", &source.resource())?;
    }
    if let Some(name) = &command.name {
        field::name("/name", name)?;
    }
    if let Some(description) = &command.description {
        field::description("/description", description)?;
    }
    if let Some(expiry) = command.expiry_ms {
        field::future("/expiry", expiry, context.now_ms)?;
    }
    let kind = source.grant.kind;
    let member = authorize(state, context, kind, command.id)?;
    in_plan(state, kind, &source.scope)?;
    within_rank(&source.scope, context)?;
    // A frozen scope is taken over by value: the clone of a service token may do what the source may,
    // not what the roles have become since.
    let frozen_scope = match (&*source.grant.scope, kind) {
        (ScopeGrant::Policies(policies), TokenKind::Service) => Some(
            policies
                .iter()
                .map(|policy| policy.statements().to_vec())
                .collect(),
        ),
        _ => None,
    };
    Ok(vec![Event::TokenCreated(TokenCreated {
        id: command.id,
        kind,
        member,
        name: command.name.clone().unwrap_or_else(|| source.name.clone()),
        description: command
            .description
            .clone()
            .unwrap_or_else(|| source.description.clone()),
        scope: source.scope.clone(),
        frozen_scope,
        role_binding: source.role_binding,
        role_attributes: source
            .grant
            .attributes
            .as_deref()
            .cloned()
            .unwrap_or_default(),
        bounds: bounds(context, kind, member)?,
        digest: command.secret.digest,
        ending: command.secret.ending.clone(),
        expiry_ms: command.expiry_ms,
        default_api_version: source.default_api_version,
        cloned_from: Some(source.id),
    })])
}
