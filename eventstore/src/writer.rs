//! The batching writer: one commit carries whatever queued while the last one ran.
//!
//! There is no timer. At low load a request waits for one commit; load itself makes batches large,
//! so throughput is batch size times commits a second. Nobody may wait without bound: a full queue
//! answers [`AppendError::Overloaded`] at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::error::AppendError;
use crate::limits;
use crate::log::EventLog;
use crate::model::{Append, Appended, Position};

mod actor;

/// Reads the time: milliseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Bytes that may wait in a queue, beside the number of requests.
const QUEUE_BYTES_MAX: usize = 64 << 20;

/// How much may wait and how much goes into one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterLimits {
    /// Requests that may wait; at least 1.
    pub queue_max: usize,
    /// Requests in one commit; 1 to
    /// [`BATCH_REQUESTS_MAX`](crate::limits::BATCH_REQUESTS_MAX).
    pub batch_requests_max: usize,
    /// Bytes in one commit; a request that is larger alone goes alone.
    pub batch_bytes_max: usize,
}

impl Default for WriterLimits {
    fn default() -> Self {
        Self {
            queue_max: 1_024,
            batch_requests_max: 256,
            batch_bytes_max: 1 << 20,
        }
    }
}

/// One waiting request.
struct Job {
    request: Append,
    bytes: usize,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
    /// Its share of the queue's bytes, given back when its batch begins.
    _room: OwnedSemaphorePermit,
}

/// Starts writers.
#[derive(Debug)]
pub struct Writer;

impl Writer {
    /// Starts a writer on the current tokio runtime.
    ///
    /// It ends when the last handle is dropped or [`WriterHandle::close`] is called, after it has
    /// written what was queued.
    #[must_use]
    pub fn spawn(log: Arc<dyn EventLog>, clock: Clock, limits: WriterLimits) -> WriterHandle {
        let (queue, jobs) = mpsc::channel(limits.queue_max.max(1));
        let (head_sender, head) = watch::channel(Position::ZERO);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(actor::run(log, clock, limits, jobs, head_sender, stopped));
        WriterHandle {
            queue,
            room: Arc::new(Semaphore::new(QUEUE_BYTES_MAX)),
            head,
            stop: Arc::new(stop),
        }
    }
}

/// A way to the writer; cheap to clone.
#[derive(Debug, Clone)]
pub struct WriterHandle {
    queue: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
    head: watch::Receiver<Position>,
    stop: Arc<watch::Sender<bool>>,
}

impl WriterHandle {
    /// Appends one request and waits until it is durable.
    ///
    /// A caller that stops waiting does not take its request back.
    ///
    /// # Errors
    ///
    /// See [`AppendError`].
    pub async fn append(&self, request: Append) -> Result<Appended, AppendError> {
        limits::check(&request)?;
        let bytes = limits::bytes_of(&request);
        // INVARIANT: a checked request is at most REQUEST_BYTES_MAX, far below u32::MAX.
        let share = u32::try_from(bytes).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(share) else {
            return Err(AppendError::Overloaded);
        };
        let (reply, answer) = oneshot::channel();
        let job = Job {
            request,
            bytes,
            reply,
            _room: room,
        };
        self.queue.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => AppendError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => {
                AppendError::Unavailable("the writer is closed".to_owned())
            }
        })?;
        // The writer answers every job; it went away in the middle if it does not.
        answer.await.unwrap_or(Err(AppendError::OutcomeUnknown))
    }

    /// The last position that this writer committed or found when it started: a hint for
    /// followers, who rely on reading by position.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<Position> {
        self.head.clone()
    }

    /// Takes no more requests, writes those that wait, and returns when the writer has ended.
    pub async fn close(&self) {
        self.stop.send_replace(true);
        // The writer owns the sender: an error says that it has ended.
        let mut head = self.head.clone();
        while head.changed().await.is_ok() {}
    }
}
