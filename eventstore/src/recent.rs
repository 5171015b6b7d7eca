//! The events that were appended last, so that followers in the same process need not read them back.
//!
//! Followers check their chain as they check what they read. What the store made of them is read, and checked, at the next
//! start, and by whoever verifies the log.

use std::collections::VecDeque;

use parking_lot::Mutex;

use crate::limits::READ_EVENTS_MAX;
use crate::model::{Position, StoredEvent};

/// The most events that are kept.
const EVENTS_MAX: usize = 4_096;
/// The most bytes of their payloads and metadata.
const BYTES_MAX: usize = 4 << 20;

/// Some events, one after the other without a gap.
#[derive(Debug, Default)]
pub struct Recent(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    events: VecDeque<StoredEvent>,
    bytes: usize,
}

fn bytes_of(event: &StoredEvent) -> usize {
    event.payload.len() + event.metadata.len()
}

impl Recent {
    /// Keeps events that were committed. Where they do not follow on what is kept, others have written in between,
    /// and only what is new is kept.
    pub fn add(&self, events: impl IntoIterator<Item = StoredEvent>) {
        let mut inner = self.0.lock();
        for event in events {
            let last = inner.events.back();
            if last.is_some_and(|last| last.position.next() != event.position) {
                *inner = Inner::default();
            }
            inner.bytes += bytes_of(&event);
            inner.events.push_back(event);
            while (inner.events.len() > EVENTS_MAX || inner.bytes > BYTES_MAX)
                && let Some(oldest) = inner.events.pop_front()
            {
                inner.bytes -= bytes_of(&oldest);
            }
        }
    }

    /// The events that follow on a position, at most `limit` and at most [`READ_EVENTS_MAX`]; none if the one that follows is not
    /// here.
    #[must_use]
    pub fn after(&self, after: Position, limit: u32) -> Vec<StoredEvent> {
        let inner = self.0.lock();
        let begin = inner.events.front().map(|first| first.position.get());
        let skipped = begin.and_then(|begin| usize::try_from(after.next().get() - begin).ok());
        let Some(skipped) = skipped else {
            return Vec::new();
        };
        let most = limit.min(READ_EVENTS_MAX) as usize;
        let events = inner.events.iter().skip(skipped);
        events.take(most).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use keyledger_domain::ids::{AccountId, EventId, StreamRef, TokenId};

    use super::*;

    fn event(position: i64, bytes: usize) -> StoredEvent {
        StoredEvent {
            position: Position::new(position),
            id: EventId::v7(position, [0; 10]),
            stream: StreamRef::token(AccountId::from_bytes([1; 12]), TokenId::from_bytes([2; 12])),
            version: position,
            event_type: "token.updated".to_owned(),
            schema_version: 1,
            recorded_at_ms: 1,
            payload: vec![7; bytes],
            metadata: Vec::new(),
            hash: [0; 32],
            opened: None,
        }
    }

    fn after(recent: &Recent, position: i64, limit: u32) -> Vec<i64> {
        let events = recent.after(Position::new(position), limit);
        events.iter().map(|event| event.position.get()).collect()
    }

    #[test]
    fn what_follows_is_found_and_nothing_else() {
        let recent = Recent::default();
        assert!(after(&recent, 0, 9).is_empty());
        recent.add((5..=8).map(|position| event(position, 1)));
        assert_eq!(after(&recent, 4, 9), [5, 6, 7, 8]);
        assert_eq!(after(&recent, 6, 1), [7]);
        // What came before is not here, and what comes next is not known.
        for position in [0, 3, 8, 9, i64::MAX] {
            assert!(after(&recent, position, 9).is_empty(), "{position}");
        }
        assert!(after(&recent, 4, 0).is_empty());
    }

    #[test]
    fn a_gap_ends_what_was_before_it() {
        let recent = Recent::default();
        recent.add([event(5, 1), event(6, 1)]);
        recent.add([event(8, 1), event(9, 1)]);
        assert!(after(&recent, 4, 9).is_empty());
        assert!(after(&recent, 6, 9).is_empty());
        assert_eq!(after(&recent, 7, 9), [8, 9]);
    }

    #[test]
    fn it_keeps_to_its_limits() {
        let recent = Recent::default();
        let most = i64::try_from(EVENTS_MAX).unwrap();
        recent.add((1..=most + 10).map(|position| event(position, 1)));
        assert!(after(&recent, 9, 1).is_empty());
        assert_eq!(after(&recent, 10, 1), [11]);
        recent.add([event(most + 11, BYTES_MAX - 1)]);
        assert_eq!(after(&recent, most + 9, 9), [most + 10, most + 11]);
        recent.add([event(most + 12, BYTES_MAX)]);
        assert_eq!(after(&recent, most + 11, 9), [most + 12]);
    }
}
