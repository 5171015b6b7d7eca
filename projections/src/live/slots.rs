//! Records of tokens, numbered.

use keyledger_domain::command::{API_VERSIONS, LATEST_API_VERSION};
use keyledger_domain::grant::Grant;
use keyledger_domain::ids::TokenId;

/// What a decision needs to know of one token.
///
/// Aligned, so that it lies in two cache lines side by side and never in three.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Slot {
    /// The token.
    pub(super) id: TokenId,
    /// The digest of its secret.
    pub(super) digest: [u8; 32],
    /// The pepper of that digest.
    pub(super) pepper: u32,
    /// Its account's number in the index.
    pub(super) account: u32,
    /// How many events its stream has.
    pub(super) version: u32,
    /// When it ends by itself; [`NEVER`] for never.
    pub(super) expires_at_ms: i64,
    /// What it was given; its parts are shared by all tokens that have the same.
    pub(super) grant: Grant,
    /// Whether its previous secret may still work.
    pub(super) in_grace: bool,
    /// The API version of its calls that name none.
    pub(super) default_version: DefaultVersion,
}

/// An API version by its place among all of them: one byte, where the number takes four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DefaultVersion(u8);

impl DefaultVersion {
    /// The place of a version. One that this program does not know becomes the latest.
    pub(super) fn of(version: u32) -> Self {
        let place = API_VERSIONS.iter().position(|known| *known == version);
        Self(
            place
                .and_then(|place| u8::try_from(place).ok())
                .unwrap_or(u8::MAX),
        )
    }

    /// The version.
    pub(super) fn get(self) -> u32 {
        let known = API_VERSIONS.get(usize::from(self.0));
        known.copied().unwrap_or(LATEST_API_VERSION)
    }
}

/// The expiry of what never expires.
pub(super) const NEVER: i64 = i64::MAX;

// The bar is 200 bytes a token; both tables together take at most 24 more.
const _: () = assert!(size_of::<Option<Slot>>() == 128);

impl Slot {
    /// When it ends by itself.
    pub(super) fn expiry_ms(&self) -> Option<i64> {
        Some(self.expires_at_ms).filter(|at| *at != NEVER)
    }
}

/// Records in one block, 8 MiB: large enough for huge pages, without which a decision takes a third longer. Full blocks
/// never move.
const BLOCK: usize = 65_536;
/// The blocks that grow as they are needed.
const SMALL_BLOCKS: usize = 2;
/// The most records by which such a block grows, 1 MiB: what is wasted is no more.
const STEP: usize = 8_192;
/// The least.
const LEAST: usize = 64;

/// All records; the number of a deleted one is used again.
#[derive(Debug, Default)]
pub(super) struct Slots {
    blocks: Vec<Vec<Option<Slot>>>,
    free: Vec<u32>,
    used: usize,
}

impl Slots {
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Slot> {
        let number = number as usize;
        self.blocks
            .get(number / BLOCK)?
            .get(number % BLOCK)?
            .as_ref()
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Slot> {
        self.place(number)?.as_mut()
    }

    fn place(&mut self, number: u32) -> Option<&mut Option<Slot>> {
        let number = number as usize;
        self.blocks.get_mut(number / BLOCK)?.get_mut(number % BLOCK)
    }

    /// Keeps a record and gives its number; `None` when there are no numbers left.
    pub(super) fn insert(&mut self, slot: Slot) -> Option<u32> {
        if let Some(number) = self.free.pop() {
            *self.place(number)? = Some(slot);
            self.used += 1;
            return Some(number);
        }
        // Without free numbers, every record that there ever was is in use.
        let number = u32::try_from(self.used).ok()?;
        if self.used.is_multiple_of(BLOCK) {
            // Where there are few, little is wasted; where there are many, a block is made whole.
            let whole = self.blocks.len() >= SMALL_BLOCKS;
            let room = if whole { BLOCK } else { 0 };
            self.blocks.push(Vec::with_capacity(room));
        }
        let block = self.blocks.last_mut()?;
        if block.len() == block.capacity() {
            let step = block.len().clamp(LEAST, STEP);
            block.reserve_exact(step.min(BLOCK - block.len()));
        }
        block.push(Some(slot));
        self.used += 1;
        Some(number)
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<Slot> {
        let slot = self.place(number)?.take()?;
        self.free.push(number);
        self.used -= 1;
        Some(slot)
    }

    /// How many numbers were ever given: all records have smaller ones.
    pub(super) fn numbers(&self) -> u32 {
        let given = self.used + self.free.len();
        u32::try_from(given).unwrap_or(u32::MAX)
    }

    pub(super) const fn len(&self) -> usize {
        self.used
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let records: usize = self.blocks.iter().map(Vec::capacity).sum();
        records * size_of::<Option<Slot>>()
            + self.blocks.capacity() * size_of::<Vec<Option<Slot>>>()
            + self.free.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_comes_back_and_an_unknown_one_is_the_latest() {
        for version in API_VERSIONS {
            assert_eq!(DefaultVersion::of(version).get(), version);
        }
        assert_eq!(DefaultVersion::of(20_990_101).get(), LATEST_API_VERSION);
    }
}
