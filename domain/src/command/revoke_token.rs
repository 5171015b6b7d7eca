//! RevokeToken.

use super::Context;
use super::delete_token::{self, DeleteToken};
use crate::event::{By, Event, TokenDeleted};
use crate::ids::TokenId;
use crate::rejection::Rejection;
use crate::state::State;

/// Delete a token whose secret was shown (RFC 7009). Whoever may delete it may; and a token may revoke itself, since
/// whoever holds its secret could do worse with it.
#[derive(Debug, Clone)]
pub struct RevokeToken {
    /// The token.
    pub id: TokenId,
}

pub(super) fn decide(
    state: &State,
    command: &RevokeToken,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let id = command.id;
    if matches!(context.actor.by, By::Token(own, _) if own == id) {
        let token = super::preconditions::token(state, context, id)?;
        return Ok(vec![Event::TokenDeleted(TokenDeleted { id: token.id })]);
    }
    delete_token::decide(state, &DeleteToken { id }, context)
}
