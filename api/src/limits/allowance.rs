//! One limit: so many calls in ten seconds for each key.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use super::recent::{KEYS_MAX, Recent};

/// The time in which an allowance that is spent is whole again, milliseconds.
pub const WINDOW_MS: u64 = 10_000;
/// The least time ahead of now that an answer names, milliseconds: it is still ahead when it arrives.
const AHEAD_MS_MIN: u64 = 1_000;

/// Where a key stands after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many calls in ten seconds.
    pub limit: u32,
    /// How many of them are left now.
    pub remaining: u32,
    /// In how many milliseconds all of them are there again, when no call comes in between.
    pub reset_in_ms: u64,
}

/// Nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Where the key stands.
    pub standing: Standing,
    /// In how many milliseconds the next call passes.
    pub retry_in_ms: u64,
}

impl Spent {
    /// In how many whole seconds the next call passes; at least one.
    #[must_use]
    pub fn retry_after_s(&self) -> u64 {
        self.retry_in_ms.div_ceil(1_000).max(1)
    }
}

type Limiter<K, C> = RateLimiter<K, Recent<K>, C, StateInformationMiddleware>;

/// So many calls in ten seconds for each key, or no limit.
///
/// There is no window that begins anew: each tenth of a second gives back a hundredth of the whole, so
/// that nobody gets twice the allowance around the turn of a window.
pub(super) struct Allowance<K: Eq + Hash + Clone, C: Clock<Instant = Duration>> {
    limited: Option<(u32, Limiter<K, C>)>,
}

impl<K: Eq + Hash + Clone, C: Clock<Instant = Duration>> Allowance<K, C> {
    /// `limit` calls in ten seconds; no limit when it is 0.
    pub(super) fn new(limit: u32, clock: C) -> Self {
        let quota = NonZeroU32::new(limit).and_then(|limit| {
            let each = Duration::from_millis(WINDOW_MS) / limit.get();
            Some(Quota::with_period(each)?.allow_burst(limit))
        });
        let limited = quota.map(|quota| {
            let limiter = Limiter::new(quota, Recent::new(KEYS_MAX), clock);
            (limit, limiter)
        });
        Self { limited }
    }

    /// Counts a call; `None` where there is no limit.
    pub(super) fn take(&self, key: &K) -> Result<Option<Standing>, Spent> {
        let Some((limit, limiter)) = &self.limited else {
            return Ok(None);
        };
        let standing = |remaining: u32, wait_ms: u64| {
            let spent = u64::from(limit.saturating_sub(remaining));
            let whole_in_ms = wait_ms + (spent * WINDOW_MS).div_ceil(u64::from(*limit));
            Standing {
                limit: *limit,
                remaining,
                reset_in_ms: whole_in_ms.max(AHEAD_MS_MIN),
            }
        };
        match limiter.check_key(key) {
            Ok(state) => Ok(Some(standing(state.remaining_burst_capacity(), 0))),
            Err(not_until) => {
                let wait = not_until.wait_time_from(limiter.clock().now());
                let retry_in_ms = u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(0);
                Err(Spent {
                    standing: standing(0, 0),
                    retry_in_ms,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::fake::FakeClock;

    #[test]
    fn the_whole_allowance_can_be_used_at_once_and_comes_back_bit_by_bit() {
        let clock = FakeClock::default();
        let allowance = Allowance::new(5, clock.clone());
        for remaining in (0..5).rev() {
            let standing = allowance.take(&"a").unwrap().unwrap();
            assert_eq!((standing.limit, standing.remaining), (5, remaining));
            let spent = u64::from(5 - remaining);
            assert_eq!(standing.reset_in_ms, spent * 2_000);
        }
        let spent = allowance.take(&"a").unwrap_err();
        assert_eq!((spent.retry_in_ms, spent.retry_after_s()), (2_000, 2));
        assert_eq!(spent.standing.remaining, 0);
        assert_eq!(spent.standing.reset_in_ms, WINDOW_MS);
        // What is refused costs nothing, and another key is not concerned.
        assert_eq!(allowance.take(&"a").unwrap_err(), spent);
        assert_eq!(allowance.take(&"b").unwrap().unwrap().remaining, 4);
        clock.advance_ms(1_999);
        let spent = allowance.take(&"a").unwrap_err();
        assert_eq!((spent.retry_in_ms, spent.retry_after_s()), (1, 1));
        clock.advance_ms(1);
        assert_eq!(allowance.take(&"a").unwrap().unwrap().remaining, 0);
        clock.advance_ms(WINDOW_MS);
        assert_eq!(allowance.take(&"a").unwrap().unwrap().remaining, 4);
    }

    #[test]
    fn a_reset_is_never_now_or_in_the_past() {
        let clock = FakeClock::default();
        let allowance = Allowance::new(20_000, clock.clone());
        for _ in 0..20_000 {
            let standing = allowance.take(&0).unwrap().unwrap();
            assert!((AHEAD_MS_MIN..=WINDOW_MS).contains(&standing.reset_in_ms));
        }
        let spent = allowance.take(&0).unwrap_err();
        assert_eq!((spent.retry_in_ms, spent.retry_after_s()), (1, 1));
        assert_eq!(spent.standing.reset_in_ms, WINDOW_MS);
    }

    #[test]
    fn zero_is_no_limit_and_the_largest_number_is_one() {
        let none = Allowance::new(0, FakeClock::default());
        assert_eq!(none.take(&0), Ok(None));
        let huge = Allowance::new(u32::MAX, FakeClock::default());
        let standing = huge.take(&0).unwrap().unwrap();
        assert_eq!(standing.limit, u32::MAX);
        assert!(standing.remaining >= u32::MAX - 1);
    }
}
