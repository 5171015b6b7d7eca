//! The tokens of all accounts: records, and two tables of their numbers, by digest and by id.

use keyledger_domain::event::{Event, TokenCreated, TokenReset, TokenUpdated};
use keyledger_domain::ids::TokenId;
use keyledger_eventstore::StoredEvent;
use subtle::ConstantTimeEq;

use super::about::About;
use super::error::ApplyError;
use super::grace::Grace;
use super::numbers::Numbers;
use super::shared::Shared;
use super::slots::{DefaultVersion, NEVER, Slot, Slots};

/// The tokens.
#[derive(Debug, Default)]
pub(super) struct TokenTable {
    slots: Slots,
    by_digest: Numbers,
    by_id: Numbers,
    grace: Grace,
    pub(super) shared: Shared,
}

/// The hash of a digest is its own beginning: nobody without the pepper can choose it.
#[inline]
pub(super) fn digest_hash(digest: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Ids are made by this service alone: seconds, what a process has in all of its ids, and a count. Seconds and count mostly go up
/// together, so each is spread by a product of its own before they meet; the upper half is what counts.
#[inline]
fn id_hash(id: TokenId) -> u64 {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *id.as_bytes();
    let count = u64::from_be_bytes([e, f, g, h, i, j, k, l]);
    let seconds = u64::from(u32::from_be_bytes([a, b, c, d]));
    let mixed = count.wrapping_mul(ODD.0) ^ seconds.wrapping_mul(ODD.1);
    (mixed ^ (mixed >> 32)).wrapping_mul(ODD.0)
}

/// Odd numbers without a pattern: the golden ratio's, and a prime of `xxHash`.
const ODD: (u64, u64) = (0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f);

/// Looks at the same bytes however many of them agree; eight at a time, since each comparison is guarded.
#[inline]
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let (a, _) = a.as_chunks::<8>();
    let (b, _) = b.as_chunks::<8>();
    let difference = a.iter().zip(b).fold(0, |all, (a, b)| {
        all | (u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b))
    });
    bool::from(difference.ct_eq(&0))
}

impl TokenTable {
    /// The token of a digest under a pepper, by its secret now or by a previous one in its grace.
    #[inline]
    pub(super) fn holder(&self, digest: &[u8; 32], pepper: u32, now_ms: i64) -> Option<&Slot> {
        let found = self.by_digest.find(digest_hash(digest), |number| {
            self.slots
                .get(number)
                .is_some_and(|slot| same(&slot.digest, digest) && slot.pepper == pepper)
        });
        match found {
            Some(number) => self.slots.get(number),
            None if self.grace.len() == 0 => None,
            None => self.slots.get(self.grace.find(digest, pepper, now_ms)?),
        }
    }

    fn number(&self, id: TokenId) -> Option<u32> {
        self.by_id.find(id_hash(id), |number| {
            self.slots.get(number).is_some_and(|slot| slot.id == id)
        })
    }

    /// The token of an id.
    pub(super) fn get(&self, id: TokenId) -> Option<&Slot> {
        self.slots.get(self.number(id)?)
    }

    /// The version of a token's stream; 0 when there is no such token.
    pub(super) fn version(&self, id: TokenId) -> u32 {
        self.get(id).map_or(0, |slot| slot.version)
    }

    /// The records of these numbers with them, and whether there may be more after them.
    pub(super) fn part(
        &self,
        numbers: std::ops::Range<u32>,
    ) -> (impl Iterator<Item = (u32, &Slot)>, bool) {
        let more = numbers.end < self.slots.numbers();
        let slots = numbers.filter_map(|number| Some((number, self.slots.get(number)?)));
        (slots, more)
    }

