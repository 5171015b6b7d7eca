//! The rows of an account.

use keyledger_domain::event::{AccountCreated, AccountPlanChanged};

use super::super::batch::Recorded;
use super::super::engine::{Connection, both};
use super::super::error::TablesError;
use super::{about, one};

pub(super) async fn create(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &AccountCreated,
) -> Result<(), TablesError> {
    let query = about(both!("insert_account"), recorded)
        .bind(&event.name)
        .bind(event.plan.name());
    one(connection, recorded, query).await
}

pub(super) async fn change_plan(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &AccountPlanChanged,
) -> Result<(), TablesError> {
    let query = about(both!("set_plan"), recorded).bind(event.to.name());
    one(connection, recorded, query).await
}
