//! The loop that both projections run: read, absorb, sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keyledger_eventstore::{Clock, EventLog, LogError, Position, StoredEvent};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::FollowError;
use crate::tables::TablesError;

/// How often the log is looked at when nothing is heard of it.
const POLL: Duration = Duration::from_millis(250);
/// The first and the longest pause after a failure that may pass.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));
/// Attempts of [`retry`].
const ATTEMPTS: u32 = 6;

/// Where events go.
pub(crate) trait Sink: Send + 'static {
    /// How it is called in the operator's log.
    const NAME: &'static str;
    /// Events in one page.
    const PAGE: u32;

    /// The last event that went in.
    fn position(&self) -> Position;

    /// Called before the log is asked: where events go may have changed. Whether they go anywhere now.
    fn refresh(&mut self) -> impl Future<Output = Result<bool, FollowError>> + Send {
        std::future::ready(Ok(true))
    }

    /// Called when the log has moved, before it is asked: time in which more may come, so that many are taken at once.
    fn gather(&mut self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Checks and applies the events that follow, at most a page.
    fn absorb(
        &mut self,
        events: Vec<StoredEvent>,
        now_ms: i64,
    ) -> impl Future<Output = Result<(), FollowError>> + Send;

    /// Told once that it is fed no more because the loop was asked to end.
    fn left(&mut self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Told once why it is fed no more.
    fn stopped(&mut self, _error: &FollowError) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

#[derive(Debug, Default)]
struct Health {
    last_heard_ms: AtomicI64,
    failed: Mutex<Option<String>>,
}

/// A running loop.
#[derive(Debug)]
pub(crate) struct PumpHandle {
    health: Arc<Health>,
    stop: watch::Sender<bool>,
    /// The loop owns the sender: an error says that it has ended.
    ended: watch::Receiver<()>,
}

impl PumpHandle {
    pub(crate) fn last_heard_ms(&self) -> i64 {
        self.health.last_heard_ms.load(Ordering::Acquire)
    }

    pub(crate) fn failed(&self) -> Option<String> {
        self.health.failed.lock().clone()
    }

    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

/// Starts the loop. It ends when the handle is closed or dropped, or at an error that will not pass.
pub(crate) fn spawn<S: Sink>(
    log: Arc<dyn EventLog>,
    mut sink: S,
    head: watch::Receiver<Position>,
    clock: Clock,
) -> PumpHandle {
    let health = Arc::new(Health::default());
    let (stop, stopped) = watch::channel(false);
    let (running, ended) = watch::channel(());
    let told = Arc::clone(&health);
    tokio::spawn(async move {
        let _running = running;
        match run(&*log, &mut sink, head, stopped, &clock, &told).await {
            Ok(()) => sink.left().await,
            Err(error) => {
                tracing::error!(projection = S::NAME, %error, "stopped following the log");
                *told.failed.lock() = Some(error.to_string());
                sink.stopped(&error).await;
            }
        }
    });
    PumpHandle {
        health,
        stop,
        ended,
    }
}

async fn run<S: Sink>(
    log: &dyn EventLog,
    sink: &mut S,
    mut head: watch::Receiver<Position>,
    mut stopped: watch::Receiver<bool>,
    clock: &Clock,
    health: &Health,
) -> Result<(), FollowError> {
    let mut writer_is_there = true;
    let mut compared = false;
    let mut pause = BACKOFF.0;
    loop {
        head.mark_unchanged();
        let outcome = match compared {
            true => step(log, sink, &head, clock, health).await,
            false => compare(log, sink.position()).await.map(|()| Next::Step),
        };
        compared |= outcome.is_ok();
        let quiet = match outcome {
            Ok(Next::Step) => {
                pause = BACKOFF.0;
                if *stopped.borrow() {
                    return Ok(());
                }
                continue;
            }
            Ok(Next::Wait(quiet)) => {
                pause = BACKOFF.0;
                quiet
            }
            Err(error) if is_passing(&error) => {
                tracing::warn!(projection = S::NAME, %error, "following the log again soon");
                tokio::select! {
                    // In this order, so that a simulation with the same seed is the same.
                    biased;
                    () = stop(&mut stopped) => return Ok(()),
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(BACKOFF.1);
                continue;
            }
            Err(error) => return Err(error),
        };
        tokio::select! {
            biased;
            () = stop(&mut stopped) => return Ok(()),
            moved = head.changed(), if writer_is_there => {
                writer_is_there = moved.is_ok();
                tokio::select! {
                    biased;
                    () = stop(&mut stopped) => {}
                    () = sink.gather() => {}
                }
            }
            () = tokio::time::sleep(quiet) => {}
        }
    }
}

/// Checks once, at start, that the log reaches as far as what was read from it before.
pub(crate) async fn compare(log: &dyn EventLog, position: Position) -> Result<(), FollowError> {
    let head = log.head().await?.position;
    if head < position {
        return Err(FollowError::Ahead { position, head });
    }
    Ok(())
}

/// What comes after a step.
enum Next {
    /// Another one: there may be more.
    Step,
    /// Another one when something is heard of the log, or after this time without.
    Wait(Duration),
}

/// Reads and absorbs one page.
async fn step<S: Sink>(
    log: &dyn EventLog,
    sink: &mut S,
    head: &watch::Receiver<Position>,
    clock: &Clock,
    health: &Health,
) -> Result<Next, FollowError> {
    // Taken before the log is asked: what is recorded after it was asked is not known.
    let asked_ms = clock();
    if !sink.refresh().await? {
        return Ok(Next::Wait(POLL));
    }
    if let Some(left) = heard_lately(health, asked_ms) {
        let events = log.read_recent(sink.position(), S::PAGE).await?;
        let full = events.len() >= S::PAGE as usize;
        if !events.is_empty() {
            sink.absorb(events, asked_ms).await?;
            // Others may have written as well: then their hint leads further than this.
            let more = full || *head.borrow() > sink.position();
            return Ok(if more { Next::Step } else { Next::Wait(left) });
        }
    }
    let events = log.read(sink.position(), S::PAGE).await?;
    let full = events.len() >= S::PAGE as usize;
    if !events.is_empty() {
        sink.absorb(events, asked_ms).await?;
    }
    if !full {
        health.last_heard_ms.store(asked_ms, Ordering::Release);
        return Ok(Next::Wait(POLL));
    }
    Ok(Next::Step)
}

/// For how long what this process appends may still be taken without asking the log itself; none when it is to be asked now.
///
/// INVARIANT: what is at hand says nothing about others' events, so it never counts as having heard of the log.
fn heard_lately(health: &Health, now_ms: i64) -> Option<Duration> {
    let heard = health.last_heard_ms.load(Ordering::Acquire);
    let age = Duration::from_millis(now_ms.abs_diff(heard));
    POLL.checked_sub(age)
        .filter(|left| heard != 0 && !left.is_zero())
}

/// Ends when the loop shall end, also because its handle is gone.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    let _asked = stopped.wait_for(|stop| *stop).await;
}

/// Whether an error may pass by itself.
fn is_passing(error: &FollowError) -> bool {
    match error {
        FollowError::Log(error) => log_is_passing(error),
        FollowError::Tables(TablesError::Storage(_) | TablesError::Conflict) => true,
        _ => false,
    }
}

fn log_is_passing(error: &LogError) -> bool {
    matches!(
        error,
        LogError::Busy(_) | LogError::Unavailable(_) | LogError::OutcomeUnknown(_)
    )
}

/// Asks the log, several times if its failure may pass.
pub(crate) async fn retry<T, F: Future<Output = Result<T, LogError>>>(
    ask: impl Fn() -> F,
) -> Result<T, LogError> {
    let mut pause = BACKOFF.0;
    for _ in 1..ATTEMPTS {
        match ask().await {
            Err(error) if log_is_passing(&error) => {
                tracing::warn!(%error, "asking the log again soon");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(BACKOFF.1);
            }
            outcome => return outcome,
        }
    }
    ask().await
}
