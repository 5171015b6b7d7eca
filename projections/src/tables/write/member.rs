//! The rows of a member.

use keyledger_domain::event::personal::erased_email;
use keyledger_domain::event::{MemberInvited, MemberJoined};
use keyledger_domain::ids::{MemberId, RoleId};
use keyledger_domain::role::BuiltIn;
use sqlx::SqliteConnection;

use super::super::batch::Recorded;
use super::super::error::{self, TablesError};
use super::super::policies::json;
use super::{about, entity, one};

pub(super) async fn invite(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &MemberInvited,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/insert_member.sql"), recorded)
        .bind(&event.email)
        .bind(&event.first_name)
        .bind(&event.last_name)
        .bind(event.role.name())
        .bind(json(&event.role_attributes)?)
        .bind(event.password_hash.is_some());
    one(connection, recorded, query).await?;
    if event.custom_roles.is_empty() {
        return Ok(());
    }
    custom_roles(connection, recorded, &event.custom_roles).await
}

pub(super) async fn set_role(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    to: BuiltIn,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/set_member_role.sql"), recorded).bind(to.name());
    one(connection, recorded, query).await
}

/// Replaces a member's custom roles.
pub(super) async fn custom_roles(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    roles: &[RoleId],
) -> Result<(), TablesError> {
    let (account, member) = entity(recorded);
    let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
    sqlx::query(include_str!("../sql/clear_member_roles.sql"))
        .bind(&account)
        .bind(&member)
        .execute(&mut *connection)
        .await
        .map_err(error::of)?;
    let list = json(&roles)?;
    for sql in [
        include_str!("../sql/insert_member_roles.sql"),
        include_str!("../sql/set_member_roles.sql"),
    ] {
        sqlx::query(sql)
            .bind(&account)
            .bind(&member)
            .bind(&list)
            .execute(&mut *connection)
            .await
            .map_err(error::of)?;
    }
    Ok(())
}

pub(super) async fn join(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &MemberJoined,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/join_member.sql"), recorded)
        .bind(&event.first_name)
        .bind(&event.last_name);
    one(connection, recorded, query).await
}

/// The member's row stays with the time; the places in teams go.
pub(super) async fn remove(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/remove_member.sql"), recorded);
    one(connection, recorded, query).await?;
    let (account, member) = entity(recorded);
    for sql in [
        include_str!("../sql/leave_teams.sql"),
        include_str!("../sql/leave_grants.sql"),
    ] {
        sqlx::query(sql)
            .bind(&account)
            .bind(&member)
            .execute(&mut *connection)
            .await
            .map_err(error::of)?;
    }
    Ok(())
}

/// What is left is what is computed when the key is gone, so that the tables can be computed again.
pub(super) async fn erase(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let email = erased_email(MemberId::from_bytes(recorded.stored.stream.id));
    let query = about(include_str!("../sql/erase_member.sql"), recorded).bind(&email);
    one(connection, recorded, query).await?;
    let (account, member) = entity(recorded);
    sqlx::query(include_str!("../sql/erase_entries.sql"))
        .bind(account)
        .bind(member)
        .bind(email)
        .execute(connection)
        .await
        .map_err(error::of)?;
    Ok(())
}
