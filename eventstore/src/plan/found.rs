//! What PostgreSQL's `lookup.sql` found, sorted: one statement, where each would be a message.

use std::collections::HashMap;

use keyledger_domain::ids::{AccountId, EventId, StreamRef};

use super::{Known, Placed};
use crate::error::LogError;
use crate::model::{Head, Receipt};
use crate::row::{self, Cells, StoreRow};

#[derive(Default)]
struct Found {
    head: Option<Head>,
    streams: HashMap<StreamRef, i64>,
    claims: HashMap<[u8; 32], StreamRef>,
    receipts: HashMap<(AccountId, String), Receipt>,
    events: HashMap<EventId, Placed>,
}

impl Found {
    /// Sorts a row by its first column, as `lookup.sql` numbers them.
    fn add(&mut self, row: &impl StoreRow) -> Result<(), LogError> {
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
}

impl Known {
    /// Sorts the rows of `lookup.sql`.
    pub(crate) fn of(rows: &[impl StoreRow]) -> Result<Self, LogError> {
        let mut found = Found::default();
        for row in rows {
            found.add(row)?;
        }
        Ok(Self {
            head: found.head.ok_or_else(row::no_head)?,
            streams: found.streams,
            claims: found.claims,
            receipts: found.receipts,
            events: found.events,
        })
    }
}
