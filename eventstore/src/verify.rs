//! The audit of a whole log: names the first record that cannot be right.
//!
//! It works on a log that is being written: it checks up to the head that it found, and allows
//! the streams the events that came since.

use std::collections::HashMap;

use keyledger_domain::ids::StreamRef;

use crate::chain::ChainCheck;
use crate::error::LogError;
use crate::log::EventLog;
use crate::model::{Head, Position, StoredEvent};

/// Events read at a time.
const PAGE_EVENTS: u32 = 5_000;

/// What was found to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many events there are.
    pub events: i64,
    /// How many streams they are in.
    pub streams: usize,
    /// The last event checked.
    pub position: Position,
    /// Its hash, to be compared with one kept elsewhere.
    pub hash: [u8; 32],
    /// When it was recorded, milliseconds since 1970 UTC.
    pub recorded_at_ms: i64,
}

/// Why a log was not found right.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The first bad record.
    #[error("position {position}: {reason}")]
    Broken {
        /// The first event that is missing or wrong; of a wrong stream row, its last event.
        position: Position,
        /// What is wrong with it.
        reason: String,
    },
    /// The log could not be read.
    #[error(transparent)]
    Log(LogError),
}

impl From<LogError> for VerifyError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Corrupt {
                position,
                place,
                reason,
            } => Self::Broken {
                position,
                reason: format!("{place}: {reason}"),
            },
            other => Self::Log(other),
        }
    }
}

/// Checks dense positions, the hash chain, dense versions in each stream, times that never go
/// back, and that the head and the streams' rows agree with the events.
///
/// It holds about 100 bytes a stream. Claims and receipts are not in the chain and not checked.
///
/// # Errors
///
/// [`VerifyError::Broken`] with the first bad record, [`VerifyError::Log`] when the log cannot be
/// read.
pub async fn verify(log: &dyn EventLog) -> Result<Verified, VerifyError> {
    let head = log.head().await?;
    let mut walk = Walk::default();
    walk.up_to(log, head.position).await?;
    walk.matches(&head)?;
    nothing_beyond(log, &head).await?;
    let verified = Verified {
        events: head.position.get(),
        streams: walk.streams.len(),
        position: walk.chain.position,
        hash: walk.chain.hash,
        recorded_at_ms: walk.recorded_at_ms,
    };
    walk.streams_match(log).await?;
    Ok(verified)
}

fn broken(position: Position, reason: impl Into<String>) -> VerifyError {
    VerifyError::Broken {
        position,
        reason: reason.into(),
    }
}

/// An event after the head is wrong unless the head has moved on as well.
async fn nothing_beyond(log: &dyn EventLog, head: &Head) -> Result<(), VerifyError> {
    let beyond = log.read(head.position, 1).await?;
    // In this order: a writer moves both at once, so an event that is seen has its head.
    let now = log.head().await?;
    match beyond.first() {
        Some(event) if now.position < event.position => {
            Err(broken(event.position, "an event after the head"))
        }
        _ => Ok(()),
    }
}

/// A stream as its events say.
#[derive(Debug, Clone, Copy)]
struct Seen {
    version: i64,
    last: Position,
}

/// A reading of the log from its beginning.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) chain: ChainCheck,
    pub(crate) recorded_at_ms: i64,
    streams: HashMap<StreamRef, Seen>,
}

impl Walk {
    /// Reads and checks as far as `last`, or as far as there are events.
    async fn up_to(&mut self, log: &dyn EventLog, last: Position) -> Result<(), VerifyError> {
        while self.chain.position < last {
            let after = self.chain.position;
            let page = match log.read(after, PAGE_EVENTS).await {
                Ok(page) => page,
                Err(LogError::Corrupt {
                    position,
                    place,
                    reason,
                }) => {
                    self.before_corrupt(log, position).await?;
                    return Err(broken(position, format!("{place}: {reason}")));
                }
                Err(error) => return Err(error.into()),
            };
            if page.is_empty() {
                return Ok(());
            }
            self.events(page, last)?;
        }
        Ok(())
    }

    /// Checks what a row that cannot be read hides: those before it may be bad as well.
    async fn before_corrupt(
        &mut self,
        log: &dyn EventLog,
        position: Position,
    ) -> Result<(), VerifyError> {
        let first = self.chain.position.next();
        if position <= first {
            return Ok(());
        }
        let page_end = self.chain.position.get() + i64::from(PAGE_EVENTS);
        let before = Position::new(page_end.min(position.get() - 1));
        let page = log.read_range(first, before).await?;
        self.events(page, before)?;
        if self.chain.position.next() != position {
            return Err(broken(self.chain.position.next(), "missing"));
        }
        Ok(())
    }

    fn events(&mut self, page: Vec<StoredEvent>, last: Position) -> Result<(), VerifyError> {
        for event in page {
            if event.position > last && self.chain.position >= last {
                break;
            }
            self.event(&event)?;
        }
        Ok(())
    }

    /// Checks that an event comes next.
    pub(crate) fn event(&mut self, event: &StoredEvent) -> Result<(), VerifyError> {
        self.chain.check(event)?;
        if event.recorded_at_ms < self.recorded_at_ms {
            return Err(broken(event.position, "recorded before its predecessor"));
        }
        self.recorded_at_ms = event.recorded_at_ms;
        let seen = self.streams.entry(event.stream).or_insert(Seen {
            version: 0,
            last: Position::ZERO,
        });
        seen.version += 1;
        seen.last = event.position;
        if event.version != seen.version {
            return Err(broken(
                event.position,
                format!("version {} follows {}", event.version, seen.version - 1),
            ));
        }
        Ok(())
    }

    fn matches(&self, head: &Head) -> Result<(), VerifyError> {
        if self.chain.position < head.position {
            return Err(broken(
                self.chain.position.next(),
                format!("missing: the head is at {}", head.position),
            ));
        }
        if self.chain.hash != head.hash {
            return Err(broken(head.position, "the head has another hash"));
        }
        if self.recorded_at_ms != head.recorded_at_ms {
            return Err(broken(head.position, "the head has another time"));
        }
        Ok(())
    }

    /// Compares every stream's row with its events.
    async fn streams_match(mut self, log: &dyn EventLog) -> Result<(), VerifyError> {
        let mut later: Vec<(StreamRef, Option<Seen>, i64)> = Vec::new();
        let mut unmet = self.streams.clone();
        let mut after: Option<StreamRef> = None;
        loop {
            let page = log.stream_heads(after.as_ref(), PAGE_EVENTS).await?;
            let Some((end, _)) = page.last() else { break };
            after = Some(*end);
            for (stream, version) in page {
                let seen = unmet.remove(&stream);
                if seen.map(|s| s.version) != Some(version) {
                    later.push((stream, seen, version));
                }
            }
        }
        if let Some(seen) = unmet.values().min_by_key(|seen| seen.last) {
            return Err(broken(seen.last, "its stream has no row"));
        }
        if later.is_empty() {
            return Ok(());
        }
        // The rows were read after the events: those that differ may have moved on meanwhile.
        let head = log.head().await?;
        self.up_to(log, head.position).await?;
        later.sort_by_key(|(_, seen, _)| seen.map(|s| s.last));
        for (stream, before, version) in later {
            let least = before.map_or(1, |s| s.version);
            let most = self.streams.get(&stream).map_or(0, |s| s.version);
            if version < least || version > most {
                let position = before.map_or(Position::ZERO, |s| s.last);
                let reason = format!("its stream's row says version {version}");
                return Err(broken(position, reason));
            }
        }
        Ok(())
    }
}
