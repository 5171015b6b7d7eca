//! What a rate limit remembers of its keys, within bounds.

use std::collections::HashMap;
use std::hash::Hash;

use governor::nanos::Nanos;
use governor::state::StateStore;
use parking_lot::Mutex;

/// The most keys of one generation. Two are kept: some 130,000 keys of at most a hundred bytes.
pub(super) const KEYS_MAX: usize = 65_536;

/// The state of the keys that were used last.
///
/// The keys of the rate limiter's own store go only when somebody sweeps it, and a sweep looks at all
/// of them under the lock. Here a full generation becomes the old one and the one before it is dropped:
/// no call pays for a sweep, and a key is forgotten only after as many other keys were used since.
pub(super) struct Recent<K> {
    generations: Mutex<Generations<K>>,
    keys_max: usize,
}

struct Generations<K> {
    young: HashMap<K, Nanos>,
    old: HashMap<K, Nanos>,
}

impl<K> Recent<K> {
    pub(super) fn new(keys_max: usize) -> Self {
        Self {
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
            keys_max,
        }
    }
}

impl<K: Eq + Hash + Clone> StateStore for Recent<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut generations = self.generations.lock();
        if let Some(state) = generations.young.get_mut(key) {
            let (outcome, next) = f(Some(*state))?;
            *state = next;
            return Ok(outcome);
        }
        // What is refused keeps its place among the old: it is not used, it is only asked for.
        let (outcome, next) = f(generations.old.get(key).copied())?;
        if generations.young.len() >= self.keys_max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.old.remove(key);
        generations.young.insert(key.clone(), next);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(store: &Recent<u32>, key: u32) -> Option<u64> {
        store
            .measure_and_replace(&key, |state| {
                let before = state.map(Nanos::as_u64);
                Ok::<_, ()>((before, Nanos::from(before.unwrap_or(0) + 1)))
            })
            .unwrap()
    }

    #[test]
    fn a_key_in_use_is_remembered_and_the_number_of_keys_is_bounded() {
        let store = Recent::new(10);
        for round in 0..100 {
            assert_eq!(uses(&store, 0), (round > 0).then_some(round));
            for other in 0..5 {
                let fresh = 1 + u32::try_from(round).unwrap() * 5 + other;
                assert_eq!(uses(&store, fresh), None);
            }
            let generations = store.generations.lock();
            assert!(generations.young.len() <= 10 && generations.old.len() <= 10);
        }
    }

    #[test]
    fn a_refusal_is_remembered_too() {
        let store = Recent::new(2);
        assert_eq!(uses(&store, 1), None);
        let refused = store.measure_and_replace(&1, |_| Err::<((), Nanos), _>("spent"));
        assert_eq!(refused, Err("spent"));
        for other in 2..4 {
            assert_eq!(uses(&store, other), None);
        }
        assert_eq!(uses(&store, 1), Some(1));
    }
}
