//! The thread that writes decisions down.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

use super::{Entry, Shared};

/// The tables.
pub const SCHEMA: &str = include_str!("../../../migrations/sqlite/decisions/0001_decisions.sql");
/// How many decisions are written in one transaction.
const BATCH_MAX: usize = 10_000;
/// How long a decision waits for others before they are written.
const GATHER: Duration = Duration::from_millis(200);
/// How long other writers of the file are waited for.
const BUSY: Duration = Duration::from_secs(2);

/// The file, open for writing.
pub(super) struct File {
    connection: Connection,
    rows_max: u32,
}

impl File {
    pub(super) fn open(path: &Path, rows_max: u32) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        // What the last moments before a power cut decided may be lost.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(Self {
            connection,
            rows_max,
        })
    }

    fn write(&mut self, batch: &[Entry], dropped: u64, now_ms: i64) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(include_str!("insert.sql"))?;
            for entry in batch {
                let holder = entry.holder.as_ref();
                let member = holder.map(|holder| holder.member).or(entry.member);
                let asked = entry.asked.as_ref();
                insert.execute(params![
                    entry.id,
                    entry.at_ms,
                    entry.door,
                    holder.map(|holder| holder.account.to_string()),
                    holder.map(|holder| holder.token.to_string()),
                    member.map(|member| member.to_string()),
                    holder.map(|holder| holder.kind_word()),
                    holder.map(|holder| holder.scope.word()),
                    asked.map(|(action, _)| action),
                    asked.map(|(_, resource)| resource),
                    entry.allowed,
                    entry.reason,
                    entry.layer,
                    entry.position.get(),
                ])?;
            }
        }
        if dropped > 0 {
            let counted = i64::try_from(dropped).unwrap_or(i64::MAX);
            transaction.execute(include_str!("drop.sql"), params![now_ms, counted])?;
        }
        transaction.execute(include_str!("trim.sql"), params![self.rows_max])?;
        transaction.commit()
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a thread of its own, on which no runtime waits"
)]
fn pause() {
    std::thread::sleep(GATHER);
}

/// Writes until it is told to stop and nothing is left.
pub(super) fn run(mut file: File, entries: &Receiver<Entry>, shared: &Shared) {
    let clock = crate::clock::system();
    let mut batch = Vec::new();
    loop {
        let stopping = shared.stop.load(Ordering::Acquire);
        match entries.recv_timeout(GATHER) {
            Ok(first) => {
                batch.push(first);
                // Those that come in the meantime share the transaction.
                if !stopping {
                    pause();
                }
                batch.extend(entries.try_iter().take(BATCH_MAX - 1));
            }
            Err(RecvTimeoutError::Timeout) if !stopping => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                save(&mut file, &mut batch, shared, &clock);
                return;
            }
        }
        save(&mut file, &mut batch, shared, &clock);
    }
}

fn save(
    file: &mut File,
    batch: &mut Vec<Entry>,
    shared: &Shared,
    clock: &keyledger_eventstore::Clock,
) {
    let dropped = shared.dropped.swap(0, Ordering::Relaxed);
    if batch.is_empty() && dropped == 0 {
        return;
    }
    if let Err(error) = file.write(batch, dropped, clock()) {
        let lost = dropped + batch.len() as u64;
        tracing::warn!(%error, lost, "decisions could not be written down");
        shared.dropped.fetch_add(lost, Ordering::Relaxed);
        pause();
    } else if dropped > 0 {
        tracing::warn!(
            dropped,
            "decisions were not written down: there were too many at once"
        );
    }
    batch.clear();
}
