//! Writes entries.

use keyledger_domain::event::{By, Metadata, TokenCreated};
use keyledger_domain::ids::{RoleId, StreamKind};
use keyledger_domain::scope::TokenKind;

use super::super::batch::Recorded;
use super::super::engine::{Connection, NewRow, Query, Text, both, each};
use super::super::error::TablesError;
use super::super::policies::json;
use super::super::write::inconsistent;
use super::actions;

/// Who did it, in its columns.
struct Actor {
    actor_kind: &'static str,
    actor_member_id: Option<String>,
    actor_token_id: Option<String>,
    request_id: String,
}

impl Actor {
    fn of(recorded: &Recorded) -> Result<Self, TablesError> {
        let metadata =
            Metadata::decode(&recorded.stored.metadata).map_err(|_| inconsistent(recorded))?;
        let (actor_kind, member, token) = match metadata.by {
            By::Operator => ("operator", None, None),
            By::Session(member) => ("session", Some(member), None),
            By::Token(token, member) => ("token", Some(member), Some(token)),
            By::Invitation(member) => ("invitation", Some(member), None),
        };
        Ok(Self {
            actor_kind,
            actor_member_id: member.map(|id| id.to_string()),
            actor_token_id: token.map(|id| id.to_string()),
            request_id: metadata.request_id,
        })
    }
}

/// Where name and resource are read from, once the event's own rows are written.
fn source(kind: StreamKind) -> Text {
    match kind {
        StreamKind::Account => both!("audit_account"),
        StreamKind::Member => both!("audit_member"),
        StreamKind::Role => both!("audit_role"),
        StreamKind::Team => both!("audit_team"),
        StreamKind::Token => both!("audit_token"),
    }
}

/// The entry of an event whose rows are written; those of new tokens come in runs.
pub(in super::super) async fn event(
    connection: &mut Connection<'_>,
    recorded: &Recorded,
) -> Result<(), TablesError> {
    let stored = &recorded.stored;
    let actor = Actor::of(recorded)?;
    let written = connection
        .execute(
            Query::new(source(stored.stream.kind))
                .bind(stored.stream.account.to_string())
                .bind(RoleId::from_bytes(stored.stream.id).to_string())
                .bind(stored.position.get())
                .bind(stored.recorded_at_ms)
                .bind(stored.stream.kind.name())
                .bind(recorded.event.type_name())
                .bind(json(&actions::of(&recorded.event))?)
                .bind(actor.actor_kind)
                .bind(actor.actor_member_id)
                .bind(actor.actor_token_id)
                .bind(actor.request_id)
                .bind(actions::comment(&recorded.event)),
        )
        .await?;
    if written == 1 {
        Ok(())
    } else {
        Err(inconsistent(recorded))
    }
}

/// The entry of a new token.
pub(in super::super) fn created_token(
    recorded: &Recorded,
    event: &TokenCreated,
) -> Result<NewRow, TablesError> {
    let stored = &recorded.stored;
    let actor = Actor::of(recorded)?;
    let name = match event.name.is_empty() {
        true => &event.ending,
        false => &event.name,
    };
    let resource = match event.kind {
        TokenKind::Personal => format!("member/{}:token/{}", event.member, event.id),
        TokenKind::Service => format!("service-token/{}", event.id),
    };
    Ok(NewRow::default()
        .with("position", stored.position.get())
        .with("account_id", stored.stream.account.to_string())
        .with("at_ms", stored.recorded_at_ms)
        .with("target_id", event.id.to_string())
        .with("name", name)
        .with("resource", resource)
        .with("actor_kind", actor.actor_kind)
        .with("actor_member_id", actor.actor_member_id)
        .with("actor_token_id", actor.actor_token_id)
        .with("request_id", actor.request_id))
}

/// Writes the entries of a run of new tokens.
pub(in super::super) async fn created_tokens(
    connection: &mut Connection<'_>,
    entries: &mut Vec<NewRow>,
) -> Result<(), TablesError> {
    let text = each!("audit_created_tokens");
    connection.insert(text, entries).await
}

#[cfg(test)]
mod tests {
    use keyledger_domain::event::Event;

    use crate::tables::engine::each;

    #[test]
    fn a_run_has_the_name_and_the_actions_of_its_event() {
        // The statement of a run has them as constants.
        let text = each!("audit_created_tokens");
        for sql in [text.sqlite, text.postgres] {
            assert!(sql.contains("'token.created'"));
            assert!(sql.contains("'[\"createAccessToken\"]'"));
        }
        let kinds = Event::READABLE;
        assert!(kinds.iter().any(|(name, _)| *name == "token.created"));
    }
}
