//! Events of a token.

use super::{Inconsistency, Recorded, follows, is_new, missing, policy_error};
use crate::event::{TokenCreated, TokenReset, TokenUpdated};
use crate::grant::{Grant, bounds_of, scope_grant};
use crate::ids::TokenId;
use crate::state::{PreviousSecret, State, Token};

pub(super) fn find<'s>(
    state: &'s mut State,
    id: TokenId,
    recorded: &Recorded<'_>,
) -> Result<&'s mut Token, Inconsistency> {
    let token = state
        .tokens
        .get_mut(&id)
        .filter(|token| !token.deleted)
        .ok_or_else(|| missing(recorded, format!("token {id}")))?;
    follows(recorded.event.type_name(), token.version, recorded)?;
    token.version = recorded.version;
    token.modified_at_ms = recorded.recorded_at_ms;
    Ok(token)
}

pub(super) fn create(
    state: &mut State,
    event: &TokenCreated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.tokens.contains_key(&event.id), recorded)?;
    let grant = Grant::of_created(event, &mut state.pool)
        .map_err(|source| policy_error(recorded, source))?;
    let token = Token::created(event, grant, recorded.recorded_at_ms);
    state.tokens.insert(token.id, token);
    Ok(())
}

pub(super) fn reset(token: &mut Token, event: &TokenReset) {
    token.previous = event.previous_until_ms.map(|until_ms| PreviousSecret {
        digest: token.digest,
        until_ms,
    });
    token.digest = event.digest;
    token.ending.clone_from(&event.ending);
}

pub(super) fn update(
    state: &mut State,
    event: &TokenUpdated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let scope = match &event.scope {
        Some(scope) => {
            let parsed = scope_grant(scope, &mut state.pool)
                .and_then(|grant| Ok((grant, bounds_of(&event.bounds, &mut state.pool)?)));
            Some(parsed.map_err(|source| policy_error(recorded, source))?)
        }
        None => None,
    };
    let token = find(state, event.id, recorded)?;
    if let (Some((grant, bounds)), Some(scope)) = (scope, &event.scope) {
        token.grant.scope = grant.into();
        token.grant.bounds = bounds.into();
        token.scope = scope.clone();
    }
    if let Some(name) = &event.name {
        token.name.clone_from(name);
    }
    if let Some(description) = &event.description {
        token.description.clone_from(description);
    }
    if let Some(expiry) = event.expiry_ms {
        token.expiry_ms = Some(expiry).filter(|at| *at > 0);
    }
    if let Some(version) = event.default_api_version {
        token.default_api_version = version;
    }
    Ok(())
}
