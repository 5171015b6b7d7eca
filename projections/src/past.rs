//! The past: an account as it was at a position, from the log.
//!
//! The ground of an account (all of it but its tokens) is folded from the last snapshot before the position, and
//! of its tokens only those that a question is about. So what an answer costs depends neither on how long the
//! log is nor on how many tokens there are.

mod changes;
mod snapshots;
mod trail;

use std::collections::VecDeque;
use std::sync::Arc;

use keyledger_domain::event::Event;
use keyledger_domain::ids::{AccountId, StreamRef, TokenId};
use keyledger_domain::state::{Inconsistency, Recorded, State, Token, evolve};
use keyledger_eventstore::{EventLog, LogError, Position, StoredEvent};
use parking_lot::Mutex;
use sqlx::SqlitePool;

use crate::live::ApplyError;
pub use changes::{At, Changes, TokenChange};
use snapshots::Snapshots;
pub use trail::{Question, Step, Trail};

/// How many events are read at a time.
const PAGE: u32 = 5_000;
/// After how many events of an account's ground a snapshot is kept, unless told otherwise.
const SNAPSHOT_EVENTS: usize = 2_000;
/// How many grounds are held in memory.
const KNOWN_MAX: usize = 16;
/// Why the past cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event cannot be applied.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// More has happened than is gone through.
    #[error("more than {max} events would have to be gone through")]
    TooLong {
        /// The most.
        max: usize,
    },
}

/// An event of the past, decoded.
#[derive(Debug, Clone)]
pub struct PastEvent {
    /// As the log holds it.
    pub stored: StoredEvent,
    /// What happened.
    pub event: Event,
}

impl PastEvent {
    /// Decodes a stored event.
    ///
    /// # Errors
    /// When it does not decode, or is not about the stream that holds it.
    pub fn of(stored: StoredEvent) -> Result<Self, PastError> {
        let event = crate::decode::decode(&stored)?;
        Ok(Self { stored, event })
    }

    /// Folds the event into a state.
    ///
    /// # Errors
    /// When it cannot follow.
    pub fn fold_into(&self, state: &mut State) -> Result<(), PastError> {
        let recorded = Recorded {
            account: self.stored.stream.account,
            version: self.stored.version,
            recorded_at_ms: self.stored.recorded_at_ms,
            event: &self.event,
        };
        let position = self.stored.position;
        evolve(state, &recorded).map_err(|source: Inconsistency| {
            PastError::Apply(ApplyError::Inconsistent { position, source })
        })
    }
}

/// A ground that is known to have been the same from one position through another.
#[derive(Debug, Clone)]
struct Known {
    account: AccountId,
    from: Position,
    through: Position,
    state: Arc<State>,
}

/// The past of a log.
pub struct Past {
    log: Arc<dyn EventLog>,
    snapshots: Option<Snapshots>,
    snapshot_events: usize,
    known: Mutex<VecDeque<Known>>,
    /// Whoever folds; others wait, and find what was folded.
    folding: tokio::sync::Mutex<()>,
}

