//! The rows that one event changes. Each family of events has a file.

mod account;
mod member;
mod role;
mod team;
mod token;

use keyledger_domain::event::Event;
use keyledger_domain::ids::RoleId;

use super::batch::Recorded;
use super::engine::{Connection, Query, Text, both};
use super::error::TablesError;
use super::policies::{Policies, json};

/// An event that does not fit the rows.
pub(super) fn inconsistent(recorded: &Recorded) -> TablesError {
    TablesError::Inconsistent {
        position: recorded.stored.position,
        event_type: recorded.event.type_name(),
    }
}

/// Writes one event; new tokens are written in runs by `batch`.
pub(super) async fn event(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    match &recorded.event {
        Event::AccountCreated(event) => account::create(connection, recorded, event).await,
        Event::AccountPlanChanged(event) => account::change_plan(connection, recorded, event).await,
        Event::MemberInvited(event) => member::invite(connection, recorded, event).await,
        Event::MemberDowngraded(event) => member::set_role(connection, recorded, event.to).await,
        Event::MemberPromoted(event) => member::set_role(connection, recorded, event.to).await,
        Event::MemberRolesAssigned(event) => {
            let touch = about(both!("touch_member"), recorded);
            one(connection, recorded, touch).await?;
            member::custom_roles(connection, recorded, &event.custom_roles).await
        }
        Event::MemberAttributesSet(event) => {
            let query = about(both!("set_member_attributes"), recorded);
            let query = query.bind(json(&event.role_attributes)?);
            one(connection, recorded, query).await
        }
        Event::InvitationIssued(_) | Event::MemberAdmitted(_) => {
            let touch = about(both!("touch_member"), recorded);
            one(connection, recorded, touch).await
        }
        Event::MemberJoined(event) => member::join(connection, recorded, event).await,
        Event::MemberRemoved(_) => member::remove(connection, recorded).await,
        Event::MemberErased(_) => member::erase(connection, recorded).await,
        Event::RoleCreated(event) => role::create(connection, policies, recorded, event).await,
        Event::RoleUpdated(event) => role::update(connection, policies, recorded, event).await,
        Event::RoleDeleted(_) => {
            let query = about(both!("delete_role"), recorded);
            one(connection, recorded, query).await
        }
        Event::TeamCreated(event) => team::create(connection, policies, recorded, event).await,
        Event::TeamUpdated(event) => team::update(connection, recorded, event).await,
        Event::TeamMembersChanged(event) => team::change_members(connection, recorded, event).await,
        Event::TeamRolesChanged(event) => {
            team::touch(connection, recorded).await?;
            team::set_roles(connection, recorded, &event.roles).await
        }
        Event::TeamGrantsChanged(event) => {
            team::change_grants(connection, policies, recorded, event).await
        }
        Event::TeamDeleted(_) => team::delete(connection, recorded).await,
        Event::TokenReset(event) => token::reset(connection, recorded, event).await,
        Event::TokenUpdated(event) => token::update(connection, policies, recorded, event).await,
        Event::TokenDeleted(_) => {
            let query = about(both!("delete_token"), recorded);
            one(connection, recorded, query).await
        }
        // INVARIANT: `batch` takes these.
        Event::TokenCreated(_) => Err(inconsistent(recorded)),
    }
}

/// The ids of the account and of whatever the event is about, as texts.
fn entity(recorded: &Recorded) -> (String, String) {
    let stream = &recorded.stored.stream;
    let id = RoleId::from_bytes(stream.id).to_string();
    (stream.account.to_string(), id)
}

/// A statement that begins with the five values that every event has: $1 account, $2 entity,
/// $3 version, $4 time, $5 position.
fn about(text: Text, recorded: &Recorded) -> Query {
    let stored = &recorded.stored;
    let (account, id) = entity(recorded);
    Query::new(text)
        .bind(account)
        .bind(id)
        .bind(stored.version)
        .bind(stored.recorded_at_ms)
        .bind(stored.position.get())
}

/// Runs a statement that must change exactly one row.
async fn one(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    query: Query,
) -> Result<(), TablesError> {
    if connection.execute(query).await? == 1 {
        Ok(())
    } else {
        Err(inconsistent(recorded))
    }
}
