//! The access index with what keeps it up with the log: everything that an answer needs.

use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::{Clock, Position};

use crate::follower::FollowerHandle;
use crate::live::Live;

/// An access index that is fed, and knows whether it is fresh.
pub struct Memory {
    /// The index.
    pub live: Arc<Live>,
    follower: FollowerHandle,
    clock: Clock,
    staleness_max_ms: u32,
    wait_max: Duration,
}

impl Memory {
    /// An index that `follower` feeds. It answers as long as it has heard from the log within `staleness_max_ms`, and
    /// waits for a position for `wait_max` at most.
    #[must_use]
    pub const fn new(
        live: Arc<Live>,
        follower: FollowerHandle,
        clock: Clock,
        staleness_max_ms: u32,
        wait_max: Duration,
    ) -> Self {
        Self {
            live,
            follower,
            clock,
            staleness_max_ms,
            wait_max,
        }
    }

    /// The time now, Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// Whether it may answer: it has heard from the log within its staleness ceiling.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.follower.healthy(self.staleness_max_ms)
    }

    /// Waits until it has reached a position; whether it has in time.
    pub async fn wait_for(&self, position: Position) -> bool {
        self.wait_for_at_most(position, self.wait_max).await
    }

    /// The same for `wait` at most, and never longer than [`Memory::wait_for`].
    pub async fn wait_for_at_most(&self, position: Position, wait: Duration) -> bool {
        self.live.wait_for(position, wait.min(self.wait_max)).await
    }

    /// Why it is fed no more, for the operator; none while it is.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.follower.failed()
    }

    /// Stops feeding it and waits for the end.
    pub async fn close(&self) {
        self.follower.close().await;
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory")
            .field("position", &self.live.position())
            .field("fresh", &self.is_fresh())
            .finish_non_exhaustive()
    }
}
