//! Previous secrets that still work for a while. There are few, so they stay out of the records.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashTable};
use subtle::ConstantTimeEq;

use super::table::digest_hash;

/// Ended secrets that one event takes away at most. An event adds at most one, so none pile up.
const SWEPT_MAX: usize = 8;

#[derive(Debug)]
struct Previous {
    digest: [u8; 32],
    pepper: u32,
    slot: u32,
    until_ms: i64,
}

/// Previous secrets by digest, by token and by their end.
#[derive(Debug, Default)]
pub(super) struct Grace {
    by_digest: HashTable<Previous>,
    by_slot: HashMap<u32, ([u8; 32], i64)>,
    by_end: BTreeSet<(i64, u32)>,
}

impl Grace {
    /// The token of a previous secret that works at `now_ms`.
    pub(super) fn find(&self, digest: &[u8; 32], pepper: u32, now_ms: i64) -> Option<u32> {
        let previous = self.by_digest.find(digest_hash(digest), |previous| {
            bool::from(previous.digest.ct_eq(digest)) && previous.pepper == pepper
        })?;
        (previous.until_ms > now_ms).then_some(previous.slot)
    }

    /// Whether a digest is here, in its time or not.
    pub(super) fn contains(&self, digest: &[u8; 32]) -> bool {
        self.by_digest
            .find(digest_hash(digest), |previous| previous.digest == *digest)
            .is_some()
    }

    /// Adds a token's previous secret.
    ///
    /// INVARIANT: the token has none here; [`Grace::end`] was called before.
    pub(super) fn begin(&mut self, slot: u32, digest: [u8; 32], pepper: u32, until_ms: i64) {
        let previous = Previous {
            digest,
            pepper,
            slot,
            until_ms,
        };
        self.by_slot.insert(slot, (digest, until_ms));
        self.by_end.insert((until_ms, slot));
        self.by_digest
            .insert_unique(digest_hash(&digest), previous, |other| {
                digest_hash(&other.digest)
            });
    }

    /// A token's previous secret: digest, pepper and when it ends.
    pub(super) fn of(&self, slot: u32) -> Option<([u8; 32], u32, i64)> {
        let (digest, until_ms) = *self.by_slot.get(&slot)?;
        let previous = self
            .by_digest
            .find(digest_hash(&digest), |previous| previous.slot == slot)?;
        Some((digest, previous.pepper, until_ms))
    }

    /// Takes a token's previous secret away, if it has one.
    pub(super) fn end(&mut self, slot: u32) {
        let Some((digest, until_ms)) = self.by_slot.remove(&slot) else {
            return;
        };
        self.by_end.remove(&(until_ms, slot));
        if let Ok(entry) = self
            .by_digest
            .find_entry(digest_hash(&digest), |previous| previous.slot == slot)
        {
            entry.remove();
        }
    }

    /// Takes one secret away whose time is over, and gives its token.
    fn sweep_one(&mut self, now_ms: i64) -> Option<u32> {
        let (until_ms, slot) = *self.by_end.first()?;
        if until_ms > now_ms {
            return None;
        }
        self.end(slot);
        Some(slot)
    }

    /// Takes secrets away whose time is over, a bounded number of them, and gives their tokens.
    pub(super) fn sweep(&mut self, now_ms: i64) -> impl Iterator<Item = u32> {
        std::iter::from_fn(move || self.sweep_one(now_ms)).take(SWEPT_MAX)
    }

    pub(super) fn len(&self) -> usize {
        self.by_slot.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.by_digest.allocation_size()
            + self.by_slot.allocation_size()
            // A B-tree's nodes are at least half full.
            + 2 * self.by_end.len() * size_of::<(i64, u32)>()
    }
}
