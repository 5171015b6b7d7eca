//! Events of a member.

use super::{Inconsistency, Recorded, follows, is_new, missing};
use crate::event::personal::erased_email;
use crate::event::{Event, InvitationIssued, MemberInvited, MemberJoined};
use crate::ids::MemberId;
use crate::role::BuiltIn;
use crate::state::{Invitation, Member, State};

/// The member that an event is about, its version moved on.
pub(super) fn find<'s>(
    state: &'s mut State,
    id: MemberId,
    recorded: &Recorded<'_>,
) -> Result<&'s mut Member, Inconsistency> {
    let member = state
        .members
        .get_mut(&id)
        .filter(|member| member.is_active())
        .ok_or_else(|| missing(recorded, format!("member {id}")))?;
    follows(recorded.event.type_name(), member.version, recorded)?;
    member.version = recorded.version;
    // The owner changes hands by two events of one append; whoever is promoted to it owns.
    if matches!(recorded.event, Event::MemberPromoted(event) if event.to == BuiltIn::Owner) {
        state.owner = Some(id);
        // Only the operator makes a link for the owner, and nobody kept one from before.
        member.invitation = None;
    }
    Ok(member)
}

pub(super) fn invite(
    state: &mut State,
    event: &MemberInvited,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.members.contains_key(&event.id), recorded)?;
    let member = Member {
        id: event.id,
        number: state.members.len(),
        id_text: event.id.to_string(),
        version: recorded.version,
        email: event.email.clone(),
        first_name: event.first_name.clone(),
        last_name: event.last_name.clone(),
        role: event.role,
        custom_roles: event.custom_roles.clone(),
        role_attributes: event.role_attributes.clone(),
        teams: Vec::new(),
        granted: Vec::new(),
        attributes: event.role_attributes.clone(),
        invitation: None,
        joined: event.password_hash.is_some(),
        password_hash: event.password_hash.clone(),
        created_at_ms: recorded.recorded_at_ms,
        removed_at_ms: None,
    };
    if member.role == BuiltIn::Owner {
        state.owner = Some(member.id);
    }
    state.emails.insert(member.email.to_lowercase(), member.id);
    state.members.insert(member.id, member);
    Ok(())
}

pub(super) fn issue(
    state: &mut State,
    event: &InvitationIssued,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let member = find(state, event.id, recorded)?;
    member.invitation = Some(Invitation {
        digest: event.digest,
        expires_at_ms: event.expires_at_ms,
        limited: event.limited,
    });
    // A team has a stream of its own, so it may have come between the decision and this.
    if !(member.teams.is_empty() && member.granted.is_empty()) {
        member.given_more();
    }
    Ok(())
}

pub(super) fn join(
    state: &mut State,
    event: &MemberJoined,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let member = admit(state, event.id, recorded)?;
    member.password_hash = Some(event.password_hash.clone());
    if let Some(name) = &event.first_name {
        member.first_name.clone_from(name);
    }
    if let Some(name) = &event.last_name {
        member.last_name.clone_from(name);
    }
    Ok(())
}

/// The member has joined, which ends the link.
pub(super) fn admit<'s>(
    state: &'s mut State,
    id: MemberId,
    recorded: &Recorded<'_>,
) -> Result<&'s mut Member, Inconsistency> {
    let member = find(state, id, recorded)?;
    member.invitation = None;
    member.joined = true;
    Ok(member)
}

pub(super) fn remove(
    state: &mut State,
    id: MemberId,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let member = find(state, id, recorded)?;
    member.removed_at_ms = Some(recorded.recorded_at_ms);
    member.password_hash = None;
    member.invitation = None;
    let email = member.email.to_lowercase();
    let (teams, granted) = (
        std::mem::take(&mut member.teams),
        std::mem::take(&mut member.granted),
    );
    state.emails.remove(&email);
    for team in teams.iter().chain(&granted) {
        if let Some(team) = state.teams.get_mut(team) {
            team.forget(id);
        }
    }
    Ok(())
}

pub(super) fn erase(
    state: &mut State,
    id: MemberId,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let member = state
        .members
        .get_mut(&id)
        .filter(|member| !member.is_active())
        .ok_or_else(|| missing(recorded, format!("removed member {id}")))?;
    follows(recorded.event.type_name(), member.version, recorded)?;
    member.version = recorded.version;
    member.email = erased_email(id);
    member.first_name = String::new();
    member.last_name = String::new();
    Ok(())
}
