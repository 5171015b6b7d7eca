//! The built-in roles, which come with the program and not with the log.

use keyledger_domain::role::BuiltIn;
use sqlx::SqliteConnection;

use super::error::{self, TablesError};
use super::policies::Policies;

pub(super) async fn built_in_roles(connection: &mut SqliteConnection) -> Result<(), TablesError> {
    let mut policies = Policies::default();
    for role in BuiltIn::ALL {
        let scope = policies.policy(role.scope_policy().statements())?;
        let member = policies.policy(role.member_policy().statements())?;
        sqlx::query(include_str!("sql/upsert_built_in_role.sql"))
            .bind(role.name())
            .bind(scope)
            .bind(member)
            .execute(&mut *connection)
            .await
            .map_err(error::of)?;
    }
    policies.flush(connection).await
}
