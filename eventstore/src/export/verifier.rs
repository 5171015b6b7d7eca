//! Verifies an exported log line by line, with nothing but the lines, a public key and checkpoints.

use std::collections::BTreeMap;

use super::{Header, read_event, read_header};
use crate::checkpoint::{Checkpoint, hex, origin};
use crate::error::LogError;
use crate::merkle::Tree;
use crate::model::StoredEvent;
use crate::verify::{VerifyError, Walk};

/// A log that is not what it was, or no log: the first bad record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRecord {
    /// The header.
    #[error("the header: {0}")]
    Header(String),
    /// A record.
    #[error("position {position}: {reason}")]
    Record {
        /// Its position, or where it is missing.
        position: u64,
        /// What is wrong.
        reason: String,
    },
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedLog {
    /// Which log.
    pub origin: String,
    /// How many events.
    pub events: u64,
    /// The last event's hash.
    pub hash: [u8; 32],
    /// The root of the tree over the events.
    pub root: [u8; 32],
    /// How far the latest checkpoint vouches for it; 0 without one.
    pub vouched: u64,
}

/// A verification on its way.
#[derive(Debug, Default)]
pub struct Verifier {
    header: Option<Header>,
    walk: Walk,
    tree: Tree,
    origin: Option<String>,
    /// By their size.
    checkpoints: BTreeMap<u64, Checkpoint>,
    vouched: u64,
}

fn bad(position: u64, reason: impl Into<String>) -> BadRecord {
    BadRecord::Record {
        position,
        reason: reason.into(),
    }
}

fn wrong_count(header: &Header, found: &str) -> BadRecord {
    BadRecord::Header(format!(
        "says {} events, but there are {found}",
        header.events
    ))
}

impl Verifier {
    /// A verification against checkpoints, whose signatures were verified already.
    #[must_use]
    pub fn new(checkpoints: Vec<Checkpoint>) -> Self {
        let by_size = checkpoints.into_iter().map(|one| (one.size, one));
        Self {
            checkpoints: by_size.collect(),
            ..Self::default()
        }
    }

    fn next_position(&self) -> u64 {
        self.tree.len() as u64 + 1
    }

    /// Takes the next line, without its end; the event, unless it is the header.
    ///
    /// # Errors
    /// The first bad record.
    pub fn line(&mut self, line: &str) -> Result<Option<StoredEvent>, BadRecord> {
        let Some(header) = &self.header else {
            self.header = Some(read_header(line).map_err(BadRecord::Header)?);
            return Ok(None);
        };
        let position = self.next_position();
        if position > header.events {
            // Two witnesses stand against a count that was changed: the records, which are chained, and the
            // header's own last hash.
            if header.chain != hex(&self.walk.chain.hash) {
                return Err(wrong_count(header, "more than that"));
            }
            let reason = format!("inserted: the header says {} events", header.events);
            return Err(bad(position, reason));
        }
        let event = read_event(line).map_err(|reason| bad(position, reason))?;
        self.walk.event(&event).map_err(|error| match error {
            VerifyError::Broken { position, reason } => bad(place(position.get()), reason),
            VerifyError::Log(LogError::Corrupt {
                position, reason, ..
            }) => bad(place(position.get()), reason),
            VerifyError::Log(other) => bad(position, other.to_string()),
        })?;
        if position == 1 {
            let origin = origin(&event.hash);
            if header.origin != origin {
                let reason = format!("the origin is {:?}, not {origin:?}", header.origin);
                return Err(BadRecord::Header(reason));
            }
            self.origin = Some(origin);
        }
        self.tree.push(&event.hash);
        self.vouch(position, &event)?;
        Ok(Some(event))
    }

    /// Compares with the checkpoint of this size, if there is one.
    fn vouch(&mut self, size: u64, event: &StoredEvent) -> Result<(), BadRecord> {
        let Some(checkpoint) = self.checkpoints.get(&size) else {
            return Ok(());
        };
        let first = self.vouched + 1;
        if Some(&checkpoint.origin) != self.origin.as_ref() {
            let reason = format!("the checkpoint at {size} is of {}", checkpoint.origin);
            return Err(bad(1, reason));
        }
        if checkpoint.root != self.tree.root() || checkpoint.chain != event.hash {
            let reason = format!(
                "this record or one up to {size} is not what was signed: all of them were hashed anew"
            );
            return Err(bad(first, reason));
        }
        self.vouched = size;
        Ok(())
    }

    /// Ends at the end of the lines.
    ///
    /// # Errors
    /// The first record that is missing.
    pub fn finish(self) -> Result<ExportedLog, BadRecord> {
        let next = self.next_position();
        let header = self
            .header
            .ok_or_else(|| BadRecord::Header("is missing".to_owned()))?;
        if let Some(size) = self.checkpoints.keys().rev().find(|size| **size >= next) {
            let reason = format!("missing: a checkpoint says {size} events");
            return Err(bad(next, reason));
        }
        if header.events >= next {
            if header.chain == hex(&self.walk.chain.hash) {
                return Err(wrong_count(
                    &header,
                    "fewer, and its last hash is the last one's",
                ));
            }
            let reason = format!("missing: the header says {} events", header.events);
            return Err(bad(next, reason));
        }
        if header.chain != hex(&self.walk.chain.hash) {
            return Err(BadRecord::Header("the last hash is another".to_owned()));
        }
        Ok(ExportedLog {
            origin: header.origin,
            events: self.tree.len() as u64,
            hash: self.walk.chain.hash,
            root: self.tree.root(),
            vouched: self.vouched,
        })
    }
}

fn place(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}
