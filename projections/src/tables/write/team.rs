//! The rows of a team.

use keyledger_domain::event::{
    GrantActions, TeamCreated, TeamGrant, TeamGrantsChanged, TeamMembersChanged, TeamUpdated,
};
use keyledger_domain::ids::{MemberId, RoleId};
use keyledger_domain::state::grant_statements;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection};

use super::super::batch::Recorded;
use super::super::error::{self, TablesError};
use super::super::policies::{Policies, json};
use super::{about, entity, inconsistent, one};

/// Runs a statement on the team of the event with a list as JSON.
async fn with_list<T: Serialize>(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    sql: &'static str,
    list: &[T],
) -> Result<(), TablesError> {
    let (account, team) = entity(recorded);
    sqlx::query(sql)
        .bind(account)
        .bind(team)
        .bind(json(list)?)
        .execute(connection)
        .await
        .map_err(error::of)?;
    Ok(())
}

fn texts<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

pub(super) async fn touch(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let touch = about(include_str!("../sql/touch_team.sql"), recorded);
    one(connection, recorded, touch).await
}

pub(super) async fn create(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &TeamCreated,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/insert_team.sql"), recorded)
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
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &TeamUpdated,
) -> Result<(), TablesError> {
    let attributes = event.role_attributes.as_ref().map(json).transpose()?;
    let query = about(include_str!("../sql/update_team.sql"), recorded)
        .bind(&event.name)
        .bind(&event.description)
        .bind(attributes);
    one(connection, recorded, query).await
}

async fn enter(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    members: &[MemberId],
) -> Result<(), TablesError> {
    let sql = include_str!("../sql/enter_team.sql");
    with_list(connection, recorded, sql, &texts(members)).await
}

pub(super) async fn change_members(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &TeamMembersChanged,
) -> Result<(), TablesError> {
    touch(connection, recorded).await?;
    let sql = include_str!("../sql/leave_team.sql");
    with_list(connection, recorded, sql, &texts(&event.removed)).await?;
    enter(connection, recorded, &event.added).await
}

/// Replaces a team's custom roles.
pub(super) async fn set_roles(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    roles: &[RoleId],
) -> Result<(), TablesError> {
    clear(
        connection,
        recorded,
        include_str!("../sql/clear_team_roles.sql"),
    )
    .await?;
    let sql = include_str!("../sql/insert_team_roles.sql");
    with_list(connection, recorded, sql, &texts(roles)).await
}

async fn clear(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    sql: &'static str,
) -> Result<(), TablesError> {
    let (account, team) = entity(recorded);
    sqlx::query(sql)
        .bind(account)
        .bind(team)
        .execute(connection)
        .await
        .map_err(error::of)?;
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
    connection: &mut SqliteConnection,
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
    for sql in [
        include_str!("../sql/clear_team_grant_members.sql"),
        include_str!("../sql/clear_team_grants.sql"),
    ] {
        clear(connection, recorded, sql).await?;
    }
    for sql in [
        include_str!("../sql/insert_team_grants.sql"),
        include_str!("../sql/insert_team_grant_members.sql"),
    ] {
        with_list(connection, recorded, sql, &rows).await?;
    }
    Ok(())
}

pub(super) async fn change_grants(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &TeamGrantsChanged,
) -> Result<(), TablesError> {
    touch(connection, recorded).await?;
    let (account, team) = entity(recorded);
    let row = sqlx::query(include_str!("../sql/team_key.sql"))
        .bind(account)
        .bind(team)
        .fetch_optional(&mut *connection)
        .await
        .map_err(error::of)?
        .ok_or_else(|| inconsistent(recorded))?;
    let key: String = row.try_get("key").map_err(TablesError::corrupt)?;
    set_grants(connection, policies, recorded, &key, &event.grants).await
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/delete_team.sql"), recorded);
    one(connection, recorded, query).await?;
    for sql in [
        include_str!("../sql/clear_team_members.sql"),
        include_str!("../sql/clear_team_roles.sql"),
        include_str!("../sql/clear_team_grant_members.sql"),
        include_str!("../sql/clear_team_grants.sql"),
    ] {
        clear(connection, recorded, sql).await?;
    }
    Ok(())
}
