//! DeleteToken.

use super::Context;
use crate::event::{Event, TokenDeleted};
use crate::ids::TokenId;
use crate::rejection::Rejection;
use crate::state::State;

/// Delete a token. Its events stay.
#[derive(Debug, Clone)]
pub struct DeleteToken {
    /// The token.
    pub id: TokenId,
}

pub(super) fn decide(
    state: &State,
    command: &DeleteToken,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let token = super::preconditions::token(state, context, command.id)?;
    context
        .actor
        .require("deleteAccessToken", &token.resource())?;
    Ok(vec![Event::TokenDeleted(TokenDeleted { id: token.id })])
}
