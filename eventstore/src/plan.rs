//! Decides what a batch does to the log, without I/O: the part that every engine shares.
//!
//! An engine locks the head, loads what [`Wanted`] names into [`Known`], lets [`Plan::admit`]
//! answer each request in order, and writes the rows of the [`Plan`].

use std::collections::{BTreeMap, HashMap, HashSet};

use keyledger_domain::ids::{AccountId, EventId, StreamRef};

use crate::chain::{self, Link};
use crate::error::Refused;
use crate::limits;
use crate::model::{
    Append, Appended, Claim, ClaimChange, Head, NewEvent, Position, Receipt, ReceiptKey,
    StoredEvent,
};

mod found;
mod wanted;

pub(crate) use wanted::Wanted;

/// Where an event of some id is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) position: Position,
    pub(crate) recorded_at_ms: i64,
    pub(crate) stream: StreamRef,
}

/// What the store holds of the things that a batch touches, under the lock on the head.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) head: Head,
    pub(crate) streams: HashMap<StreamRef, i64>,
    pub(crate) claims: HashMap<[u8; 32], StreamRef>,
    pub(crate) receipts: HashMap<(AccountId, String), Receipt>,
    pub(crate) events: HashMap<EventId, Placed>,
}

/// An event with what the log gave it.
#[derive(Debug)]
pub(crate) struct PlannedEvent<'a> {
    pub(crate) event: &'a NewEvent,
    pub(crate) position: Position,
    pub(crate) version: i64,
    pub(crate) hash: [u8; 32],
}

/// The rows that a batch writes. The maps are ordered so that equal batches write equally.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    known: Known,
    before: Position,
    recorded_at_ms: i64,
    pub(crate) events: Vec<PlannedEvent<'a>>,
    pub(crate) streams: BTreeMap<StreamRef, i64>,
    pub(crate) claims: BTreeMap<[u8; 32], Option<StreamRef>>,
    pub(crate) receipts: Vec<(&'a ReceiptKey, Receipt)>,
}

impl<'a> Plan<'a> {
    /// Starts from what the store holds; the clock may not take the log back in time.
    pub(crate) fn new(known: Known, now_ms: i64) -> Self {
        Self {
            before: known.head.position,
            recorded_at_ms: now_ms
                .min(limits::NUMBER_MAX)
                .max(known.head.recorded_at_ms),
            known,
            events: Vec::new(),
            streams: BTreeMap::new(),
            claims: BTreeMap::new(),
            receipts: Vec::new(),
        }
    }

    /// The head that the batch found, for the compare-and-set.
    pub(crate) const fn before(&self) -> Position {
        self.before
    }

    /// The head that the batch leaves.
    pub(crate) const fn head(&self) -> Head {
        self.known.head
    }

    /// The time that the batch's events are recorded at.
    pub(crate) const fn recorded_at_ms(&self) -> i64 {
        self.recorded_at_ms
    }

    /// The batch's events, as they are stored.
    pub(crate) fn stored(&self) -> impl Iterator<Item = StoredEvent> {
        self.events.iter().map(|planned| StoredEvent {
            position: planned.position,
            id: planned.event.id,
            stream: planned.event.stream,
            version: planned.version,
            event_type: planned.event.event_type.clone().into_owned(),
            schema_version: planned.event.schema_version,
            recorded_at_ms: self.recorded_at_ms,
            payload: planned.event.payload.clone(),
            metadata: planned.event.metadata.clone(),
            hash: planned.hash,
            opened: None,
        })
    }

    /// Answers one request. A refusal leaves the plan as it was.
    pub(crate) fn admit(&mut self, request: &'a Append) -> Result<Appended, Refused> {
        limits::check(request)?;
        // Before the receipt: the same events again are the same caller asking for a lost answer,
        // who must not be told that somebody else was served.
        if let Some(appended) = self.stored_already(request)? {
            return Ok(appended);
        }
        if let Some(appended) = self.replay(request)? {
            return Ok(appended);
        }
        self.preconditions(request)?;
        let claims = self.claims_after(&request.claims)?;
        Ok(self.accept(request, claims))
    }

