//! Keeps the access index up with the log.

mod pump;
mod replay;

use std::sync::Arc;

use keyledger_eventstore::{Clock, EventLog, LogError, Position, StoredEvent};
use tokio::sync::watch;

use crate::live::{ApplyError, Live};
use crate::tables::TablesError;

pub use replay::catch_up;

pub(crate) use pump::{PumpHandle, Sink, compare, retry, spawn};

/// Events in one page.
const PAGE: u32 = 5_000;
/// Events under one write lock, so that decisions never wait long for the follower.
const SLICE: usize = 512;

/// Why a projection stopped following the log, or could not catch up with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// An event cannot be applied.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The positions or the hash chain do not continue.
    #[error("the chain of the log is broken: {0}")]
    ChainBroken(#[source] LogError),
    /// The projection is ahead of the log: the log was put back to an earlier state. A projection in a
    /// file must then be deleted; it is computed again.
    #[error("the projection is at position {position}, the log ends at {head}")]
    Ahead {
        /// Where the projection is.
        position: Position,
        /// Where the log ends.
        head: Position,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The SQL tables cannot be written.
    #[error(transparent)]
    Tables(#[from] TablesError),
}

/// Starts followers.
#[derive(Debug)]
pub struct Follower;

impl Follower {
    /// Follows `log` on the current tokio runtime, from where `live` is: at once when `head` moves, and
    /// by looking every 250 ms besides, since `head` only knows of this node's own writer.
    ///
    /// The log may fail for a while: it is asked again. An event that cannot follow ends the follower
    /// for good.
    ///
    /// `steady` counts milliseconds from anywhere above 0 and only goes forward: how old the index is must not depend on the time
    /// of day, which jumps.
    #[must_use]
    pub fn spawn(
        log: Arc<dyn EventLog>,
        live: Arc<Live>,
        head: watch::Receiver<Position>,
        steady: Clock,
    ) -> FollowerHandle {
        FollowerHandle {
            pump: pump::spawn(log, LiveSink(live), head, Arc::clone(&steady)),
            steady,
        }
    }
}

/// A running follower.
pub struct FollowerHandle {
    pump: PumpHandle,
    steady: Clock,
}

impl std::fmt::Debug for FollowerHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FollowerHandle").field(&self.pump).finish()
    }
}

impl FollowerHandle {
    /// When the log was last asked and everything that it held was in the index, by the steady clock; 0
    /// before the first time.
    #[must_use]
    pub fn last_heard_ms(&self) -> i64 {
        self.pump.last_heard_ms()
    }

    /// Whether the index is at most `staleness_max_ms` old. If not, answer no decisions from it.
    #[must_use]
    pub fn healthy(&self, staleness_max_ms: u32) -> bool {
        let heard = self.last_heard_ms();
        if heard == 0 {
            return false;
        }
        let age = (self.steady)().abs_diff(heard);
        self.failed().is_none() && age <= u64::from(staleness_max_ms)
    }

    /// Why it stopped for good; the text is for the operator.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.pump.failed()
    }

    /// Stops following and waits for the end.
    pub async fn close(&self) {
        self.pump.close().await;
    }
}

#[derive(Debug)]
struct LiveSink(Arc<Live>);

impl Sink for LiveSink {
    const NAME: &'static str = "access index";
    const PAGE: u32 = PAGE;

    fn position(&self) -> Position {
        self.0.position()
    }

    async fn absorb(&mut self, events: Vec<StoredEvent>, _now_ms: i64) -> Result<(), FollowError> {
        events
            .chunks(SLICE)
            .try_for_each(|slice| check_and_apply(&self.0, slice))
    }
}

fn check_and_apply(live: &Live, events: &[StoredEvent]) -> Result<(), FollowError> {
    let mut check = live.checkpoint();
    let mut sound = events.len();
    let mut broken = Ok(());
    for (index, event) in events.iter().enumerate() {
        if let Err(error) = check.check(event) {
            (sound, broken) = (index, Err(FollowError::ChainBroken(error)));
            break;
        }
    }
    let sound = events.get(..sound).unwrap_or_default();
    live.apply(sound)?;
    broken
}
