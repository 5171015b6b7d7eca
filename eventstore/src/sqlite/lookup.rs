//! Loads what a batch needs to know, in one statement.

use std::collections::HashMap;
use std::fmt::{self, Write};

use keyledger_domain::ids::{AccountId, EventId, write_hex};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::fault;
use super::row::{self, Cells};
use crate::error::LogError;
use crate::model::{Head, Receipt};
use crate::plan::{Known, Placed, Wanted};

/// Bytes shown as hex, without a string for each.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.0, f)
    }
}

/// A JSON array of strings that need no escaping.
fn list<T: fmt::Display>(items: impl Iterator<Item = T>) -> String {
    let mut json = String::from("[");
    for (index, item) in items.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(json, "{comma}\"{item}\"");
    }
    json.push(']');
    json
}

/// Runs `lookup.sql`. The caller holds the write lock, so what is read stays true until it commits.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    wanted: &Wanted<'_>,
) -> Result<Known, LogError> {
    let streams = wanted.streams.iter().map(|s| {
        // INVARIANT: `lookup.sql` cuts this text at fixed places.
        format!("{}{:02}{}", s.account, s.kind.number(), Hex(&s.id))
    });
    let receipts = wanted
        .receipts
        .iter()
        .map(|(account, key)| format!("{account}{}", Hex(key.as_bytes())));
    let rows = sqlx::query(include_str!("sql/lookup.sql"))
        .bind(list(streams))
        .bind(list(wanted.claims.iter().map(|key| Hex(key))))
        .bind(list(receipts))
        .bind(list(wanted.events.iter()))
        .fetch_all(connection)
        .await
        .map_err(fault::of)?;
    let mut found = Found::default();
    for row in &rows {
        found.add(row)?;
    }
    found.known()
}

#[derive(Default)]
struct Found {
    head: Option<Head>,
    streams: HashMap<keyledger_domain::ids::StreamRef, i64>,
    claims: HashMap<[u8; 32], keyledger_domain::ids::StreamRef>,
    receipts: HashMap<(AccountId, String), Receipt>,
    events: HashMap<EventId, Placed>,
}

impl Found {
    /// Sorts a row by its first column, as `lookup.sql` numbers them.
    fn add(&mut self, row: &SqliteRow) -> Result<(), LogError> {
        let cells = Cells::new(row);
        match cells.number(0, "lookup.what")? {
            0 => {
                self.head = Some(Head {
                    position: cells.position(1, "log_head.position")?,
                    hash: cells.bytes(4, "log_head.hash")?,
                    recorded_at_ms: cells.number(3, "log_head.recorded_at_ms")?,
                });
            }
            1 => {
                let stream = cells.stream(5, row::IN_STREAM)?;
                let version = cells.number(1, "stream.version")?;
                self.streams.insert(stream, version);
            }
            2 => {
                let key = cells.bytes(4, "claim.claim_key")?;
                self.claims.insert(key, cells.stream(5, row::IN_CLAIM)?);
            }
            3 => {
                let account = cells.bytes(5, "command_receipt.account_id")?;
                let key = cells.text(8, "command_receipt.idempotency_key")?;
                let receipt = Receipt {
                    fingerprint: cells.bytes(4, "command_receipt.fingerprint")?,
                    first_position: cells.position(1, "command_receipt.first_position")?,
                    last_position: cells.position(2, "command_receipt.last_position")?,
                    recorded_at_ms: cells.number(3, "command_receipt.recorded_at_ms")?,
                };
                let name = (AccountId::from_bytes(account), key.to_owned());
                self.receipts.insert(name, receipt);
            }
            _ => {
                let id = EventId::from_bytes(cells.bytes(4, "event.event_id")?);
                let placed = Placed {
                    position: cells.position(1, "event.position")?,
                    recorded_at_ms: cells.number(3, "event.recorded_at_ms")?,
                    stream: cells.stream(5, row::IN_EVENT)?,
                };
                self.events.insert(id, placed);
            }
        }
        Ok(())
    }

    fn known(self) -> Result<Known, LogError> {
        Ok(Known {
            head: self.head.ok_or_else(row::no_head)?,
            streams: self.streams,
            claims: self.claims,
            receipts: self.receipts,
            events: self.events,
        })
    }
}
