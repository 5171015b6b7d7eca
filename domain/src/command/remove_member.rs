//! RemoveMember.

use super::Context;
use super::preconditions::member;
use crate::event::{Event, MemberRemoved};
use crate::ids::MemberId;
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::state::State;

/// Remove a member for good. Personal tokens stop working at once; service tokens do not.
#[derive(Debug, Clone)]
pub struct RemoveMember {
    /// The member.
    pub id: MemberId,
}

pub(super) fn decide(
    state: &State,
    command: &RemoveMember,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let member = member(state, command.id)?;
    context
        .actor
        .require("deleteMember", &format!("member/{}", member.id))?;
    if member.role == BuiltIn::Owner {
        return Err(Rejection::Conflict {
            message: "the owner cannot be removed; hand the account on first".to_owned(),
        });
    }
    Ok(vec![Event::MemberRemoved(MemberRemoved { id: member.id })])
}
