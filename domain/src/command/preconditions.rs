//! What a decision was read from, so that the log can refuse it when that has moved.

use std::collections::HashMap;

use super::Context;
use crate::actor::role_reads;
use crate::event::Event;
use crate::ids::{MemberId, RoleId, StreamKind, StreamRef, TeamId, TokenId};
use crate::rejection::Rejection;
use crate::scope::Scope;
use crate::state::{Member, Role, State, Team, Token};

/// The token that a command is about.
pub(super) fn token<'s>(
    state: &'s State,
    context: &Context<'s>,
    id: TokenId,
) -> Result<&'s Token, Rejection> {
    let loaded = context
        .loaded
        .filter(|token| token.id == id && !token.deleted);
    loaded
        .or_else(|| state.token(id))
        .ok_or_else(|| Rejection::NotFound {
            what: "token",
            id: id.to_string(),
        })
}

/// The member that a command is about.
pub(super) fn member(state: &State, id: MemberId) -> Result<&Member, Rejection> {
    state.member(id).ok_or_else(|| Rejection::NotFound {
        what: "member",
        id: id.to_string(),
    })
}

/// The role that a command is about.
pub(super) fn role(state: &State, id: RoleId) -> Result<&Role, Rejection> {
    state.role(id).ok_or_else(|| Rejection::NotFound {
        what: "role",
        id: id.to_string(),
    })
}

/// The team that a command is about.
pub(super) fn team(state: &State, id: TeamId) -> Result<&Team, Rejection> {
    state.team(id).ok_or_else(|| Rejection::NotFound {
        what: "team",
        id: id.to_string(),
    })
}

/// An id that exists already: the caller makes ids so that no two are the same, and something is broken.
pub(super) fn taken(id: &impl std::fmt::Display) -> Rejection {
    Rejection::Conflict {
        message: format!("the id {id} is taken"),
    }
}

/// Every stream that a decision depends on with the version that was read: the actor's, those of the
/// roles that a scope or a member was given, and those that the events go to.
#[must_use]
pub fn preconditions(
    state: &State,
    context: &Context<'_>,
    events: &[Event],
) -> Vec<(StreamRef, i64)> {
    let account = context.actor.account;
    let mut expected: HashMap<StreamRef, i64> = context.actor.read.iter().copied().collect();
    for event in events {
        let stream = event.stream(account);
        expected.insert(stream, version(state, context, stream));
        expected.extend(role_reads(account, state, roles_of(event).iter().copied()));
        if let Event::TokenCreated(created) = event
            && let Some(source) = created.cloned_from
        {
            let source = StreamRef::token(account, source);
            expected.insert(source, version(state, context, source));
        }
    }
    let mut list: Vec<_> = expected.into_iter().collect();
    list.sort_unstable();
    list
}

/// The roles that an event refers to.
fn roles_of(event: &Event) -> &[RoleId] {
    match event {
        Event::TokenCreated(event) => match &event.scope {
            Scope::CustomRoles(ids) => ids,
            _ => &[],
        },
        Event::TokenUpdated(event) => match &event.scope {
            Some(Scope::CustomRoles(ids)) => ids,
            _ => &[],
        },
        Event::MemberInvited(event) => &event.custom_roles,
        Event::MemberRolesAssigned(event) => &event.custom_roles,
        Event::TeamCreated(event) => &event.roles,
        Event::TeamRolesChanged(event) => &event.roles,
        _ => &[],
    }
}

/// The version of a stream in the state; 0 when it is not there yet.
pub(super) fn version(state: &State, context: &Context<'_>, stream: StreamRef) -> i64 {
    let found = match stream.kind {
        StreamKind::Account => state.account.as_ref().map(|account| account.version),
        StreamKind::Member => state
            .members
            .get(&MemberId::from_bytes(stream.id))
            .map(|member| member.version),
        StreamKind::Token => {
            let id = TokenId::from_bytes(stream.id);
            let loaded = context.loaded.filter(|token| token.id == id);
            loaded
                .or_else(|| state.tokens.get(&id))
                .map(|token| token.version)
        }
        StreamKind::Role => state
            .roles
            .get(&RoleId::from_bytes(stream.id))
            .map(|role| role.version),
        StreamKind::Team => state
            .teams
            .get(&TeamId::from_bytes(stream.id))
            .map(|team| team.version),
    };
    found.unwrap_or(0)
}
