//! The checks that an event of a token passes, and their errors.

use keyledger_domain::event::Event;
use keyledger_domain::ids::TokenId;
use keyledger_domain::policy::PolicyError;
use keyledger_domain::state::Inconsistency;
use keyledger_eventstore::{Position, StoredEvent};

use super::error::ApplyError;

/// The event at hand, for its checks.
pub(super) struct About<'a> {
    kind: &'static str,
    stored: &'a StoredEvent,
}

impl<'a> About<'a> {
    pub(super) const fn new(stored: &'a StoredEvent, event: &Event) -> Self {
        Self {
            kind: event.type_name(),
            stored,
        }
    }

    pub(super) const fn position(&self) -> Position {
        self.stored.position
    }

    fn inconsistent(&self, source: Inconsistency) -> ApplyError {
        ApplyError::Inconsistent {
            position: self.stored.position,
            source,
        }
    }

    pub(super) fn follows(&self, before: u32) -> Result<u32, ApplyError> {
        let expected = i64::from(before) + 1;
        if self.stored.version != expected {
            return Err(self.inconsistent(Inconsistency::Version {
                event_type: self.kind,
                expected,
                found: self.stored.version,
            }));
        }
        u32::try_from(expected).map_err(|_| self.full("events of a token"))
    }

    pub(super) fn missing(&self, id: TokenId) -> ApplyError {
        self.inconsistent(Inconsistency::Missing {
            event_type: self.kind,
            what: format!("token {id}"),
        })
    }

    pub(super) fn policy(&self, source: PolicyError) -> ApplyError {
        self.inconsistent(Inconsistency::Policy {
            event_type: self.kind,
            source,
        })
    }

    pub(super) const fn full(&self, what: &'static str) -> ApplyError {
        let position: Position = self.stored.position;
        ApplyError::Full { position, what }
    }
}
