//! The only place that reads the clock.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use keyledger_eventstore::Clock;

/// The time now, Unix milliseconds.
#[must_use]
pub fn now_ms() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the module that reads the clock"
    )]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// The clock as a parameter for what must not read it itself.
#[must_use]
pub fn system() -> Clock {
    Arc::new(now_ms)
}

/// A clock that only goes forward, for rate limits and ages: when the time of day is set back by an hour, nobody is
/// to wait for an hour.
#[derive(Debug, Clone, Copy)]
pub struct Monotonic {
    start: Instant,
}

impl Monotonic {
    /// A clock that counts from now.
    #[must_use]
    pub fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the module that reads the clock"
        )]
        let start = Instant::now();
        Self { start }
    }
}

/// A clock that only goes forward, in milliseconds from now, as a parameter for what must know how long ago something
/// was.
#[must_use]
pub fn steady() -> Clock {
    let monotonic = Monotonic::start();
    // From 1: 0 stands for never.
    Arc::new(move || {
        let passed = monotonic.start.elapsed().as_millis();
        i64::try_from(passed).unwrap_or(i64::MAX).saturating_add(1)
    })
}

impl governor::clock::Clock for Monotonic {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}
