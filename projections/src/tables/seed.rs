//! The built-in roles, which come with the program and not with the log.

use keyledger_domain::role::BuiltIn;

use super::engine::{Connection, Query, both};
use super::error::TablesError;
use super::policies::Policies;

pub(super) async fn built_in_roles(connection: &mut Connection<'_>) -> Result<(), TablesError> {
    let mut policies = Policies::default();
    for role in BuiltIn::ALL {
        let scope = policies.policy(role.scope_policy().statements())?;
        let member = policies.policy(role.member_policy().statements())?;
        connection
            .execute(
                Query::new(both!("upsert_built_in_role"))
                    .bind(role.name())
                    .bind(scope)
                    .bind(member),
            )
            .await?;
    }
    policies.flush(connection).await
}
