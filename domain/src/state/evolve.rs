//! The fold: one event more.

use super::role::compile;
use super::{Account, Member, PreviousSecret, Role, State, Token};
use crate::event::{
    Event, MemberInvited, RoleCreated, RoleUpdated, TokenCreated, TokenReset, TokenUpdated,
};
use crate::grant::{Grant, bounds_of, scope_grant};
use crate::ids::{AccountId, MemberId, RoleId, TokenId};
use crate::policy::PolicyError;
use crate::role::BuiltIn;

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
                plan: event.plan.clone(),
                version: recorded.version,
                created_at_ms: recorded.recorded_at_ms,
            });
        }
        Event::MemberInvited(event) => invite(state, event, recorded)?,
        Event::MemberDowngraded(event) => member(state, event.id, recorded)?.role = event.to,
        Event::MemberPromoted(event) => member(state, event.id, recorded)?.role = event.to,
        Event::MemberRolesAssigned(event) => {
            let member = member(state, event.id, recorded)?;
            member.custom_roles.clone_from(&event.custom_roles);
        }
        Event::MemberAttributesSet(event) => {
            let member = member(state, event.id, recorded)?;
            member.role_attributes.clone_from(&event.role_attributes);
        }
        Event::MemberRemoved(event) => {
            let member = member(state, event.id, recorded)?;
            member.removed_at_ms = Some(recorded.recorded_at_ms);
            member.password_hash = None;
            let email = member.email.to_lowercase();
            state.emails.remove(&email);
        }
        Event::RoleCreated(event) => create_role(state, event, recorded)?,
        Event::RoleUpdated(event) => update_role(state, event, recorded)?,
        Event::RoleDeleted(event) => {
            let role = role(state, event.id, recorded)?;
            role.deleted = true;
            let key = role.key.clone();
            state.role_keys.remove(&key);
        }
        Event::TokenCreated(event) => create_token(state, event, recorded)?,
        Event::TokenReset(event) => reset_token(token(state, event.id, recorded)?, event),
        Event::TokenUpdated(event) => update_token(state, event, recorded)?,
        Event::TokenDeleted(event) => token(state, event.id, recorded)?.deleted = true,
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

/// The member that an event is about, its version moved on.
fn member<'s>(
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
    }
    Ok(member)
}

fn role<'s>(
    state: &'s mut State,
    id: RoleId,
    recorded: &Recorded<'_>,
) -> Result<&'s mut Role, Inconsistency> {
    let role = state
        .roles
        .get_mut(&id)
        .filter(|role| !role.deleted)
        .ok_or_else(|| missing(recorded, format!("role {id}")))?;
    follows(recorded.event.type_name(), role.version, recorded)?;
    role.version = recorded.version;
    Ok(role)
}

fn token<'s>(
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

fn invite(
    state: &mut State,
    event: &MemberInvited,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.members.contains_key(&event.id), recorded)?;
    let member = Member {
        id: event.id,
        id_text: event.id.to_string(),
        version: recorded.version,
        email: event.email.clone(),
        first_name: event.first_name.clone(),
        last_name: event.last_name.clone(),
        role: event.role,
        custom_roles: event.custom_roles.clone(),
        role_attributes: event.role_attributes.clone(),
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

fn create_role(
    state: &mut State,
    event: &RoleCreated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.roles.contains_key(&event.id), recorded)?;
    let (as_scope, as_member) = compile(&event.policy, event.base_permissions)
        .map_err(|source| policy_error(recorded, source))?;
    let role = Role {
        id: event.id,
        version: recorded.version,
        key: event.key.clone(),
        name: event.name.clone(),
        description: event.description.clone(),
        policy: event.policy.clone(),
        base_permissions: event.base_permissions,
        resource_category: event.resource_category.clone(),
        as_scope,
        as_member,
        created_at_ms: recorded.recorded_at_ms,
        deleted: false,
    };
    state.role_keys.insert(role.key.clone(), role.id);
    state.roles.insert(role.id, role);
    Ok(())
}

fn update_role(
    state: &mut State,
    event: &RoleUpdated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    let present = state
        .role(event.id)
        .ok_or_else(|| missing(recorded, format!("role {}", event.id)))?;
    let policy = event.policy.as_ref().unwrap_or(&present.policy).clone();
    let base = event.base_permissions.unwrap_or(present.base_permissions);
    let (as_scope, as_member) =
        compile(&policy, base).map_err(|source| policy_error(recorded, source))?;
    let role = role(state, event.id, recorded)?;
    if let Some(name) = &event.name {
        role.name.clone_from(name);
    }
    if let Some(description) = &event.description {
        role.description.clone_from(description);
    }
    role.base_permissions = base;
    role.policy = policy;
    role.as_scope = as_scope;
    role.as_member = as_member;
    Ok(())
}

fn create_token(
    state: &mut State,
    event: &TokenCreated,
    recorded: &Recorded<'_>,
) -> Result<(), Inconsistency> {
    is_new(state.tokens.contains_key(&event.id), recorded)?;
    let grant = Grant::of_created(event, &mut state.pool)
        .map_err(|source| policy_error(recorded, source))?;
    let token = Token {
        id: event.id,
        version: recorded.version,
        name: event.name.clone(),
        description: event.description.clone(),
        scope: event.scope.clone(),
        role_binding: event.role_binding,
        grant,
        digest: event.digest,
        ending: event.ending.clone(),
        previous: None,
        expiry_ms: event.expiry_ms,
        default_api_version: event.default_api_version,
        created_at_ms: recorded.recorded_at_ms,
        modified_at_ms: recorded.recorded_at_ms,
        deleted: false,
    };
    state.tokens.insert(token.id, token);
    Ok(())
}

fn reset_token(token: &mut Token, event: &TokenReset) {
    token.previous = event.previous_until_ms.map(|until_ms| PreviousSecret {
        digest: token.digest,
        until_ms,
    });
    token.digest = event.digest;
    token.ending.clone_from(&event.ending);
}

fn update_token(
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
    let token = token(state, event.id, recorded)?;
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
