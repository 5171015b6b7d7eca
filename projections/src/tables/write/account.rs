//! The rows of an account.

use keyledger_domain::event::{AccountCreated, AccountPlanChanged};
use sqlx::SqliteConnection;

use super::super::batch::Recorded;
use super::super::error::TablesError;
use super::{about, one};

pub(super) async fn create(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &AccountCreated,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/insert_account.sql"), recorded)
        .bind(&event.name)
        .bind(event.plan.name());
    one(connection, recorded, query).await
}

pub(super) async fn change_plan(
    connection: &mut SqliteConnection,
    recorded: &Recorded,
    event: &AccountPlanChanged,
) -> Result<(), TablesError> {
    let query = about(include_str!("../sql/set_plan.sql"), recorded).bind(event.to.name());
    one(connection, recorded, query).await
}
