//! A log as JSON Lines: a header, then an event a line. `docs/log-format.md` is its description.
//!
//! A line is read strictly: written again, it must be the same bytes. So there is one text for each log, and a
//! change that means nothing is a change all the same.

mod readable;
mod verifier;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyledger_domain::ids::{AccountId, EventId, StreamKind, StreamRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checkpoint::{hex, unhex};
use crate::merkle::Hash;
use crate::model::{Position, StoredEvent};

pub use readable::readable;
pub use verifier::{BadRecord, ExportedLog, Verifier};

/// The name of the format.
pub const FORMAT: &str = "keyledger-log/1";
/// The longest line, in bytes: the largest event, its bytes and what they say.
pub const LINE_BYTES_MAX: usize = 16 << 20;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// Which log, as in its checkpoints.
    pub origin: String,
    /// How many events follow.
    pub events: u64,
    /// The hash of the last one, in hex.
    pub chain: String,
}

/// A line of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    position: i64,
    id: String,
    account: String,
    kind: String,
    stream: String,
    version: i64,
    #[serde(rename = "type")]
    event_type: String,
    schema: u16,
    time: i64,
    payload: String,
    metadata: String,
    hash: String,
    /// What the payload says, for people; it is computed from the payload, and checked against it.
    event: Value,
}

fn text<T: Serialize>(value: &T) -> String {
    // Of numbers and texts alone: it cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// The header's line, without its end.
#[must_use]
pub fn header_line(origin: &str, events: u64, chain: &Hash) -> String {
    text(&Header {
        format: FORMAT.to_owned(),
        origin: origin.to_owned(),
        events,
        chain: hex(chain),
    })
}

/// An event's line, without its end.
#[must_use]
pub fn event_line(event: &StoredEvent) -> String {
    text(&Record {
        position: event.position.get(),
        id: hex(event.id.as_bytes()),
        account: hex(event.stream.account.as_bytes()),
        kind: event.stream.kind.name().to_owned(),
        stream: hex(&event.stream.id),
        version: event.version,
        event_type: event.event_type.clone(),
        schema: event.schema_version,
        time: event.recorded_at_ms,
        payload: STANDARD.encode(&event.payload),
        metadata: STANDARD.encode(&event.metadata),
        hash: hex(&event.hash),
        event: readable(&event.payload),
    })
}

/// Reads the header's line.
///
/// # Errors
/// What is wrong with it.
pub fn read_header(line: &str) -> Result<Header, String> {
    let header: Header = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if header.format != FORMAT {
        return Err(format!("the format is {:?}, not {FORMAT:?}", header.format));
    }
    if text(&header) != line {
        return Err("it is not written as the format says".to_owned());
    }
    Ok(header)
}

/// Reads an event's line.
///
/// # Errors
/// What is wrong with it.
pub fn read_event(line: &str) -> Result<StoredEvent, String> {
    let record: Record = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if text(&record) != line {
        return Err("it is not written as the format says".to_owned());
    }
    let bytes = |name: &str, text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|_| format!("{name}: is no base64"))
    };
    let not_hex = |name: &str| format!("{name}: is no hex of its length");
    let kinds = (1..=i64::from(u16::MAX)).map_while(StreamKind::from_number);
    let kind = kinds.into_iter().find(|kind| kind.name() == record.kind);
    let account = unhex(&record.account).ok_or_else(|| not_hex("account"))?;
    let event = StoredEvent {
        position: Position::new(record.position),
        id: EventId::from_bytes(unhex(&record.id).ok_or_else(|| not_hex("id"))?),
        stream: StreamRef {
            account: AccountId::from_bytes(account),
            kind: kind.ok_or("kind: is none")?,
            id: unhex(&record.stream).ok_or_else(|| not_hex("stream"))?,
        },
        version: record.version,
        event_type: record.event_type,
        schema_version: record.schema,
        recorded_at_ms: record.time,
        payload: bytes("payload", &record.payload)?,
        metadata: bytes("metadata", &record.metadata)?,
        hash: unhex(&record.hash).ok_or_else(|| not_hex("hash"))?,
        opened: None,
    };
    if readable(&event.payload) != record.event {
        return Err("event: is not what the payload says".to_owned());
    }
    Ok(event)
}
