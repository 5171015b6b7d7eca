//! The fold: one event more. Each family of events has a file.

mod member;
mod role;
mod team;
mod token;

use super::{Account, State};
use crate::event::Event;
use crate::ids::AccountId;
use crate::policy::PolicyError;

/// An event with what the log knows about it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The account.
    pub account: AccountId,
    /// The version of its stream with this event.
    pub version: i64,
    /// When it was recorded, Unix milliseconds.
    pub recorded_at_ms: i64,
    /// The event.
    pub event: &'a Event,
}

/// A log that says what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// An event about something that no earlier event made.
    #[error("{event_type} is about {what}, which does not exist")]
    Missing {
        /// The event's name.
        event_type: &'static str,
        /// What is missing.
        what: String,
    },
    /// An event that makes what exists already.
    #[error("{event_type} makes what exists already")]
    Twice {
        /// The event's name.
        event_type: &'static str,
    },
    /// A version that does not follow the one before it.
    #[error("{event_type} has version {found} in its stream, where {expected} follows")]
    Version {
        /// The event's name.
        event_type: &'static str,
        /// What would follow.
        expected: i64,
        /// What was found.
        found: i64,
    },
    /// A stored policy that does not parse.
    #[error("{event_type} holds a policy that does not parse: {source}")]
    Policy {
        /// The event's name.
        event_type: &'static str,
        /// Why not.
        source: PolicyError,
    },
}

/// Folds one event into the state.
///
/// # Errors
/// When the event cannot follow what came before it; the state is then unchanged.
pub fn evolve(state: &mut State, recorded: &Recorded<'_>) -> Result<(), Inconsistency> {
    match recorded.event {
        Event::AccountCreated(event) => {
            is_new(state.account.is_some(), recorded)?;
            state.account = Some(Account {
                id: event.id,
                name: event.name.clone(),
                plan: event.plan,
                version: recorded.version,
                created_at_ms: recorded.recorded_at_ms,
            });
        }
        Event::AccountPlanChanged(event) => {
            let account = state
                .account
                .as_mut()
                .ok_or_else(|| missing(recorded, "the account".to_owned()))?;
            follows(recorded.event.type_name(), account.version, recorded)?;
            account.version = recorded.version;
            account.plan = event.to;
        }
        Event::MemberInvited(event) => member::invite(state, event, recorded)?,
        Event::MemberDowngraded(event) => member::find(state, event.id, recorded)?.role = event.to,
        Event::MemberPromoted(event) => {
            let member = member::find(state, event.id, recorded)?;
            member.role = event.to;
            member.given_more();
        }
        Event::MemberRolesAssigned(event) => {
            let member = member::find(state, event.id, recorded)?;
            member.custom_roles.clone_from(&event.custom_roles);
            member.given_more();
        }
        Event::MemberAttributesSet(event) => {
            let member = member::find(state, event.id, recorded)?;
            member.role_attributes.clone_from(&event.role_attributes);
            member.given_more();
            team::refresh(state, event.id);
        }
        Event::InvitationIssued(event) => member::issue(state, event, recorded)?,
        Event::MemberJoined(event) => member::join(state, event, recorded)?,
        Event::MemberAdmitted(event) => drop(member::admit(state, event.id, recorded)?),
        Event::MemberRemoved(event) => member::remove(state, event.id, recorded)?,
        Event::MemberErased(event) => member::erase(state, event.id, recorded)?,
        Event::RoleCreated(event) => role::create(state, event, recorded)?,
        Event::RoleUpdated(event) => role::update(state, event, recorded)?,
        Event::RoleDeleted(event) => {
            let role = role::find(state, event.id, recorded)?;
            role.deleted = true;
            let key = role.key.clone();
            state.role_keys.remove(&key);
        }
        Event::TeamCreated(event) => team::create(state, event, recorded)?,
        Event::TeamUpdated(event) => team::update(state, event, recorded)?,
        Event::TeamMembersChanged(event) => team::change_members(state, event, recorded)?,
        Event::TeamRolesChanged(event) => {
            let team = team::find(state, event.id, recorded)?;
            team.roles.clone_from(&event.roles);
        }
        Event::TeamGrantsChanged(event) => team::change_grants(state, event, recorded)?,
        Event::TeamDeleted(event) => team::delete(state, event.id, recorded)?,
        Event::TokenCreated(event) => token::create(state, event, recorded)?,
        Event::TokenReset(event) => token::reset(token::find(state, event.id, recorded)?, event),
        Event::TokenUpdated(event) => token::update(state, event, recorded)?,
        Event::TokenDeleted(event) => token::find(state, event.id, recorded)?.deleted = true,
    }
    Ok(())
}

fn follows(kind: &'static str, before: i64, recorded: &Recorded<'_>) -> Result<(), Inconsistency> {
    if recorded.version == before + 1 {
        Ok(())
    } else {
        Err(Inconsistency::Version {
            event_type: kind,
            expected: before + 1,
            found: recorded.version,
        })
    }
}

/// What is made must not be there yet, and starts its stream.
fn is_new(exists: bool, recorded: &Recorded<'_>) -> Result<(), Inconsistency> {
    let event_type = recorded.event.type_name();
    if exists {
        return Err(Inconsistency::Twice { event_type });
    }
    follows(event_type, 0, recorded)
}

fn missing(recorded: &Recorded<'_>, what: String) -> Inconsistency {
    Inconsistency::Missing {
        event_type: recorded.event.type_name(),
        what,
    }
}

fn policy_error(recorded: &Recorded<'_>, source: PolicyError) -> Inconsistency {
    Inconsistency::Policy {
        event_type: recorded.event.type_name(),
        source,
    }
}
