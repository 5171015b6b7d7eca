//! A clock for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A clock that goes on when it is told to.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeClock(Arc<AtomicU64>);

impl FakeClock {
    pub(crate) fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl governor::clock::Clock for FakeClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        // A real clock has gone on a little when it is asked for the first time.
        Duration::from_millis(1 + self.0.load(Ordering::Relaxed))
    }
}
