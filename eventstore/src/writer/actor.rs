//! The writer's own task.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Clock, Job, WriterLimits};
use crate::error::{AppendError, LogError, Refused};
use crate::limits;
use crate::log::EventLog;
use crate::model::{Append, Appended, Position};

/// How often one batch is tried: for 1.3 s, in which a database that was restarted is back.
const ATTEMPTS_MAX: u32 = 8;
/// After this long no further try is begun: whoever waits is told rather than kept.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause after the first failed try; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(10);

type Reply = oneshot::Sender<Result<Appended, AppendError>>;

struct Actor {
    log: Arc<dyn EventLog>,
    clock: Clock,
    limits: WriterLimits,
    jobs: mpsc::Receiver<Job>,
    waiting: VecDeque<Job>,
    head: watch::Sender<Position>,
    stopped: watch::Receiver<bool>,
    stopping: bool,
    /// The answers to the batch before.
    answering: Option<JoinHandle<()>>,
}

/// Runs a writer until its queue is closed and empty.
pub(super) async fn run(
    log: Arc<dyn EventLog>,
    clock: Clock,
    limits: WriterLimits,
    jobs: mpsc::Receiver<Job>,
    head: watch::Sender<Position>,
    stopped: watch::Receiver<bool>,
) {
    let mut actor = Actor {
        log,
        clock,
        limits: WriterLimits {
            batch_requests_max: limits
                .batch_requests_max
                .clamp(1, limits::BATCH_REQUESTS_MAX),
            // Leaves room for the one request that may exceed the limit alone.
            batch_bytes_max: limits
                .batch_bytes_max
                .min(limits::BATCH_BYTES_MAX - limits::REQUEST_BYTES_MAX),
            ..limits
        },
        jobs,
        waiting: VecDeque::new(),
        head,
        stopped,
        stopping: false,
        answering: None,
    };
    match actor.log.head().await {
        Ok(head) => actor.publish(head.position),
        // Only a hint is missing; if the log is really away, the first append says so.
        Err(error) => tracing::warn!(%error, "cannot read the log's head"),
    }
    let mut damage: Option<String> = None;
    while let Some((requests, replies)) = actor.next_batch().await {
        if damage.is_none() {
            damage = actor.commit(&requests, replies).await;
        } else if let Some(text) = &damage {
            // INVARIANT: nothing is written to a log that was found damaged.
            answer_all(replies, &AppendError::Corrupt(text.clone()));
        }
    }
    actor.answered().await;
}

fn answer_all(replies: Vec<Reply>, error: &AppendError) {
    for reply in replies {
        // A caller may have stopped waiting.
        let _ = reply.send(Err(error.clone()));
    }
}

impl Actor {
    /// Waits for work, then takes what is there, up to the limits of a batch.
    async fn next_batch(&mut self) -> Option<(Vec<Append>, Vec<Reply>)> {
        let most = self.limits.batch_requests_max;
        // A queue that never runs empty must not hide that it is to be closed.
        if *self.stopped.borrow() {
            self.stop();
        }
        while self.waiting.is_empty() {
            let mut arrived = Vec::new();
            tokio::select! {
                biased;
                _ = self.stopped.changed(), if !self.stopping => self.stop(),
                count = self.jobs.recv_many(&mut arrived, most) => {
                    if count == 0 {
                        return None;
                    }
                    self.waiting.extend(arrived);
                }
            }
        }
        while self.waiting.len() < most
            && let Ok(job) = self.jobs.try_recv()
        {
            self.waiting.push_back(job);
        }
        let mut bytes = 0;
        let (mut requests, mut replies) = (Vec::new(), Vec::new());
        while requests.len() < most
            && let Some(job) = self.waiting.pop_front()
        {
            bytes += job.bytes;
            if bytes > self.limits.batch_bytes_max && !requests.is_empty() {
                self.waiting.push_front(job);
                break;
            }
            requests.push(job.request);
            replies.push(job.reply);
        }
        Some((requests, replies))
    }

    /// Takes no more requests; those that wait are still written.
    fn stop(&mut self) {
        self.stopping = true;
        self.jobs.close();
    }

    /// Writes one batch and sees to its answers; gives back the damage if the log is found damaged.
    async fn commit(&mut self, requests: &[Append], replies: Vec<Reply>) -> Option<String> {
        let now_ms = (self.clock)();
        let mut pause = PAUSE_FIRST;
        // Once true it stays: a later failure does not tell whether the first try was stored.
        let mut unknown = false;
        let mut last = "busy".to_owned();
        let began = Instant::now();
        for attempt in 1..=ATTEMPTS_MAX {
            // After an unknown outcome this finds the events by their ids instead of adding them.
            let error = match self.log.append(requests, now_ms).await {
                Ok(results) => return self.answer(results, replies).await,
                Err(error) => error,
            };
            match &error {
                LogError::Busy(_) => {}
                LogError::OutcomeUnknown(_) => unknown = true,
                LogError::Unavailable(_) if unknown => {}
                LogError::Corrupt { .. } => {
                    let text = error.to_string();
                    tracing::error!(%error, "the log is damaged; the writer has stopped");
                    answer_all(replies, &AppendError::Corrupt(text.clone()));
                    return Some(text);
                }
                _ => {
                    last = error.to_string();
                    break;
                }
            }
            tracing::warn!(%error, attempt, "an append did not go through");
            last = error.to_string();
            if began.elapsed() > PATIENCE {
                break;
            }
            if attempt < ATTEMPTS_MAX {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        let error = if unknown {
            AppendError::OutcomeUnknown
        } else {
            AppendError::Unavailable(last)
        };
        answer_all(replies, &error);
        None
    }

    /// Publishes what a batch reached and has it answered, beside the next batch: its commit does not wait for the answers.
    async fn answer(
        &mut self,
        results: Vec<Result<Appended, Refused>>,
        replies: Vec<Reply>,
    ) -> Option<String> {
        if results.len() != replies.len() {
            let text = format!("{} answers to {} requests", results.len(), replies.len());
            answer_all(replies, &AppendError::Corrupt(text.clone()));
            return Some(text);
        }
        tracing::trace!(requests = results.len(), "batch committed");
        let last = results.iter().flatten().map(|appended| appended.last).max();
        // Before the answers: who has an answer finds the position published.
        self.publish(last.unwrap_or(Position::ZERO));
        // One batch at a time is answered, in the order of the commits.
        self.answered().await;
        self.answering = Some(tokio::spawn(async move {
            // Followers go first: who finds them at the position need not wait a second time.
            tokio::task::yield_now().await;
            for (reply, result) in replies.into_iter().zip(results) {
                let _ = reply.send(result.map_err(AppendError::Refused));
            }
        }));
        None
    }

    /// Waits until the batch before is answered.
    async fn answered(&mut self) {
        if let Some(answering) = self.answering.take() {
            // An error says that the runtime ends, and everybody who waits with it.
            let _answered = answering.await;
        }
    }

    fn publish(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let forward = position > *head;
            if forward {
                *head = position;
            }
            forward
        });
    }
}
