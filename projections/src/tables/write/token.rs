//! The rows of a token; new ones are written in runs by `batch`.

use keyledger_domain::event::{TokenReset, TokenUpdated};

use super::super::batch::{Recorded, ScopeColumns};
use super::super::engine::{Connection, Query, both};
use super::super::error::TablesError;
use super::super::policies::Policies;
use super::{about, one};

pub(super) async fn reset(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
    event: &TokenReset,
) -> Result<(), TablesError> {
    let query = about(both!("reset_token"), recorded)
        .bind(&event.ending)
        .bind(event.previous_until_ms);
    one(connection, recorded, query).await
}

pub(super) async fn update(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    recorded: &Recorded,
    event: &TokenUpdated,
) -> Result<(), TablesError> {
    let query = about(both!("update_token"), recorded)
        .bind(&event.name)
        .bind(&event.description)
        .bind(event.expiry_ms)
        .bind(event.default_api_version);
    one(connection, recorded, query).await?;
    // Last: the history of the scope takes the position that was just written.
    if let Some(scope) = &event.scope {
        let columns = ScopeColumns::of(scope, None, &event.bounds, policies)?;
        let stream = &recorded.stored.stream;
        let query = Query::new(both!("set_token_scope"))
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
    Ok(())
}
