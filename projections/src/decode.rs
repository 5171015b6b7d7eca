//! From stored bytes to events, for both projections.

use keyledger_domain::event::{self, CodecError, Event, personal};
use keyledger_eventstore::StoredEvent;

use crate::live::ApplyError;

/// Decodes what an event says, as whoever read it could read it: an opened one is what it was before it was sealed.
///
/// # Errors
/// When it is unknown or malformed.
pub fn decode_content(stored: &StoredEvent) -> Result<Event, CodecError> {
    let version = match stored.opened {
        Some(_) => personal::PLAIN,
        None => stored.schema_version,
    };
    event::decode(&stored.event_type, version, stored.content())
}

/// Decodes an event and checks that it stands in the stream that it is about.
pub(crate) fn decode(stored: &StoredEvent) -> Result<Event, ApplyError> {
    let position = stored.position;
    let event = decode_content(stored).map_err(|source| match source {
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
