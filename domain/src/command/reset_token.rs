//! ResetToken.

use std::sync::Arc;

use super::{Context, NewSecret, field};
use crate::event::{By, Event, TokenReset};
use crate::ids::TokenId;
use crate::permission::LayerKind;
use crate::policy::Policy;
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::scope::TokenKind;
use crate::state::{Member, State, Token, TokenStatus};

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
        By::Operator | By::Invitation(_) => false,
        By::Session(_) => true,
        By::Token(id, _) if id == token.id => true,
        By::Token(..) => {
            let mut reach = token.grant.bounds.to_vec();
            reach.push(state.scope_policies(&token.grant.scope));
            // Of whoever has a base role below the owner's, no token reaches further than an admin.
            let rank = state.member(token.grant.member).and_then(Member::rank);
            if rank.is_some_and(|rank| rank < BuiltIn::Owner) {
                reach.push(vec![Arc::clone(BuiltIn::Admin.scope_policy())]);
            }
            let layers = &context.actor.permission.layers;
            layers
                .iter()
                .filter(|layer| layer.kind != LayerKind::Member)
                .all(|wide| reach.iter().any(|narrow| within(narrow, &wide.policies)))
        }
    }
}

/// Whether one layer plainly allows no more than another: each of its policies is there as well, or is
/// that of a built-in role which the other holds.
fn within(narrow: &[Arc<Policy>], wide: &[Arc<Policy>]) -> bool {
    narrow.iter().all(|policy| {
        wide.contains(policy)
            || BuiltIn::ALL
                .into_iter()
                .any(|role| role.scope_policy() == policy && role.is_plainly_within(wide))
    })
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
