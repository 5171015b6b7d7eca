//! The rows of a team.

use keyledger_domain::event::{
    GrantActions, TeamCreated, TeamGrant, TeamGrantsChanged, TeamMembersChanged, TeamUpdated,
};
use keyledger_domain::ids::{MemberId, RoleId};
use keyledger_domain::state::grant_statements;
use serde::Serialize;

use super::super::batch::Recorded;
use super::super::engine::{Connection, Query, Text, both, each};
use super::super::error::TablesError;
use super::super::policies::{Policies, json};
use super::{about, entity, inconsistent, one};

/// Runs a statement on the team of the event with a list as JSON.
async fn with_list<T: Serialize>(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    text: Text,
    list: &[T],
) -> Result<(), TablesError> {
    let (account, team) = entity(recorded);
    connection
        .execute(Query::new(text).bind(account).bind(team).bind(json(list)?))
        .await?;
    Ok(())
}

fn texts<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

pub(super) async fn touch(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let touch = about(both!("touch_team"), recorded);
    one(connection, recorded, touch).await
}

pub(super) async fn create(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &TeamCreated,
) -> Result<(), TablesError> {
    let query = about(both!("insert_team"), recorded)
        .bind(&event.key)
        .bind(&event.name)
        .bind(&event.description)
        .bind(json(&event.role_attributes)?);
    one(connection, recorded, query).await?;
    enter(connection, recorded, &event.members).await?;
    set_roles(connection, recorded, &event.roles).await?;
    set_grants(connection, policies, recorded, &event.key, &event.grants).await
}

pub(super) async fn update(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &TeamUpdated,
) -> Result<(), TablesError> {
    let attributes = event.role_attributes.as_ref().map(json).transpose()?;
    let query = about(both!("update_team"), recorded)
        .bind(&event.name)
        .bind(&event.description)
        .bind(attributes);
    one(connection, recorded, query).await
}

async fn enter(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    members: &[MemberId],
) -> Result<(), TablesError> {
    let text = each!("enter_team");
    with_list(connection, recorded, text, &texts(members)).await
}

pub(super) async fn change_members(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &TeamMembersChanged,
) -> Result<(), TablesError> {
    touch(connection, recorded).await?;
    let text = each!("leave_team");
    with_list(connection, recorded, text, &texts(&event.removed)).await?;
    enter(connection, recorded, &event.added).await
}

/// Replaces a team's custom roles.
pub(super) async fn set_roles(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    roles: &[RoleId],
) -> Result<(), TablesError> {
    clear(connection, recorded, both!("clear_team_roles")).await?;
    let text = each!("insert_team_roles");
    with_list(connection, recorded, text, &texts(roles)).await
}

async fn clear(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    text: Text,
) -> Result<(), TablesError> {
    let (account, team) = entity(recorded);
    connection
        .execute(Query::new(text).bind(account).bind(team))
        .await?;
    Ok(())
}

/// A new row of the table `team_grant` with its members.
#[derive(Serialize)]
struct GrantRow {
    action_set: Option<&'static str>,
    actions: Option<String>,
    policy_id: String,
    members: Vec<String>,
}

/// Replaces a team's permission grants.
async fn set_grants(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
    key: &str,
    grants: &[TeamGrant],
) -> Result<(), TablesError> {
    let row = |grant: &TeamGrant| {
        let policy_id = policies.policy(&grant_statements(key, &grant.actions))?;
        let (action_set, actions) = match &grant.actions {
            GrantActions::MaintainTeam => (Some("maintainTeam"), None),
            GrantActions::Actions(actions) => (None, Some(json(actions)?)),
        };
        Ok(GrantRow {
            action_set,
            actions,
            policy_id,
            members: texts(&grant.members),
        })
    };
    let rows: Vec<GrantRow> = grants.iter().map(row).collect::<Result<_, TablesError>>()?;
    for text in [
        both!("clear_team_grant_members"),
        both!("clear_team_grants"),
    ] {
        clear(connection, recorded, text).await?;
    }
    for text in [
        each!("insert_team_grants"),
        each!("insert_team_grant_members"),
    ] {
        with_list(connection, recorded, text, &rows).await?;
    }
    Ok(())
}

pub(super) async fn change_grants(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &TeamGrantsChanged,
) -> Result<(), TablesError> {
    touch(connection, recorded).await?;
    let (account, team) = entity(recorded);
    let row = connection
        .row(Query::new(both!("team_key")).bind(account).bind(team))
        .await?
        .ok_or_else(|| inconsistent(recorded))?;
    let key = row.text("key")?;
    set_grants(connection, policies, recorded, key, &event.grants).await
}

pub(super) async fn delete(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let query = about(both!("delete_team"), recorded);
    one(connection, recorded, query).await?;
    for text in [
        both!("clear_team_members"),
        both!("clear_team_roles"),
        both!("clear_team_grant_members"),
        both!("clear_team_grants"),
    ] {
        clear(connection, recorded, text).await?;
    }
    Ok(())
}
