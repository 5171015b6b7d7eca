//! One batch of events: its rows and the cursor, in one transaction.

use keyledger_domain::event::{Event, FrozenPolicies, TokenCreated};
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_eventstore::{ChainCheck, StoredEvent};

use super::audit;
use super::engine::{Connection, NewRow, each};
use super::error::TablesError;
use super::policies::{Policies, json};
use super::token_row::kind_name;
use super::{cursor, write};
use crate::follower::FollowError;

/// An event with what the log knows about it.
pub(super) struct Recorded {
    pub(super) stored: StoredEvent,
    pub(super) event: Event,
}

/// Events that follow on `from`, decoded, and where they lead.
///
/// # Errors
/// When they do not follow, or cannot be read.
pub(super) fn read(
    from: &ChainCheck,
    events: Vec<StoredEvent>,
) -> Result<(Vec<Recorded>, ChainCheck), FollowError> {
    let mut to = *from;
    let mut batch = Vec::with_capacity(events.len());
    for stored in events {
        to.check(&stored).map_err(FollowError::ChainBroken)?;
        let event = crate::decode::decode(&stored)?;
        batch.push(Recorded { stored, event });
    }
    Ok((batch, to))
}

/// Writes the batch's rows and moves the cursor from `from` to `to`, in the transaction of `connection`, whose cursor
/// was found at `from`.
pub(super) async fn write(
    connection: &mut Connection<'_>,
    policies: &mut Policies,
    batch: &[Recorded],
    from: &ChainCheck,
    to: &ChainCheck,
    now_ms: i64,
) -> Result<(), TablesError> {
    let (mut run, mut entries): (Vec<NewRow>, Vec<NewRow>) = Default::default();
    for recorded in batch {
        if let Event::TokenCreated(event) = &recorded.event {
            run.push(new_token(recorded, event, policies)?);
            entries.push(audit::created_token(recorded, event)?);
            continue;
        }
        flush(connection, &mut run, &mut entries).await?;
        write::event(connection, policies, recorded).await?;
        audit::event(connection, recorded).await?;
    }
    flush(connection, &mut run, &mut entries).await?;
    // Nothing refers to them by a foreign key, so one statement for the whole batch is enough.
    policies.flush(connection).await?;
    cursor::move_on(connection, from.position, to, now_ms).await
}

/// Writes a run of new tokens, and the entries about them.
async fn flush(
    connection: &mut Connection<'_>,
    run: &mut Vec<NewRow>,
    entries: &mut Vec<NewRow>,
) -> Result<(), TablesError> {
    connection.insert(each!("insert_tokens"), run).await?;
    audit::created_tokens(connection, entries).await
}

/// A scope in its columns.
#[derive(Debug)]
pub(super) struct ScopeColumns {
    pub(super) scope_kind: &'static str,
    pub(super) role: Option<&'static str>,
    pub(super) custom_role_ids: Option<String>,
    pub(super) inline_role: Option<String>,
    pub(super) scope_set_id: Option<String>,
    pub(super) bound_set_id: Option<String>,
}

impl ScopeColumns {
    pub(super) fn of(
        scope: &Scope,
        frozen_scope: Option<&FrozenPolicies>,
        bounds: &[FrozenPolicies],
        policies: &mut Policies,
    ) -> Result<Self, TablesError> {
        let by_value = match (frozen_scope, scope) {
            (Some(frozen), _) => Some(frozen.clone()),
            (None, Scope::Inline(statements)) => Some(vec![statements.clone()]),
            (None, Scope::Role(_) | Scope::CustomRoles(_)) => None,
        };
        let mut columns = Self {
            scope_kind: "role",
            role: None,
            custom_role_ids: None,
            inline_role: None,
            scope_set_id: match by_value {
                Some(layer) => policies.layers(&[layer])?,
                None => None,
            },
            bound_set_id: policies.layers(bounds)?,
        };
        match scope {
            Scope::Role(role) => columns.role = Some(role.name()),
            Scope::CustomRoles(ids) => {
                columns.scope_kind = "custom_roles";
                let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
                columns.custom_role_ids = Some(json(&texts)?);
            }
            Scope::Inline(statements) => {
                columns.scope_kind = "inline";
                columns.inline_role = Some(json(statements)?);
            }
        }
        Ok(columns)
    }
}

/// A new row of the table `token`.
fn new_token(
    recorded: &Recorded,
    event: &TokenCreated,
    policies: &mut Policies,
) -> Result<NewRow, TablesError> {
    let stored = &recorded.stored;
    if stored.version != 1 {
        return Err(write::inconsistent(recorded));
    }
    let own_attributes = (event.kind == TokenKind::Service).then_some(&event.role_attributes);
    let frozen = event.frozen_scope.as_ref();
    let scope = ScopeColumns::of(&event.scope, frozen, &event.bounds, policies)?;
    Ok(NewRow::default()
        .with("account_id", stored.stream.account.to_string())
        .with("token_id", event.id.to_string())
        .with("kind", kind_name(event.kind))
        .with("member_id", event.member.to_string())
        .with("name", &event.name)
        .with("description", &event.description)
        .with("scope_kind", scope.scope_kind)
        .with("role", scope.role)
        .with("custom_role_ids", scope.custom_role_ids)
        .with("inline_role", scope.inline_role)
        .with("scope_set_id", scope.scope_set_id)
        .with("bound_set_id", scope.bound_set_id)
        .with("role_binding", event.role_binding.name())
        .with("role_attributes", own_attributes.map(json).transpose()?)
        .with("ending", &event.ending)
        .with("expiry_ms", event.expiry_ms)
        .with("default_api_version", event.default_api_version)
        .with("cloned_from", event.cloned_from.map(|id| id.to_string()))
        .with("at_ms", stored.recorded_at_ms)
        .with("position", stored.position.get())
        .with("version", stored.version))
}
