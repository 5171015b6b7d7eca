//! The rows of a member.

use keyledger_domain::event::personal::erased_email;
use keyledger_domain::event::{MemberInvited, MemberJoined};
use keyledger_domain::ids::{MemberId, RoleId};
use keyledger_domain::role::BuiltIn;

use super::super::batch::Recorded;
use super::super::engine::{Connection, Query, both, each};
use super::super::error::TablesError;
use super::super::policies::json;
use super::{about, entity, one};

pub(super) async fn invite(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &MemberInvited,
) -> Result<(), TablesError> {
    let query = about(both!("insert_member"), recorded)
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
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    to: BuiltIn,
) -> Result<(), TablesError> {
    let query = about(both!("set_member_role"), recorded).bind(to.name());
    one(connection, recorded, query).await
}

/// Replaces a member's custom roles.
pub(super) async fn custom_roles(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    roles: &[RoleId],
) -> Result<(), TablesError> {
    let (account, member) = entity(recorded);
    let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
    connection
        .execute(
            Query::new(both!("clear_member_roles"))
                .bind(&account)
                .bind(&member),
        )
        .await?;
    let list = json(&roles)?;
    for text in [each!("insert_member_roles"), both!("set_member_roles")] {
        connection
            .execute(Query::new(text).bind(&account).bind(&member).bind(&list))
            .await?;
    }
    Ok(())
}

pub(super) async fn join(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &MemberJoined,
) -> Result<(), TablesError> {
    let query = about(both!("join_member"), recorded)
        .bind(&event.first_name)
        .bind(&event.last_name);
    one(connection, recorded, query).await
}

/// The member's row stays with the time; the places in teams go.
pub(super) async fn remove(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let query = about(both!("remove_member"), recorded);
    one(connection, recorded, query).await?;
    let (account, member) = entity(recorded);
    for text in [both!("leave_teams"), both!("leave_grants")] {
        connection
            .execute(Query::new(text).bind(&account).bind(&member))
            .await?;
    }
    Ok(())
}

/// What is left is what is computed when the key is gone, so that the tables can be computed again.
pub(super) async fn erase(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let email = erased_email(MemberId::from_bytes(recorded.stored.stream.id));
    let query = about(both!("erase_member"), recorded).bind(&email);
    one(connection, recorded, query).await?;
    let (account, member) = entity(recorded);
    connection
        .execute(
            Query::new(both!("erase_entries"))
                .bind(account)
                .bind(member)
                .bind(email),
        )
        .await?;
    Ok(())
}
