//! The only place that reads the clock.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

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
