//! Snapshots of the access index in a file, and the task that keeps one.
//!
//! A node starts from the last snapshot and the events after it. The task that makes the next one has an index of its own,
//! which it takes from the last one and the log as a start does: decisions never wait for it. The file says who people are
//! and holds digests of secrets, as the log does; it is readable by its owner only, and is overwritten when somebody is
//! erased.

use std::fs;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyledger_eventstore::{EventLog, Position};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::follower::{FollowError, catch_up};
use crate::live::{Live, SnapshotError};

/// What a file begins with, before the digest of the rest.
const MAGIC: &[u8; 16] = b"keyledger index\n";
/// The largest file that is read, in bytes: some 80 million tokens.
const BYTES_MAX: u64 = 8 << 30;
/// How often it is looked whether a new one is due.
const LOOK: Duration = Duration::from_secs(10);
/// Bytes that are overwritten at a time.
const ZEROS: usize = 1 << 20;

/// Why there is no snapshot. It costs a replay and nothing else.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFileError {
    /// The file cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The index cannot be written as bytes, or the bytes are no index.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The file is something else, or was changed.
    #[error("it is none, or damaged")]
    Damaged,
    /// The log has another event where it ends.
    #[error("it is of another log")]
    AnotherLog,
    /// The log cannot be followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, SnapshotFileError> {
    let mut file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    if file.metadata()?.len() > BYTES_MAX {
        return Err(SnapshotFileError::Damaged);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let head = bytes.split_first_chunk::<16>();
    let rest = head.and_then(|(magic, rest)| (magic == MAGIC).then_some(rest));
    let parts = rest.and_then(|rest| rest.split_first_chunk::<32>());
    let sound = parts.is_some_and(|(digest, body)| Sha256::digest(body).as_slice() == digest);
    if !sound {
        return Err(SnapshotFileError::Damaged);
    }
    bytes.drain(..MAGIC.len() + 32);
    Ok(Some(bytes))
}

fn write(path: &Path, body: &[u8]) -> io::Result<()> {
    // Beside it and moved into place: there is the old one or the new one.
    let beside = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(MAGIC)?;
    file.write_all(&Sha256::digest(body))?;
    file.write_all(body)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// Overwrites a snapshot and removes it, if there is one: it may name somebody who was erased.
///
/// # Errors
/// When it cannot be overwritten or removed.
pub fn discard(path: &Path) -> io::Result<()> {
    for path in [path.to_owned(), path.with_extension("new")] {
        let mut file = match fs::OpenOptions::new().write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        let mut left = file.metadata()?.len();
        file.rewind()?;
        let zeros = vec![0; ZEROS];
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(ZEROS).min(ZEROS);
            file.write_all(zeros.get(..part).unwrap_or_default())?;
            left -= part as u64;
        }
        file.sync_all()?;
        fs::remove_file(&path)?;
    }
    Ok(())
}

async fn load(
    log: &dyn EventLog,
    live: &Arc<Live>,
    path: &Path,
) -> Result<Position, SnapshotFileError> {
    let (target, file) = (Arc::clone(live), path.to_owned());
    let loaded = tokio::task::spawn_blocking(move || {
        let Some(bytes) = read(&file)? else {
            return Ok(false);
        };
        target.take_over(&bytes)?;
        Ok::<_, SnapshotFileError>(true)
    });
    if !loaded.await.map_err(io::Error::other)?? {
        return Ok(Position::ZERO);
    }
    let check = live.checkpoint();
    let event = log.read_range(check.position, check.position).await;
    let event = event.map_err(FollowError::Log)?;
    if event.first().map(|event| event.hash) == Some(check.hash) {
        return Ok(check.position);
    }
    Err(SnapshotFileError::AnotherLog)
}

/// Brings an empty index up to the end of the log, from the snapshot at `path` if there is a good one, else from the
/// beginning. Gives back where it began.
///
/// # Errors
/// As [`catch_up`]. A snapshot that is no good is thrown away and said so, and is no error.
pub async fn start_from(
    log: &dyn EventLog,
    live: &Arc<Live>,
    path: &Path,
) -> Result<Position, FollowError> {
    let from = match load(log, live, path).await {
        Ok(position) => position,
        Err(reason) => {
            tracing::warn!(%reason, "the snapshot of the index is thrown away; the whole log is read");
            live.clear();
            let file = path.to_owned();
            if let Ok(Err(error)) = tokio::task::spawn_blocking(move || discard(&file)).await {
                tracing::warn!(%error, "it cannot be removed");
            }
            Position::ZERO
        }
    };
    catch_up(log, live).await?;
    Ok(from)
}

/// Makes a new snapshot at `path`, from the last one there and the log, in an index of its own that knows secrets as `like`
/// does; gives back where it ends.
///
/// # Errors
/// When the log cannot be followed or the file not be written; then the last one is still there, if it was good.
pub async fn keep(
    log: &dyn EventLog,
    like: &Live,
    path: &Path,
) -> Result<Position, SnapshotFileError> {
    let live = Arc::new(like.another());
    start_from(log, &live, path).await?;
    let position = live.position();
    let path = path.to_owned();
    let written = tokio::task::spawn_blocking(move || {
        let body = live.to_bytes()?;
        write(&path, &body)?;
        Ok::<_, SnapshotFileError>(())
    });
    written.await.map_err(io::Error::other)??;
    Ok(position)
}

/// Keeps a snapshot not too far behind.
#[derive(Debug)]
pub struct Snapshots {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Snapshots {
    /// Makes a snapshot at `path` whenever `live` is `every` events past the last one, which was at `last`. `erasures`
    /// counts the erasures that were seen since this node was started, also in the events after the last snapshot; after
    /// one the file is thrown away at once and made anew.
    #[must_use]
    pub fn spawn(
        log: Arc<dyn EventLog>,
        live: Arc<Live>,
        path: PathBuf,
        (every, last): (u32, Position),
        erasures: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let (mut last, mut erased) = (last, 0);
            loop {
                let now = erasures();
                if now != erased {
                    (erased, last) = (now, Position::ZERO);
                    let file = path.clone();
                    let gone = tokio::task::spawn_blocking(move || discard(&file)).await;
                    if let Ok(Err(error)) = gone {
                        tracing::error!(%error, "a snapshot that names somebody who was erased cannot be removed");
                    }
                }
                if live.position().get() - last.get() >= i64::from(every) {
                    match keep(log.as_ref(), &live, &path).await {
                        Ok(position) => {
                            tracing::info!(%position, "a snapshot of the index is kept");
                            last = position;
                        }
                        Err(error) => tracing::warn!(%error, "no snapshot of the index is kept"),
                    }
                }
                let stopped = tokio::time::timeout(LOOK, stopped.wait_for(|stop| *stop));
                if stopped.await.is_ok() {
                    return;
                }
            }
        });
        Self { task, stop }
    }

    /// Makes no more. One that is being made is given up.
    pub fn close(&self) {
        self.stop.send_replace(true);
        self.task.abort();
    }
}
