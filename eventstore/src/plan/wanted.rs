//! What must be looked up before a batch can be decided.

use std::collections::BTreeSet;

use keyledger_domain::ids::{AccountId, EventId, StreamRef};

use crate::limits;
use crate::model::Append;

/// The keys that a batch touches, each once.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) streams: BTreeSet<StreamRef>,
    pub(crate) claims: BTreeSet<[u8; 32]>,
    pub(crate) receipts: BTreeSet<(AccountId, &'a str)>,
    pub(crate) events: BTreeSet<EventId>,
}

impl<'a> Wanted<'a> {
    /// Collects the keys of the requests that keep to the limits; the others are refused unseen.
    pub(crate) fn of(batch: &'a [Append]) -> Self {
        let mut wanted = Self::default();
        for request in batch {
            if limits::check(request).is_ok() {
                wanted.add(request);
            }
        }
        wanted
    }

    fn add(&mut self, request: &'a Append) {
        self.streams.extend(request.expect.iter().map(|e| e.stream));
        self.streams.extend(request.events.iter().map(|e| e.stream));
        self.events.extend(request.events.iter().map(|e| e.id));
        self.claims.extend(request.claims.iter().map(|c| c.key));
        if let Some(receipt) = &request.receipt {
            self.receipts.insert((receipt.account, &receipt.key));
        }
    }
}
