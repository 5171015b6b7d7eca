//! EraseMember.

use super::Context;
use super::account::require_operator;
use crate::event::{Event, MemberErased};
use crate::ids::MemberId;
use crate::rejection::Rejection;
use crate::state::State;

/// Erase what the log says of a removed member as a person. The operator's, who then destroys the key.
#[derive(Debug, Clone)]
pub struct EraseMember {
    /// The member.
    pub id: MemberId,
}

pub(super) fn decide(
    state: &State,
    command: &EraseMember,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    require_operator(context)?;
    let member = state
        .members
        .get(&command.id)
        .ok_or_else(|| Rejection::NotFound {
            what: "member",
            id: command.id.to_string(),
        })?;
    if member.is_active() {
        return Err(Rejection::Conflict {
            message: "the member is in the account; remove the member first".to_owned(),
        });
    }
    if member.is_erased() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::MemberErased(MemberErased { id: member.id })])
}
