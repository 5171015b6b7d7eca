//! From stored bytes to events, for both projections.

use keyledger_domain::event::{self, CodecError, Event};
use keyledger_eventstore::StoredEvent;

use crate::live::ApplyError;

/// Decodes an event and checks that it stands in the stream that it is about.
pub(crate) fn decode(stored: &StoredEvent) -> Result<Event, ApplyError> {
    let position = stored.position;
    // What was sealed is what it was before, if whoever read it has the key.
    let (version, payload) = match &stored.opened {
        Some(opened) => (1, opened),
        None => (stored.schema_version, &stored.payload),
    };
    let event =
        event::decode(&stored.event_type, version, payload).map_err(|source| match source {
            CodecError::Unknown {
                event_type,
                version,
            } => ApplyError::UnknownEvent {
                position,
                event_type,
                version,
            },
            source => ApplyError::Malformed { position, source },
        })?;
    let account = stored.stream.account;
    let about_itself = match &event {
        Event::AccountCreated(created) => created.id == account,
        _ => true,
    };
    if event.stream(account) != stored.stream || !about_itself {
        return Err(ApplyError::WrongStream { position });
    }
    Ok(event)
}
