//! Events of the log, as whoever follows it gets them.

use keyledger_domain::event::{By, Metadata};
use keyledger_domain::ids::RoleId;
use keyledger_eventstore::StoredEvent;
use keyledger_eventstore::export::readable;
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde_json::Value;

use super::link::Links;
use crate::error::ApiError;

/// Fields of events that nobody gets: what secrets and passwords are compared with.
const KEPT_BACK: [&str; 3] = ["digest", "password_hash", "sealed"];

/// By what right something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum ActorKind {
    /// The operator of the server.
    Operator,
    /// A member who is signed in.
    Session,
    /// A token.
    Token,
    /// An invited member, by the link of the invitation.
    Invitation,
}

/// An event of the log.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct LogEvent {
    /// The place in the log, from 1 without a gap over all accounts; the cursor of whoever follows.
    #[oai(validator(minimum(value = "1")))]
    pub position: i64,
    /// When it was recorded, Unix milliseconds.
    pub time: i64,
    /// The stable name, such as `token.created`.
    #[oai(rename = "type")]
    pub event_type: String,
    /// The version of the layout of `data`.
    #[oai(validator(minimum(value = "1")))]
    pub schema: i64,
    /// What it is about: `account`, `member`, `role`, `team` or `token`.
    pub kind: String,
    /// The id of that account, member, role, team or token.
    pub resource_id: String,
    /// The number among the events of the same resource, from 1 without a gap.
    #[oai(validator(minimum(value = "1")))]
    pub version: i64,
    /// By what right it was done.
    pub actor: ActorKind,
    /// The member who did it, or who made the token that did; absent for the operator.
    pub member_id: Option<String>,
    /// The token that did it.
    pub token_id: Option<String>,
    /// The request, as its `X-Request-Id` said.
    pub request_id: String,
    /// The hash of the chain with this event, in hex: as in exports and proofs.
    pub hash: String,
    /// What happened, as the log holds it; ids in hex. Digests of secrets and hashes of passwords are left out.
    pub data: Any<Value>,
}

/// Events after a position.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct LogEvents {
    /// Where this and the events after it are.
    #[oai(rename = "_links")]
    pub links: Links,
    /// The events of the account, in the order of the log.
    pub items: Vec<LogEvent>,
    /// Up to where the log was looked at: ask again with it as `after`. It goes on when other accounts' events do.
    #[oai(validator(minimum(value = "0")))]
    pub position: i64,
}

impl LogEvent {
    /// An event for whoever may see it.
    ///
    /// # Errors
    /// When its metadata cannot be read.
    pub fn of(stored: &StoredEvent) -> Result<Self, ApiError> {
        let metadata = Metadata::decode(&stored.metadata)
            .map_err(|error| ApiError::internal(format!("at {}: {error}", stored.position)))?;
        let (actor, member, token) = match metadata.by {
            By::Operator => (ActorKind::Operator, None, None),
            By::Session(member) => (ActorKind::Session, Some(member), None),
            By::Token(token, member) => (ActorKind::Token, Some(member), Some(token)),
            By::Invitation(member) => (ActorKind::Invitation, Some(member), None),
        };
        Ok(Self {
            position: stored.position.get(),
            time: stored.recorded_at_ms,
            event_type: stored.event_type.clone(),
            schema: i64::from(stored.schema_version),
            kind: stored.stream.kind.name().to_owned(),
            resource_id: RoleId::from_bytes(stored.stream.id).to_string(),
            version: stored.version,
            actor,
            member_id: member.map(|id| id.to_string()),
            token_id: token.map(|id| id.to_string()),
            request_id: metadata.request_id,
            hash: keyledger_eventstore::checkpoint::hex(&stored.hash),
            data: Any(without_digests(readable(stored.content()))),
        })
    }
}

fn without_digests(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| !KEPT_BACK.contains(&name.as_str()))
            .map(|(name, value)| (name, without_digests(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_digests).collect(),
        other => other,
    }
}
