//! Computes the tables anew beside those that are in use, and puts them in their place.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use keyledger_eventstore::{ChainCheck, EventLog, Position};

use super::error::TablesError;
use super::projector::{BATCH, TablesSink};
use super::{generation, open};
use crate::follower::{FollowError, Sink as _, retry};

/// A next generation of the tables while it is computed. If it is dropped, or its process ends, what is computed
/// stays and is gone on from.
pub struct Rebuild {
    path: PathBuf,
    number: u64,
    file: PathBuf,
    begun_at: Position,
    sink: TablesSink,
    /// Held as long as this goes on.
    lock: File,
}

impl Rebuild {
    /// Begins to compute the tables at `path` anew, or goes on where another one ended.
    ///
    /// # Errors
    /// [`TablesError::Storage`] when the file cannot be made, or another process computes it; when the log cannot be
    /// read.
    pub async fn begin(path: &Path, log: &dyn EventLog) -> Result<Self, FollowError> {
        let lock = lock(path)?;
        let (number, file) = generation::next(path)?;
        let found = match open::writable(file.clone()).await {
            // Another program made it, or it is damaged.
            Err(TablesError::Schema { .. } | TablesError::Corrupt(_)) => None,
            Err(error) => return Err(error.into()),
            Ok((files, check)) if is_of(log, &check).await? => Some((files, check)),
            Ok((files, _)) => {
                files.close().await;
                None
            }
        };
        let (files, check) = match found {
            Some(found) => found,
            None => {
                generation::remove(&file);
                open::writable(file.clone()).await?
            }
        };
        Ok(Self {
            path: path.to_owned(),
            number,
            file: file.clone(),
            begun_at: check.position,
            sink: TablesSink::new(open::tables(&file, files, check.position)),
            lock,
        })
    }

    /// The number of the generation; the first one has 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Where this went on; [`Position::ZERO`] when it began at the beginning.
    #[must_use]
    pub const fn begun_at(&self) -> Position {
        self.begun_at
    }

    /// The last event that is in the new tables.
    #[must_use]
    pub fn position(&self) -> Position {
        self.sink.position()
    }

    /// Computes one batch; whether there may be more to do.
    ///
    /// # Errors
    /// When the log cannot be read, holds what cannot follow, or the tables cannot be written.
    pub async fn step(&mut self, log: &dyn EventLog, now_ms: i64) -> Result<bool, FollowError> {
        let events = retry(|| log.read(self.sink.position(), BATCH)).await?;
        let more = events.len() >= BATCH as usize;
        if !events.is_empty() {
            self.sink.absorb(events, now_ms).await?;
        }
        Ok(more)
    }

    /// Puts the new tables in the place of the old ones. A server that is running takes them over by itself, and
    /// goes on with them.
    ///
    /// # Errors
    /// [`TablesError::Storage`] when the files cannot be exchanged; the old ones stay.
    pub async fn swap(self) -> Result<(), TablesError> {
        self.sink.close().await;
        generation::swap(&self.path, &self.file)?;
        drop(self.lock);
        Ok(())
    }
}

/// Whether a cursor is one of this log: the log may have been put back to an earlier state meanwhile.
async fn is_of(log: &dyn EventLog, check: &ChainCheck) -> Result<bool, FollowError> {
    if check.position == Position::ZERO {
        return Ok(true);
    }
    let found = retry(|| log.read_range(check.position, check.position)).await?;
    Ok(found.first().map(|event| event.hash) == Some(check.hash))
}

fn lock(path: &Path) -> Result<File, TablesError> {
    let name = path.with_extension("rebuild.lock");
    let opened = File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&name)
        .map_err(|error| generation::failed(&name, &error))?;
    opened.try_lock().map_err(|_| {
        TablesError::Storage("another process is rebuilding these projections".into())
    })?;
    Ok(opened)
}
