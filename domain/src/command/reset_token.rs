//! ResetToken.

use super::{Context, NewSecret, field};
use crate::event::{By, Event, TokenReset};
use crate::ids::TokenId;
use crate::permission::LayerKind;
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::scope::{Scope, TokenKind};
use crate::state::{State, Token, TokenStatus};

/// Give a token a new secret.
#[derive(Debug, Clone)]
pub struct ResetToken {
    /// The token.
    pub id: TokenId,
    /// The new secret.
    pub secret: NewSecret,
    /// Until when the old secret still works, Unix milliseconds. None: it dies at once.
    pub expiry_ms: Option<i64>,
}

/// Whether the new secret gives the actor nothing that it does not have. A member in person has all that
/// their tokens have; a token that follows the same member must plainly reach as far as the other.
fn may_take_over(state: &State, context: &Context<'_>, token: &Token) -> bool {
    match context.actor.by {
        By::Operator => false,
        By::Session(_) => true,
        By::Token(id, _) if id == token.id => true,
        By::Token(..) => {
            let of_owner = state
                .member(token.grant.member)
                .is_some_and(|member| member.role == BuiltIn::Owner);
            let reach = match token.scope {
                Scope::Role(role) => role,
                _ if of_owner && token.grant.bounds.is_empty() => BuiltIn::Owner,
                _ => BuiltIn::Admin,
            };
            context.actor.plainly_holds(reach, Some(LayerKind::Member))
        }
    }
}

pub(super) fn decide(
    state: &State,
    command: &ResetToken,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let token = super::preconditions::token(state, context, command.id)?;
    if token.grant.kind == TokenKind::Personal && !context.actor.is_member(token.grant.member) {
        return Err(Rejection::forbidden(
            "a personal token can be reset only by its member; an administrator may delete it",
        ));
    }
    context
        .actor
        .require("resetAccessToken", &token.resource())?;
    if token.grant.kind == TokenKind::Personal && !may_take_over(state, context, token) {
        return Err(Rejection::forbidden(
            "a token resets itself, or personal tokens that can do no more than it; sign in to reset this one",
        ));
    }
    match state.token_status(token, context.now_ms) {
        TokenStatus::Active => {}
        // A reset must not bring an ended token back, and a grace must not outlive it.
        _ => {
            return Err(Rejection::Conflict {
                message: "the token has ended and cannot be reset; change its expiry first, or make a new one"
                    .to_owned(),
            });
        }
    }
    let previous_until_ms = match command.expiry_ms {
        None | Some(0) => None,
        Some(until) => {
            field::future("/expiry", until, context.now_ms)?;
            Some(token.expiry_ms.map_or(until, |expiry| expiry.min(until)))
        }
    };
    Ok(vec![Event::TokenReset(TokenReset {
        id: token.id,
        digest: command.secret.digest,
        ending: command.secret.ending.clone(),
        previous_until_ms,
    })])
}
