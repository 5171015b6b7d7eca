//! Numbers of records, found by a hash of what they are about.
//!
//! Open addressing over entries of eight bytes, each with 32 bits of its hash: one cache line holds eight, so that to
//! find a number takes one wait for memory where a table with control bytes takes two, and growing reads no record.

/// The least entries of a table that has any.
const LEAST_BITS: u32 = 4;
/// The most: a tag has no more bits.
const MOST_BITS: u32 = 32;
/// No record has this number.
const EMPTY: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The upper half of the hash. Its first bits say where the entry would be alone.
    tag: u32,
    number: u32,
}

const NOTHING: Entry = Entry {
    tag: 0,
    number: EMPTY,
};

/// Numbers by hashes. It does not know what they are about; whoever asks compares.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// A power of two, or none. INVARIANT: at least a quarter of them is empty, so every probe ends.
    entries: Vec<Entry>,
    used: usize,
}

#[inline]
const fn tag_of(hash: u64) -> u32 {
    let [a, b, c, d, ..] = hash.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

impl Numbers {
    #[inline]
    const fn mask(&self) -> usize {
        self.entries.len().wrapping_sub(1)
    }

    /// Where an entry of this tag would be alone.
    #[inline]
    fn home(&self, tag: u32) -> usize {
        // The length is a power of two of at most 32 bits; where there are no entries, none is looked at.
        let bits = self.entries.len().trailing_zeros();
        let home = u64::from(tag) >> MOST_BITS.saturating_sub(bits);
        usize::try_from(home).unwrap_or(0)
    }

    /// The number under this hash that `fits`.
    #[inline]
    pub(super) fn find(&self, hash: u64, fits: impl Fn(u32) -> bool) -> Option<u32> {
        let tag = tag_of(hash);
        let (mut at, mask) = (self.home(tag), self.mask());
        loop {
            let entry = self.entries.get(at)?;
            if entry.number == EMPTY {
                return None;
            }
            if entry.tag == tag && fits(entry.number) {
                return Some(entry.number);
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    /// Adds a number. The same one may not be there under this hash already.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        if (self.used + 1) * 4 > self.entries.len() * 3 {
            self.grow();
        }
        self.place(Entry {
            tag: tag_of(hash),
            number,
        });
        self.used += 1;
    }

    fn place(&mut self, entry: Entry) {
        let (mut at, mask) = (self.home(entry.tag), self.mask());
        while let Some(found) = self.entries.get_mut(at) {
            if found.number == EMPTY {
                *found = entry;
                return;
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    fn grow(&mut self) {
        let length = (self.entries.len() * 2).max(1 << LEAST_BITS);
        let before = std::mem::replace(&mut self.entries, vec![NOTHING; length]);
        let held = before.into_iter().filter(|entry| entry.number != EMPTY);
        held.for_each(|entry| self.place(entry));
    }

    /// Takes a number away, if it is there.
    pub(super) fn remove(&mut self, hash: u64, number: u32) {
        let tag = tag_of(hash);
        let (mut at, mask) = (self.home(tag), self.mask());
        loop {
            match self.entries.get(at) {
                Some(entry) if entry.number == EMPTY => return,
                Some(entry) if entry.number == number && entry.tag == tag => break,
                Some(_) => at = at.wrapping_add(1) & mask,
                None => return,
            }
        }
        self.used -= 1;
        // Those after it move up, as far as a probe for them would otherwise end before it came to them.
        let mut hole = at;
        loop {
            at = at.wrapping_add(1) & mask;
            let Some(entry) = self.entries.get(at).copied() else {
                return;
            };
            if entry.number == EMPTY {
                break;
            }
            let distance_of = |from: usize| at.wrapping_sub(from) & mask;
            if distance_of(self.home(entry.tag)) >= distance_of(hole) {
                if let Some(place) = self.entries.get_mut(hole) {
                    *place = entry;
                }
                hole = at;
            }
        }
        if let Some(place) = self.entries.get_mut(hole) {
            *place = NOTHING;
        }
    }

    pub(super) const fn memory_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Few hashes, so that many meet, at both ends of the table too.
    fn hash() -> impl Strategy<Value = u64> {
        prop_oneof![
            (0_u64..8).prop_map(|tag| tag << 61),
            (0_u64..4).prop_map(|tag| (u64::from(u32::MAX) - tag) << 32),
            any::<u64>(),
        ]
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_holds(steps in prop::collection::vec((hash(), 0_u32..48, any::<bool>()), 1..400)) {
            let mut table = Numbers::default();
            let mut map: BTreeMap<u32, u64> = BTreeMap::new();
            for (hash, number, insert) in steps {
                match map.get(&number).copied() {
                    None if insert => {
                        table.insert(hash, number);
                        map.insert(number, hash);
                    }
                    Some(known) if !insert => {
                        table.remove(known, number);
                        map.remove(&number);
                    }
                    // What is not there is not taken away.
                    None => table.remove(hash, number),
                    Some(_) => {}
                }
                for number in 0..48 {
                    let known = map.get(&number).copied();
                    let hash = known.unwrap_or(hash);
                    let found = table.find(hash, |other| other == number);
                    prop_assert_eq!(found.is_some(), known.is_some());
                }
                prop_assert_eq!(table.used, map.len());
            }
        }
    }

    #[test]
    fn an_empty_one_finds_nothing_and_takes_no_memory() {
        let mut table = Numbers::default();
        assert_eq!(table.find(7, |_| true), None);
        table.remove(7, 0);
        assert_eq!(table.memory_bytes(), 0);
    }
}
