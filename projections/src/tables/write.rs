//! The rows that one event changes.

use keyledger_domain::event::{
    AccountCreated, Event, MemberInvited, RoleCreated, RoleUpdated, TokenReset, TokenUpdated,
};
use keyledger_domain::ids::RoleId;
use keyledger_domain::policy::Statement;
use keyledger_domain::role::BuiltIn;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

use super::batch::{Recorded, ScopeColumns};
use super::error::{self, TablesError};
use super::policies::{Policies, json};
use super::row::{json_or_null, parsed};

/// An event that does not fit the rows.
pub(super) fn inconsistent(recorded: &Recorded) -> TablesError {
    TablesError::Inconsistent {
        position: recorded.stored.position,
        event_type: recorded.event.type_name(),
    }
}

/// Writes one event; new tokens are written in runs by `batch`.
pub(super) async fn event(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    match &recorded.event {
        Event::AccountCreated(event) => account(connection, recorded, event).await,
        Event::MemberInvited(event) => invite(connection, recorded, event).await,
        Event::MemberDowngraded(event) => member_role(connection, recorded, event.to).await,
        Event::MemberPromoted(event) => member_role(connection, recorded, event.to).await,
        Event::MemberRolesAssigned(event) => {
            let touch = about(include_str!("sql/touch_member.sql"), recorded);
            one(connection, recorded, touch).await?;
            custom_roles(connection, recorded, &event.custom_roles).await
        }
        Event::MemberAttributesSet(event) => {
            let query = about(include_str!("sql/set_member_attributes.sql"), recorded);
            let query = query.bind(json(&event.role_attributes)?);
            one(connection, recorded, query).await
        }
        Event::MemberRemoved(_) => {
            let query = about(include_str!("sql/remove_member.sql"), recorded);
            one(connection, recorded, query).await
        }
        Event::RoleCreated(event) => create_role(connection, policies, recorded, event).await,
        Event::RoleUpdated(event) => update_role(connection, policies, recorded, event).await,
        Event::RoleDeleted(_) => {
            let query = about(include_str!("sql/delete_role.sql"), recorded);
            one(connection, recorded, query).await
        }
        Event::TokenReset(event) => reset_token(connection, recorded, event).await,
        Event::TokenUpdated(event) => update_token(connection, policies, recorded, event).await,
        Event::TokenDeleted(_) => {
            let query = about(include_str!("sql/delete_token.sql"), recorded);
            one(connection, recorded, query).await
        }
        // INVARIANT: `batch` takes these.
        Event::TokenCreated(_) => Err(inconsistent(recorded)),
    }
}

type Statement5<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A statement that begins with the five values that every event has: ?1 account, ?2 entity,
/// ?3 version, ?4 time, ?5 position.
fn about<'q>(sql: &'static str, recorded: &Recorded) -> Statement5<'q> {
    let stored = &recorded.stored;
    let id = RoleId::from_bytes(stored.stream.id).to_string();
    sqlx::query(sql)
        .bind(stored.stream.account.to_string())
        .bind(id)
        .bind(stored.version)
        .bind(stored.recorded_at_ms)
        .bind(stored.position.get())
}

/// Runs a statement that must change exactly one row.
async fn one(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    query: Statement5<'_>,
) -> Result<(), TablesError> {
    let changed = query.execute(connection).await.map_err(error::of)?;
    if changed.rows_affected() == 1 {
        Ok(())
    } else {
        Err(inconsistent(recorded))
    }
}

async fn account(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &AccountCreated,
) -> Result<(), TablesError> {
    let query = about(include_str!("sql/insert_account.sql"), recorded)
        .bind(&event.name)
        .bind(&event.plan);
    one(connection, recorded, query).await
}