impl Past {
    /// The past of a log; snapshots are kept in `store`, whose schema is `migrations/sqlite/past`.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, store: Option<SqlitePool>) -> Self {
        Self {
            log,
            snapshots: store.map(Snapshots),
            snapshot_events: SNAPSHOT_EVENTS,
            known: Mutex::new(VecDeque::new()),
            folding: tokio::sync::Mutex::new(()),
        }
    }

    /// The same with a snapshot after so many events of an account's ground.
    #[must_use]
    pub const fn snapshot_every(mut self, events: usize) -> Self {
        self.snapshot_events = events;
        self
    }

    /// An account without its tokens as it was at a position, which the log has reached. Before the account was
    /// made it is empty.
    ///
    /// # Errors
    /// When the log cannot be read, or holds what cannot be.
    pub async fn ground(&self, account: AccountId, at: Position) -> Result<Arc<State>, PastError> {
        if let Some(known) = self.recall(account, at) {
            return Ok(known);
        }
        let _folding = self.folding.lock().await;
        if let Some(known) = self.recall(account, at) {
            return Ok(known);
        }
        let base = self.base(account, at).await;
        let known = self.fold_ground(account, base, at).await?;
        let state = Arc::clone(&known.state);
        self.note(known);
        Ok(state)
    }

    fn recall(&self, account: AccountId, at: Position) -> Option<Arc<State>> {
        let known = self.known.lock();
        let found = known
            .iter()
            .find(|one| one.account == account && (one.from..=one.through).contains(&at));
        found.map(|one| Arc::clone(&one.state))
    }

    fn note(&self, known: Known) {
        let mut all = self.known.lock();
        // What goes on from an entry takes its place.
        all.retain(|one| one.account != known.account || one.from != known.from);
        all.truncate(KNOWN_MAX - 1);
        all.push_front(known);
    }

    /// Where a fold may begin: the later of what the memory and the snapshots hold.
    async fn base(&self, account: AccountId, at: Position) -> Known {
        let remembered = {
            let known = self.known.lock();
            let before = known
                .iter()
                .filter(|one| one.account == account && one.through < at);
            before.max_by_key(|one| one.through).cloned()
        };
        let stored = match &self.snapshots {
            Some(snapshots) => snapshots.find(self.log.as_ref(), account, at).await,
            None => None,
        };
        let stored = stored.map(|(position, state)| Known {
            account,
            from: position,
            through: position,
            state: Arc::new(state),
        });
        let both = remembered.into_iter().chain(stored);
        both.max_by_key(|one| one.through).unwrap_or_else(|| Known {
            account,
            from: Position::ZERO,
            through: Position::ZERO,
            state: Arc::default(),
        })
    }

    async fn fold_ground(
        &self,
        account: AccountId,
        base: Known,
        at: Position,
    ) -> Result<Known, PastError> {
        let mut known = base;
        let mut folded = 0_usize;
        // No page goes past the next snapshot by much.
        let limit = u32::try_from(self.snapshot_events).unwrap_or(PAGE);
        let limit = limit.clamp(1, PAGE);
        loop {
            let page = self
                .log
                .read_ground(account, known.through, at, limit)
                .await?;
            let Some((position, hash)) = page.last().map(|last| (last.position, last.hash)) else {
                known.through = at;
                return Ok(known);
            };
            folded += page.len();
            // Nobody else has it while it is folded, except in the first round.
            let mut state = Arc::unwrap_or_clone(known.state);
            for stored in page {
                PastEvent::of(stored)?.fold_into(&mut state)?;
            }
            if folded >= self.snapshot_events
                && let Some(snapshots) = &self.snapshots
            {
                snapshots.keep(account, position, &hash, &state).await;
                folded = 0;
            }
            known = Known {
                account,
                from: position,
                through: position,
                state: Arc::new(state),
            };
        }
    }

    /// A token as it was at a position, the deleted included; none before it was made.
    ///
    /// # Errors
    /// As [`Past::ground`].
    pub async fn token(
        &self,
        account: AccountId,
        id: TokenId,
        at: Position,
    ) -> Result<Option<Token>, PastError> {
        let stream = StreamRef::token(account, id);
        let mut state = State::default();
        for stored in self.log.read_stream(&stream, Some(at)).await? {
            PastEvent::of(stored)?.fold_into(&mut state)?;
        }
        Ok(state.tokens.remove(&id))
    }

    /// Calls `f` with each event of an account after a position and up to another, in order: all of them, or
    /// those of its ground.
    ///
    /// # Errors
    /// As [`Past::ground`], and what `f` gives.
    pub async fn each<E: From<PastError>>(
        &self,
        account: AccountId,
        tokens_too: bool,
        (after, up_to): (Position, Position),
        mut f: impl FnMut(&PastEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = after;
        while at < up_to {
            // Most events are of tokens: whoever wants those as well reads all there are.
            let page = if tokens_too {
                self.log.read(at, PAGE).await
            } else {
                self.log.read_ground(account, at, up_to, PAGE).await
            };
            let page = page.map_err(PastError::from)?;
            let Some(last) = page.last().map(|last| last.position) else {
                return Ok(());
            };
            let wanted =
                |stored: &StoredEvent| stored.stream.account == account && stored.position <= up_to;
            for stored in page.into_iter().filter(wanted) {
                f(&PastEvent::of(stored)?)?;
            }
            at = last;
        }
        Ok(())
    }

    /// Forgets what memory holds, and the snapshots of these accounts.
    pub async fn forget(&self, accounts: &[AccountId]) {
        let _folding = self.folding.lock().await;
        self.known.lock().clear();
        if let Some(snapshots) = &self.snapshots {
            for account in accounts {
                snapshots.forget(*account).await;
            }
        }
    }
}
