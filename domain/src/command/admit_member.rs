//! AdmitMember.

use super::Context;
use super::preconditions::member;
use crate::event::{By, Event, MemberAdmitted};
use crate::ids::MemberId;
use crate::rejection::Rejection;
use crate::state::State;

/// Join by signing in at a provider of identities, for an invited member who has set no password. For whoever has joined
/// it changes nothing.
#[derive(Debug, Clone)]
pub struct AdmitMember {
    /// The member, who signs in.
    pub id: MemberId,
}

pub(super) fn decide(
    state: &State,
    command: &AdmitMember,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let member = member(state, command.id)?;
    if context.actor.by != By::Session(member.id) {
        return Err(Rejection::forbidden("nobody joins for another member"));
    }
    if member.joined {
        return Ok(Vec::new());
    }
    Ok(vec![Event::MemberAdmitted(MemberAdmitted {
        id: member.id,
    })])
}
