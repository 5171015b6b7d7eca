//! `GET /api/v2/auditlog/{id}`.

use std::collections::BTreeSet;
use std::sync::Arc;

use keyledger_domain::event::{Event, MemberInvited};
use keyledger_domain::ids::{MemberId, StreamKind, StreamRef};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::state::{Recorded, State, evolve};
use keyledger_eventstore::{Position, StoredEvent};
use keyledger_projections::AuditRow;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use serde_json::Value;

use super::is_visible;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::node::{Node, decode_stored};
use crate::rep::audit::{AuditLogEntry, document, entry, entry_id};
use crate::routes::Tag;

fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(64).collect();
    ApiError::not_found(format!("unknown audit log entry: {id:?}"))
}

/// The position in an id.
fn position(id: &str) -> Option<Position> {
    let (_, hex) = id.split_at_checked(8).filter(|_| id.len() == 24)?;
    i64::from_str_radix(hex, 16).ok().map(Position::new)
}

/// The members that events of a team name. A team is folded by itself here, so they are put there first:
/// who is no member of the account is in no team, and neither is who was removed from it meanwhile.
fn members_of(event: &Event) -> Vec<MemberId> {
    match event {
        Event::TeamCreated(event) => {
            let granted = event.grants.iter().flat_map(|grant| &grant.members);
            event.members.iter().chain(granted).copied().collect()
        }
        Event::TeamMembersChanged(event) => event.added.clone(),
        Event::TeamGrantsChanged(event) => {
            let granted = event.grants.iter().flat_map(|grant| &grant.members);
            granted.copied().collect()
        }
        _ => Vec::new(),
    }
}

/// Who was a member, and was not any more when the event of a team happened.
fn removed_before(state: &State, row: &AuditRow) -> BTreeSet<MemberId> {
    let is_gone = |at: i64| row.kind == StreamKind::Team && at < row.at_ms;
    let members = state.members.values();
    let removed = members.filter(|member| member.removed_at_ms.is_some_and(is_gone));
    removed.map(|member| member.id).collect()
}

fn stand_in(state: &mut State, stream: &StreamRef, id: MemberId) -> Result<(), ApiError> {
    let event = Event::MemberInvited(MemberInvited {
        id,
        email: id.to_string(),
        first_name: String::new(),
        last_name: String::new(),
        role: BuiltIn::NoAccess,
        custom_roles: Vec::new(),
        role_attributes: RoleAttributes::default(),
        password_hash: None,
    });
    let recorded = Recorded {
        account: stream.account,
        version: 1,
        recorded_at_ms: 0,
        event: &event,
    };
    evolve(state, &recorded).map_err(ApiError::internal)
}

/// What the entry is about, before its event and after it.
fn versions(
    stream: &StreamRef,
    stored: &[StoredEvent],
    removed: BTreeSet<MemberId>,
) -> Result<(Option<Value>, Option<Value>), ApiError> {
    let mut state = State::default();
    let mut known = removed;
    let mut before = None;
    for (index, one) in stored.iter().enumerate() {
        let event = decode_stored(one)?;
        for member in members_of(&event) {
            if known.insert(member) {
                stand_in(&mut state, stream, member)?;
            }
        }
        if index + 1 == stored.len() {
            before = document(&state, stream);
        }
        let recorded = Recorded {
            account: stream.account,
            version: one.version,
            recorded_at_ms: one.recorded_at_ms,
            event: &event,
        };
        evolve(&mut state, &recorded).map_err(ApiError::internal)?;
    }
    Ok((before, document(&state, stream)))
}

fn stream_of(row: &AuditRow, account: keyledger_domain::ids::AccountId) -> Option<StreamRef> {
    Some(match row.kind {
        StreamKind::Account => StreamRef::account(account),
        StreamKind::Member => StreamRef::member(account, row.target_id.parse().ok()?),
        StreamKind::Role => StreamRef::role(account, row.target_id.parse().ok()?),
        StreamKind::Team => StreamRef::team(account, row.target_id.parse().ok()?),
        StreamKind::Token => StreamRef::token(account, row.target_id.parse().ok()?),
    })
}

/// Get audit log entry.
pub(super) struct GetEntry;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl GetEntry {
    /// Get audit log entry
    ///
    /// With what it is about before and after, read from the log itself, and the difference.
    #[oai(
        path = "/auditlog/:id",
        method = "get",
        operation_id = "getAuditLogEntry"
    )]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        Path(id): Path<String>,
    ) -> Result<Json<AuditLogEntry>, ApiError> {
        let at = position(&id).ok_or_else(|| unknown(&id))?;
        node.wait_for_tables().await?;
        let account = caller.account();
        let row = node.tables.audit_entry(account, at).await;
        let row = row
            .map_err(ApiError::internal)?
            .filter(|row| entry_id(row) == id)
            .ok_or_else(|| unknown(&id))?;
        let (mut answer, removed) = caller.actor_now(node, |state, actor| {
            if is_visible(actor, caller.member_id(), &row) {
                Ok((entry(state, account, &row), removed_before(state, &row)))
            } else {
                Err(ApiError::forbidden(format!(
                    "not allowed: to view {}",
                    row.resource
                )))
            }
        })??;
        let stream = stream_of(&row, account)
            .ok_or_else(|| ApiError::internal("an entry about what has no id"))?;
        let stored = node.log.read_stream(&stream, Some(at)).await?;
        let (before, after) = versions(&stream, &stored, removed)?;
        if let (Some(before), Some(after)) = (&before, &after) {
            let delta = serde_json::to_value(json_patch::diff(before, after));
            answer.delta = Some(Any(delta.map_err(ApiError::internal)?));
        }
        answer.previous_version = before.map(Any);
        answer.current_version = after.map(Any);
        Ok(Json(answer))
    }
}
