//! The rows of a custom role.

use keyledger_domain::event::{RoleCreated, RoleUpdated};
use keyledger_domain::policy::Statement;
use keyledger_domain::role::BuiltIn;

use super::super::batch::Recorded;
use super::super::engine::{Connection, Query, both};
use super::super::error::TablesError;
use super::super::policies::{Policies, json};
use super::{about, inconsistent, one};

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

pub(super) async fn create(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &RoleCreated,
) -> Result<(), TablesError> {
    let (scope, member) = compiled(policies, &event.policy, event.base_permissions)?;
    let query = about(both!("insert_role"), recorded)
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

pub(super) async fn update(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &RoleUpdated,
) -> Result<(), TablesError> {
    let stream = &recorded.stored.stream;
    let row = connection
        .row(
            Query::new(both!("role_policy"))
                .bind(stream.account.to_string())
                .bind(event.id.to_string()),
        )
        .await?
        .ok_or_else(|| inconsistent(recorded))?;
    let policy = match &event.policy {
        Some(policy) => policy.clone(),
        None => serde_json::from_str(row.text("policy")?).map_err(TablesError::corrupt)?,
    };
    let base = match event.base_permissions {
        Some(base) => base,
        None => {
            let text = row.text("base_permissions")?;
            text.parse().map_err(TablesError::corrupt)?
        }
    };
    let (scope, member) = compiled(policies, &policy, base)?;
    let query = about(both!("update_role"), recorded)
        .bind(&event.name)
        .bind(&event.description)
        .bind(json(&policy)?)
        .bind(base.name())
        .bind(scope)
        .bind(member);
    one(connection, recorded, query).await
}