    /// A request whose event ids are all stored, one after the other, was applied before.
    fn stored_already(&self, request: &Append) -> Result<Option<Appended>, Refused> {
        let mut ids = HashSet::with_capacity(request.events.len());
        let mut found: Option<Appended> = None;
        for (index, event) in request.events.iter().enumerate() {
            let used = Refused::EventIdUsed { id: event.id };
            if !ids.insert(event.id) {
                return Err(used);
            }
            let Some(placed) = self.known.events.get(&event.id) else {
                if found.is_some() {
                    return Err(used);
                }
                continue;
            };
            match &mut found {
                _ if placed.stream != event.stream => return Err(used),
                None if index == 0 => {
                    found = Some(Appended {
                        first: placed.position,
                        last: placed.position,
                        recorded_at_ms: placed.recorded_at_ms,
                        replayed: false,
                    });
                }
                Some(appended) if placed.position == appended.last.next() => {
                    appended.last = placed.position;
                }
                _ => return Err(used),
            }
        }
        Ok(found)
    }

    fn replay(&self, request: &Append) -> Result<Option<Appended>, Refused> {
        let Some(wanted) = &request.receipt else {
            return Ok(None);
        };
        let key = (wanted.account, wanted.key.clone());
        let Some(receipt) = self.known.receipts.get(&key) else {
            return Ok(None);
        };
        if receipt.fingerprint != wanted.fingerprint {
            return Err(Refused::KeyReused);
        }
        Ok(Some(Appended {
            first: receipt.first_position,
            last: receipt.last_position,
            recorded_at_ms: receipt.recorded_at_ms,
            replayed: true,
        }))
    }

    fn preconditions(&self, request: &Append) -> Result<(), Refused> {
        for expect in &request.expect {
            let actual = self.known.streams.get(&expect.stream).copied().unwrap_or(0);
            if actual != expect.version {
                return Err(Refused::Conflict {
                    stream: expect.stream,
                    expected: expect.version,
                    actual,
                });
            }
        }
        Ok(())
    }

    /// Applies a request's claims in order, on the side.
    fn claims_after(
        &self,
        claims: &[Claim],
    ) -> Result<BTreeMap<[u8; 32], Option<StreamRef>>, Refused> {
        let mut after: BTreeMap<[u8; 32], Option<StreamRef>> = BTreeMap::new();
        for claim in claims {
            let key = claim.key;
            let holder = match after.get(&key) {
                Some(changed) => *changed,
                None => self.known.claims.get(&key).copied(),
            };
            let holder = match (claim.change, holder) {
                (ClaimChange::Take, Some(holder)) if holder != claim.stream => {
                    return Err(Refused::Claimed { key, holder });
                }
                (ClaimChange::Take, _) => Some(claim.stream),
                (ClaimChange::Release, Some(holder)) if holder == claim.stream => None,
                (ClaimChange::Release, _) => return Err(Refused::NotHeld { key }),
            };
            after.insert(key, holder);
        }
        Ok(after)
    }

    fn accept(
        &mut self,
        request: &'a Append,
        claims: BTreeMap<[u8; 32], Option<StreamRef>>,
    ) -> Appended {
        let recorded_at_ms = self.recorded_at_ms;
        let first = self.known.head.position.next();
        for event in &request.events {
            self.place(event);
        }
        let last = self.known.head.position;
        for (key, holder) in claims {
            match holder {
                Some(stream) => self.known.claims.insert(key, stream),
                None => self.known.claims.remove(&key),
            };
            self.claims.insert(key, holder);
        }
        if let Some(key) = &request.receipt {
            let receipt = Receipt {
                fingerprint: key.fingerprint,
                first_position: first,
                last_position: last,
                recorded_at_ms,
            };
            let name = (key.account, key.key.clone());
            self.known.receipts.insert(name, receipt);
            self.receipts.push((key, receipt));
        }
        Appended {
            first,
            last,
            recorded_at_ms,
            replayed: false,
        }
    }

    fn place(&mut self, event: &'a NewEvent) {
        let recorded_at_ms = self.recorded_at_ms;
        let stream = event.stream;
        let position = self.known.head.position.next();
        let at = self.known.streams.entry(stream).or_insert(0);
        // INVARIANT: stored numbers are at most NUMBER_MAX, so this cannot overflow.
        *at += 1;
        let version = *at;
        let hash = chain::hash(
            &self.known.head.hash,
            &Link {
                position,
                version,
                recorded_at_ms,
                stream,
                schema_version: event.schema_version,
                id: event.id,
                event_type: &event.event_type,
                metadata: &event.metadata,
                payload: &event.payload,
            },
        );
        self.known.head = Head {
            position,
            hash,
            recorded_at_ms,
        };
        let placed = Placed {
            position,
            recorded_at_ms,
            stream,
        };
        self.known.events.insert(event.id, placed);
        self.streams.insert(stream, version);
        self.events.push(PlannedEvent {
            event,
            position,
            version,
            hash,
        });
    }
}
