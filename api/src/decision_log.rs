//! The decision log: which decisions were asked for, for analysts.
//!
//! A decision is noted in memory, without I/O and without waiting, and a thread of its own writes what was noted to a file
//! of its own. Where more come than it can write they are dropped and counted; no caller ever waits.

mod days;
mod entry;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use keyledger_domain::ids::AccountId;
use parking_lot::Mutex;

use crate::config::{DecisionLogConfig, WHOLE};
use crate::side_file::{self, SideFileError};

pub use days::Day;
pub use entry::Entry;
pub use writer::SCHEMA;

/// The decisions that wait to be written.
const QUEUE_MAX: usize = 65_536;

/// Where decisions are noted.
#[derive(Debug, Default)]
pub struct DecisionLog {
    /// The parts of allowed and of refused decisions that are noted, in millionths.
    allowed: u32,
    denied: u32,
    queue: Option<SyncSender<Entry>>,
    path: Option<PathBuf>,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread and those who note share.
#[derive(Debug, Default)]
struct Shared {
    /// Those that were not written and are not counted in the file yet.
    dropped: AtomicU64,
    stop: AtomicBool,
}

impl DecisionLog {
    /// Opens the log, unless nothing is to be written.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(config: &DecisionLogConfig, path: &Path) -> Result<Self, SideFileError> {
        let (allowed, denied) = (config.decision_log_allowed.0, config.decision_log_denied.0);
        if allowed == 0 && denied == 0 {
            return Ok(Self::default());
        }
        side_file::open(path, writer::SCHEMA).await?.close().await;
        let file = writer::File::open(path, config.decision_log_rows_max)
            .map_err(std::io::Error::other)?;
        let (queue, entries) = sync_channel(QUEUE_MAX);
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("decision-log".to_owned())
            .spawn(move || writer::run(file, &entries, &theirs))?;
        Ok(Self {
            allowed,
            denied,
            queue: Some(queue),
            path: Some(path.to_owned()),
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Whether the decision of this number in its process is noted.
    #[must_use]
    pub fn takes(&self, allowed: bool, number: u64) -> bool {
        let part = if allowed { self.allowed } else { self.denied };
        match part {
            0 => false,
            WHOLE => true,
            part => mixed(number) % u64::from(WHOLE) < u64::from(part),
        }
    }

    /// Notes a decision.
    pub fn note(&self, entry: Entry) {
        let Some(queue) = &self.queue else {
            return;
        };
        if queue.try_send(entry).is_err() {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many decisions about an account's tokens were noted on each day since a moment, Unix milliseconds; none where
    /// none are noted.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn days(
        &self,
        account: AccountId,
        since_ms: i64,
    ) -> Result<Option<Vec<Day>>, SideFileError> {
        let Some(path) = self.path.clone() else {
            return Ok(None);
        };
        let account = account.to_string();
        let read = move || days::days(&path, &account, since_ms).map_err(std::io::Error::other);
        let days = tokio::task::spawn_blocking(read).await;
        Ok(Some(days.map_err(std::io::Error::other)??))
    }

    /// Writes what was noted and ends.
    pub async fn close(&self) {
        self.shared.stop.store(true, Ordering::Release);
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            let _it_may_have_panicked =
                tokio::task::spawn_blocking(move || thread.join().is_ok()).await;
        }
    }
}

/// Numbers that follow each other, spread evenly (the finalizer of `SplitMix64`).
const fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_taken_evenly() {
        let log = DecisionLog {
            allowed: 10_000,
            denied: WHOLE,
            ..DecisionLog::default()
        };
        let taken = (0..1_000_000)
            .filter(|number| log.takes(true, *number))
            .count();
        assert!(
            (9_500..10_500).contains(&taken),
            "{taken} of a million at 1 %"
        );
        assert!((0..1_000).all(|number| log.takes(false, number)));
        let none = DecisionLog::default();
        assert!((0..1_000).all(|number| !none.takes(true, number) && !none.takes(false, number)));
    }
}