async fn invite(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &MemberInvited,
) -> Result<(), TablesError> {
    let query = about(include_str!("sql/insert_member.sql"), recorded)
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

async fn member_role(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    to: BuiltIn,
) -> Result<(), TablesError> {
    let query = about(include_str!("sql/set_member_role.sql"), recorded).bind(to.name());
    one(connection, recorded, query).await
}

/// Replaces a member's custom roles.
async fn custom_roles(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    roles: &[RoleId],
) -> Result<(), TablesError> {
    let stream = &recorded.stored.stream;
    let (account, member) = (
        stream.account.to_string(),
        RoleId::from_bytes(stream.id).to_string(),
    );
    let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
    sqlx::query(include_str!("sql/clear_member_roles.sql"))
        .bind(&account)
        .bind(&member)
        .execute(&mut *connection)
        .await
        .map_err(error::of)?;
    sqlx::query(include_str!("sql/insert_member_roles.sql"))
        .bind(account)
        .bind(member)
        .bind(json(&roles)?)
        .execute(connection)
        .await
        .map_err(error::of)?;
    Ok(())
}

/// The policies of a role, for a token's scope and for a member: as the domain compiles them, the base
/// permissions part of the same policy, so that a deny of the role wins against them.
fn compiled(
    policies: &mut Policies,
    policy: &[Statement],
    base: BuiltIn,
) -> Result<(String, String), TablesError> {
    if base < BuiltIn::Reader {
        let both = policies.policy(policy)?;
        return Ok((both.clone(), both));
    }
    let with = |more: &[Statement]| [policy, more].concat();
    let scope = policies.policy(&with(BuiltIn::Reader.scope_policy().statements()))?;
    let member = policies.policy(&with(BuiltIn::Reader.member_policy().statements()))?;
    Ok((scope, member))
}

async fn create_role(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &RoleCreated,
) -> Result<(), TablesError> {
    let (scope, member) = compiled(policies, &event.policy, event.base_permissions)?;
    let query = about(include_str!("sql/insert_role.sql"), recorded)
        .bind(&event.key)
        .bind(&event.name)
        .bind(&event.description)
        .bind(json(&event.policy)?)
        .bind(event.base_permissions.name())
        .bind(&event.resource_category)
        .bind(scope)
        .bind(member);
    one(connection, recorded, query).await
}

async fn update_role(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &RoleUpdated,
) -> Result<(), TablesError> {
    let stream = &recorded.stored.stream;
    let row = sqlx::query(include_str!("sql/role_policy.sql"))
        .bind(stream.account.to_string())
        .bind(event.id.to_string())
        .fetch_optional(&mut *connection)
        .await
        .map_err(error::of)?
        .ok_or_else(|| inconsistent(recorded))?;
    let policy = match &event.policy {
        Some(policy) => policy.clone(),
        None => json_or_null(&row, "policy")?.unwrap_or_default(),
    };
    let base = match event.base_permissions {
        Some(base) => base,
        None => parsed(&row, "base_permissions")?,
    };
    let (scope, member) = compiled(policies, &policy, base)?;
    let query = about(include_str!("sql/update_role.sql"), recorded)
        .bind(&event.name)
        .bind(&event.description)
        .bind(json(&policy)?)
        .bind(base.name())
        .bind(scope)
        .bind(member);
    one(connection, recorded, query).await
}

async fn reset_token(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &TokenReset,
) -> Result<(), TablesError> {
    let query = about(include_str!("sql/reset_token.sql"), recorded)
        .bind(&event.ending)
        .bind(event.previous_until_ms);
    one(connection, recorded, query).await
}

async fn update_token(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &TokenUpdated,
) -> Result<(), TablesError> {
    if let Some(scope) = &event.scope {
        let columns = ScopeColumns::of(scope, None, &event.bounds, policies)?;
        let stream = &recorded.stored.stream;
        let query = sqlx::query(include_str!("sql/set_token_scope.sql"))
            .bind(stream.account.to_string())
            .bind(event.id.to_string())
            .bind(columns.scope_kind)
            .bind(columns.role)
            .bind(columns.custom_role_ids)
            .bind(columns.inline_role)
            .bind(columns.scope_set_id)
            .bind(columns.bound_set_id);
        one(connection, recorded, query).await?;
    }
    let query = about(include_str!("sql/update_token.sql"), recorded)
        .bind(&event.name)
        .bind(&event.description)
        .bind(event.expiry_ms)
        .bind(event.default_api_version);
    one(connection, recorded, query).await
}
