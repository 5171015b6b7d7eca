//! Events on their way from a server to what follows it: as they are stored, sealed, with their hashes.
//!
//! A page begins with [`MAGIC`], then comes one MessagePack array of events. Whoever reads it checks the chain.

use keyledger_domain::ids::{AccountId, EventId, StreamKind, StreamRef};
use serde::{Deserialize, Serialize};

use crate::model::{Position, StoredEvent};

/// What every page begins with; the last byte is the version.
pub const MAGIC: &[u8; 4] = b"KLF\x01";

/// Why a page cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It is no page, or one of another version.
    #[error("it does not begin as a page of events of this version does")]
    Magic,
    /// What follows is no list of events.
    #[error("it is no list of events: {0}")]
    Decode(#[from] rmp_serde::decode::Error),
    /// It cannot be written.
    #[error("it cannot be encoded: {0}")]
    Encode(#[from] rmp_serde::encode::Error),
    /// An event has a kind of stream that this version does not know.
    #[error("position {position}: {kind} is no kind of stream")]
    Kind {
        /// The event's position.
        position: i64,
        /// What was found.
        kind: u8,
    },
}

/// An event as an array of its parts.
#[derive(Debug, Serialize, Deserialize)]
struct WireEvent<'a> {
    position: i64,
    #[serde(with = "serde_bytes")]
    id: [u8; 16],
    #[serde(with = "serde_bytes")]
    account: [u8; 12],
    kind: u8,
    #[serde(with = "serde_bytes")]
    stream: [u8; 12],
    version: i64,
    event_type: &'a str,
    schema_version: u16,
    recorded_at_ms: i64,
    #[serde(with = "serde_bytes", borrow)]
    payload: &'a [u8],
    #[serde(with = "serde_bytes", borrow)]
    metadata: &'a [u8],
    #[serde(with = "serde_bytes")]
    hash: [u8; 32],
}

/// Writes a page. What was opened of sealed events is left out.
///
/// # Errors
/// When it cannot be encoded.
pub fn encode(events: &[StoredEvent]) -> Result<Vec<u8>, WireError> {
    let mut out = MAGIC.to_vec();
    let list: Vec<WireEvent<'_>> = events
        .iter()
        .map(|event| WireEvent {
            position: event.position.get(),
            id: *event.id.as_bytes(),
            account: *event.stream.account.as_bytes(),
            kind: event.stream.kind as u8,
            stream: event.stream.id,
            version: event.version,
            event_type: &event.event_type,
            schema_version: event.schema_version,
            recorded_at_ms: event.recorded_at_ms,
            payload: &event.payload,
            metadata: &event.metadata,
            hash: event.hash,
        })
        .collect();
    rmp_serde::encode::write(&mut out, &list)?;
    Ok(out)
}

/// Reads a page.
///
/// # Errors
/// When it is none.
pub fn decode(page: &[u8]) -> Result<Vec<StoredEvent>, WireError> {
    let list = page.strip_prefix(MAGIC).ok_or(WireError::Magic)?;
    let list: Vec<WireEvent<'_>> = rmp_serde::from_slice(list)?;
    list.into_iter()
        .map(|event| {
            let kind = StreamKind::from_number(i64::from(event.kind));
            let kind = kind.ok_or(WireError::Kind {
                position: event.position,
                kind: event.kind,
            })?;
            Ok(StoredEvent {
                position: Position::new(event.position),
                id: EventId::from_bytes(event.id),
                stream: StreamRef {
                    account: AccountId::from_bytes(event.account),
                    kind,
                    id: event.stream,
                },
                version: event.version,
                event_type: event.event_type.to_owned(),
                schema_version: event.schema_version,
                recorded_at_ms: event.recorded_at_ms,
                payload: event.payload.to_vec(),
                metadata: event.metadata.to_vec(),
                hash: event.hash,
                opened: None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: i64) -> StoredEvent {
        let account = AccountId::from_bytes([7; 12]);
        StoredEvent {
            position: Position::new(number),
            id: EventId::from_bytes([1; 16]),
            stream: StreamRef {
                account,
                kind: StreamKind::Token,
                id: [9; 12],
            },
            version: number,
            event_type: "token.created".to_owned(),
            schema_version: 2,
            recorded_at_ms: 1_795_000_000_000,
            payload: vec![0, 1, 255],
            metadata: Vec::new(),
            hash: [3; 32],
            opened: None,
        }
    }

    #[test]
    fn a_page_reads_back_the_same_without_what_was_opened() {
        let events = vec![event(1), event(2)];
        let mut opened = events.clone();
        opened[1].opened = Some(vec![42]);
        assert_eq!(decode(&encode(&opened).unwrap()).unwrap(), events);
        assert_eq!(decode(&encode(&[]).unwrap()).unwrap(), []);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let page = encode(&[event(1)]).unwrap();
        for wrong in [&page[1..], &page[..page.len() - 1], b"KLF\x02\x90", b""] {
            assert!(decode(wrong).is_err());
        }
        let mut kind = event(1);
        kind.stream.kind = StreamKind::Team;
        let mut page = encode(&[kind]).unwrap();
        let place = page
            .iter()
            .rposition(|byte| *byte == StreamKind::Team as u8);
        page[place.unwrap()] = 99;
        assert!(decode(&page).is_err());
    }
}
