//! UpdateToken.

use super::create_token::bounds;
use super::scope::{in_plan, within_rank};
use super::{Context, ScopeChoice, field};
use crate::event::{Event, TokenUpdated};
use crate::ids::TokenId;
use crate::rejection::Rejection;
use crate::scope::TokenKind;
use crate::state::State;

/// Edit a token. What is absent stays.
#[derive(Debug, Clone)]
pub struct UpdateToken {
    /// The token.
    pub id: TokenId,
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new scope; refused for service tokens.
    pub scope: Option<ScopeChoice>,
    /// The new expiry, Unix milliseconds; `Some(0)` takes it away.
    pub expiry_ms: Option<i64>,
    /// The new default API version.
    pub default_api_version: Option<u32>,
}

pub(super) fn decide(
    state: &State,
    command: &UpdateToken,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let token = super::preconditions::token(state, context, command.id)?;
    let resource = token.resource();
    let may = |action| context.actor.require(action, &resource);
    let mut changed = TokenUpdated {
        id: token.id,
        name: None,
        description: None,
        scope: None,
        bounds: Vec::new(),
        expiry_ms: None,
        default_api_version: None,
    };
    if let Some(name) = command.name.as_ref().filter(|name| **name != token.name) {
        field::name("/name", name)?;
        may("updateAccessTokenName")?;
        changed.name = Some(name.clone());
    }
    if let Some(text) = command
        .description
        .as_ref()
        .filter(|text| **text != token.description)
    {
        field::description("/description", text)?;
        may("updateAccessTokenDescription")?;
        changed.description = Some(text.clone());
    }
    if let Some(expiry) = command
        .expiry_ms
        .filter(|at| *at != token.expiry_ms.unwrap_or(0))
    {
        if expiry != 0 {
            field::future("/expiry", expiry, context.now_ms)?;
        }
        may("updateAccessTokenExpiry")?;
        changed.expiry_ms = Some(expiry);
    }
    if let Some(version) = command
        .default_api_version
        .filter(|v| *v != token.default_api_version)
    {
        field::api_version("/defaultApiVersion", version)?;
        may("updateAccessTokenName")?;
        changed.default_api_version = Some(version);
    }
    if let Some(choice) = &command.scope {
        if token.grant.kind == TokenKind::Service {
            return Err(Rejection::Conflict {
                message: "a service token's permissions are permanently fixed; make a new one"
                    .to_owned(),
            });
        }
        let scope = choice.resolve(state)?;
        if scope != token.scope {
            may("updateAccessTokenPolicy")?;
            in_plan(state, token.grant.kind, &scope)?;
            within_rank(&scope, context)?;
            changed.scope = Some(scope);
            changed.bounds = bounds(context, TokenKind::Personal, token.grant.member)?;
        }
    }
    let nothing = changed.name.is_none()
        && changed.description.is_none()
        && changed.scope.is_none()
        && changed.expiry_ms.is_none()
        && changed.default_api_version.is_none();
    if nothing {
        // Whoever asks for what already is must still be somebody who could have changed it.
        may("updateAccessTokenName")?;
        return Ok(Vec::new());
    }
    Ok(vec![Event::TokenUpdated(changed)])
}