    /// All records with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Slot)> {
        self.part(0..self.slots.numbers()).0
    }

    pub(super) const fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.slots.memory_bytes()
            + self.by_digest.memory_bytes()
            + self.by_id.memory_bytes()
            + self.grace.memory_bytes()
    }

    /// Applies an event of a token; events of anything else change nothing here.
    pub(super) fn apply(
        &mut self,
        account: u32,
        stored: &StoredEvent,
        event: &Event,
    ) -> Result<(), ApplyError> {
        for number in self.grace.sweep(stored.recorded_at_ms) {
            if let Some(slot) = self.slots.get_mut(number) {
                slot.in_grace = false;
            }
        }
        let about = About::new(stored, event);
        match event {
            Event::TokenCreated(event) => self.create(account, &about, event),
            Event::TokenReset(event) => self.reset(account, &about, event),
            Event::TokenUpdated(event) => self.update(account, &about, event),
            Event::TokenDeleted(event) => {
                let number = self.existing(account, &about, event.id)?;
                self.delete(number);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn create(
        &mut self,
        account: u32,
        about: &About<'_>,
        event: &TokenCreated,
    ) -> Result<(), ApplyError> {
        let before = self.get(event.id).map_or(0, |slot| slot.version);
        let version = about.follows(before)?;
        self.unshared(about, &event.digest.bytes)?;
        let grant = self
            .shared
            .created(event)
            .map_err(|source| about.policy(source))?;
        let slot = Slot {
            id: event.id,
            digest: event.digest.bytes,
            pepper: event.digest.pepper,
            account,
            version,
            expires_at_ms: event.expiry_ms.unwrap_or(NEVER),
            grant,
            in_grace: false,
            default_version: DefaultVersion::of(event.default_api_version),
        };
        self.enter(slot).ok_or_else(|| about.full("tokens"))?;
        Ok(())
    }

    /// Adds a token and gives its number; none when there are no numbers left.
    pub(super) fn enter(&mut self, slot: Slot) -> Option<u32> {
        let (id, digest) = (slot.id, slot.digest);
        let number = self.slots.insert(slot)?;
        self.enter_digest(number, &digest);
        self.by_id.insert(id_hash(id), number);
        Some(number)
    }

    /// A token's previous secret that may still work: digest, pepper and when it ends.
    pub(super) fn previous(&self, number: u32) -> Option<([u8; 32], u32, i64)> {
        self.grace.of(number)
    }

    /// Gives a token a previous secret that may still work.
    pub(super) fn begin_grace(
        &mut self,
        number: u32,
        digest: [u8; 32],
        pepper: u32,
        until_ms: i64,
    ) {
        if let Some(slot) = self.slots.get_mut(number) {
            slot.in_grace = true;
            self.grace.end(number);
            self.grace.begin(number, digest, pepper, until_ms);
        }
    }

    fn reset(
        &mut self,
        account: u32,
        about: &About<'_>,
        event: &TokenReset,
    ) -> Result<(), ApplyError> {
        let number = self.existing(account, about, event.id)?;
        self.unshared(about, &event.digest.bytes)?;
        let Some(slot) = self.slots.get_mut(number) else {
            return Err(about.missing(event.id));
        };
        let (digest, pepper) = (slot.digest, slot.pepper);
        let was_in_grace = slot.in_grace;
        slot.digest = event.digest.bytes;
        slot.pepper = event.digest.pepper;
        slot.in_grace = event.previous_until_ms.is_some();
        self.leave_digest(number, &digest);
        self.enter_digest(number, &event.digest.bytes);
        // At most one previous secret is alive.
        if was_in_grace {
            self.grace.end(number);
        }
        if let Some(until_ms) = event.previous_until_ms {
            self.grace.begin(number, digest, pepper, until_ms);
        }
        Ok(())
    }

    fn update(
        &mut self,
        account: u32,
        about: &About<'_>,
        event: &TokenUpdated,
    ) -> Result<(), ApplyError> {
        let given = match &event.scope {
            Some(scope) => Some(
                self.shared
                    .updated(scope, &event.bounds)
                    .map_err(|source| about.policy(source))?,
            ),
            None => None,
        };
        let number = self.existing(account, about, event.id)?;
        let Some(slot) = self.slots.get_mut(number) else {
            return Err(about.missing(event.id));
        };
        if let Some((scope, bounds)) = given {
            slot.grant.scope = scope;
            slot.grant.bounds = bounds;
        }
        if let Some(expiry) = event.expiry_ms {
            slot.expires_at_ms = Some(expiry).filter(|at| *at > 0).unwrap_or(NEVER);
        }
        if let Some(version) = event.default_api_version {
            slot.default_version = DefaultVersion::of(version);
        }
        Ok(())
    }

    fn delete(&mut self, number: u32) {
        if let Some(slot) = self.slots.get(number) {
            let (id, digest) = (slot.id, slot.digest);
            self.by_id.remove(id_hash(id), number);
            self.leave_digest(number, &digest);
            self.grace.end(number);
            self.slots.remove(number);
        }
    }

    /// The token that an event after the first is about, its version moved on.
    fn existing(
        &mut self,
        account: u32,
        about: &About<'_>,
        id: TokenId,
    ) -> Result<u32, ApplyError> {
        let number = self.number(id).ok_or_else(|| about.missing(id))?;
        let slot = self
            .slots
            .get_mut(number)
            .filter(|slot| slot.account == account)
            .ok_or_else(|| about.missing(id))?;
        slot.version = about.follows(slot.version)?;
        Ok(number)
    }

    /// Two tokens with one secret could not be told apart.
    fn unshared(&self, about: &About<'_>, digest: &[u8; 32]) -> Result<(), ApplyError> {
        let taken = self
            .by_digest
            .find(digest_hash(digest), |number| {
                self.slots
                    .get(number)
                    .is_some_and(|slot| slot.digest == *digest)
            })
            .is_some();
        if taken || self.grace.contains(digest) {
            let position = about.position();
            return Err(ApplyError::SharedSecret { position });
        }
        Ok(())
    }

    fn enter_digest(&mut self, number: u32, digest: &[u8; 32]) {
        self.by_digest.insert(digest_hash(digest), number);
    }

    fn leave_digest(&mut self, number: u32, digest: &[u8; 32]) {
        self.by_digest.remove(digest_hash(digest), number);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn ids_of_one_process_are_spread_however_fast_they_are_made() {
        // Milliseconds between two ids: seconds and count go up together, or one of them alone for long.
        for (pause_ms, process) in [
            (1_000, 0),
            (1_000, u64::MAX),
            (7_000, 3),
            (200, 9),
            (10, 77),
            (1, 5),
        ] {
            let mut homes: HashMap<u64, u32> = HashMap::new();
            for made in 0_u64..50_000 {
                let seconds = u32::try_from((1_764_000_000_000 + made * pause_ms) / 1_000).unwrap();
                let rest = (process << 24) | (12_345 + made);
                let mut id = [0; 12];
                id[..4].copy_from_slice(&seconds.to_be_bytes());
                id[4..].copy_from_slice(&rest.to_be_bytes());
                // As a table of 131,072 entries places them.
                *homes
                    .entry(id_hash(TokenId::from_bytes(id)) >> 47)
                    .or_default() += 1;
            }
            let most = homes.values().max().unwrap();
            assert!(*most <= 10, "{most} in one place at {pause_ms} ms");
        }
    }
}
