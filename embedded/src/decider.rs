//! The decider: an access index in this process, fed by a server.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use keyledger_domain::policy::{Resource, ResourceError};
use keyledger_eventstore::{Clock, EventLog, Position};
use keyledger_projections::{FollowError, Follower, Judged, Live, Memory, Reason, catch_up};
use tokio::sync::watch;

use crate::config::Config;
use crate::feed::{Feed, FeedError};
use crate::hints;
use crate::remote_log::RemoteLog;
use crate::uses::{self, Uses};

/// Why a decider cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server does not answer, or refuses.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// It went silent while its log was read.
    #[error("there was no word from the server after its log was read")]
    Silent,
    /// Its log cannot be followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
}

/// How long the first word of the server may take, after its log was read.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(2);

/// Why there is no decision.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// It has not heard from the server for too long: it fails closed.
    #[error("there was no word from the server for too long")]
    Stale,
    /// What was asked about is no resource.
    #[error(transparent)]
    Resource(#[from] ResourceError),
}

/// Decides in this process.
#[derive(Debug)]
pub struct Decider {
    memory: Arc<Memory>,
    uses: Arc<Uses>,
}

/// The time of day, for expiry.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place of this crate that looks at the clock"
)]
fn clock() -> Clock {
    Arc::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
    })
}

/// A clock that only goes forward, for the age of what is known.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place of this crate that looks at the clock"
)]
fn steady() -> Clock {
    let start = Instant::now();
    Arc::new(move || {
        let passed = start.elapsed().as_millis();
        // From 1: 0 stands for never.
        i64::try_from(passed).unwrap_or(i64::MAX).saturating_add(1)
    })
}

impl Decider {
    /// Reads the server's log to its end, and follows it from then on, on the current tokio runtime.
    ///
    /// # Errors
    /// When the server cannot be reached, does not know the pepper, or has a log that cannot be followed.
    pub async fn connect(config: Config) -> Result<Self, ConnectError> {
        let feed = Feed::new(&config.server, &config.peppers.current)?;
        // What is wrong with the address or the pepper is said at once and not tried again.
        feed.head(None).await?;
        let log: Arc<dyn EventLog> = Arc::new(RemoteLog(feed.clone()));
        let live = Arc::new(Live::new(config.peppers, config.token_prefix));
        catch_up(log.as_ref(), &live).await?;
        let (head, heard) = watch::channel(live.position());
        let follower = Follower::spawn(log, Arc::clone(&live), heard, steady());
        let uses = Arc::new(Uses::default());
        tokio::spawn(hints::follow(feed.clone(), head));
        tokio::spawn(uses::send(feed, Arc::clone(&uses)));
        let memory = Memory::new(
            live,
            follower,
            clock(),
            config.staleness_max_ms,
            config.wait_max,
        );
        let heard = async {
            while !memory.is_fresh() {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(FIRST_WORD, heard).await.is_err() {
            return Err(ConnectError::Silent);
        }
        Ok(Self {
            memory: Arc::new(memory),
            uses,
        })
    }

    /// Decides whether the holder of a secret may do an action on a resource. A refusal is an answer.
    ///
    /// # Errors
    /// When it has not heard from the server for too long, or when the resource is none.
    pub fn decide(
        &self,
        secret: &str,
        action: &str,
        resource: &str,
    ) -> Result<Judged, DecideError> {
        let resource = Resource::parse(resource)?;
        if !self.memory.is_fresh() {
            return Err(DecideError::Stale);
        }
        let now_ms = self.memory.now_ms();
        let judged = self.memory.live.judge(secret, (action, &resource), now_ms);
        if let Some(holder) = &judged.holder
            && !matches!(judged.reason(), Reason::Expired | Reason::Deactivated)
        {
            self.uses.note(holder, now_ms);
        }
        Ok(judged)
    }

    /// Waits until it knows of a write, whose position the server answered; whether it does in time.
    pub async fn wait_for(&self, position: i64) -> bool {
        self.memory.wait_for(Position::new(position)).await
    }

    /// The same for `wait` at most.
    pub async fn wait_for_at_most(&self, position: i64, wait: Duration) -> bool {
        let position = Position::new(position);
        self.memory.wait_for_at_most(position, wait).await
    }

    /// The last event that it knows of.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.memory.live.position().get()
    }

    /// Whether it has heard from the server within the staleness ceiling.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.memory.is_fresh()
    }

    /// The index with what feeds it, for doors of one's own.
    #[must_use]
    pub const fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// The uses that go back to the server.
    #[must_use]
    pub const fn uses(&self) -> &Arc<Uses> {
        &self.uses
    }
}
