//! The access index: who may do what now, in memory.
//!
//! One lock over everything: a decision takes it for reading for some hundred nanoseconds, the follower
//! for writing once for each slice of events. Members and roles are the domain's own
//! [`State`]; tokens are compact records beside it (`table`), because there may be millions.

mod about;
mod answer;
mod error;
mod grace;
mod index;
mod judge;
mod numbers;
mod reason;
mod shared;
mod slots;
mod snapshot;
mod table;

use std::borrow::Borrow;
use std::time::Duration;

use keyledger_domain::event::Event;
use keyledger_domain::grant::Grant;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::secret::{Pepper, is_well_formed};
use keyledger_domain::state::State;
use keyledger_eventstore::{ChainCheck, Position, StoredEvent};
use parking_lot::RwLock;
use tokio::sync::watch;

pub use answer::{AuthFailure, Caller, DecideFailure};
pub use error::ApplyError;
pub use judge::{Asked, Holder, Judged, Moment, Named, ScopeKind};
pub use reason::Reason;
pub use snapshot::SnapshotError;

use index::Index;
use slots::Slot;

/// The keys under which secrets are digested. Each older one costs an unknown secret one more keyed
/// hash: keep them few.
#[derive(Debug, Clone)]
pub struct Peppers {
    /// New secrets are digested under this one; it is tried first.
    pub current: Pepper,
    /// Those of secrets that were made before it, tried in this order.
    pub older: Vec<Pepper>,
}

impl Peppers {
    /// All of them, in the order in which they are tried.
    pub fn all(&self) -> impl Iterator<Item = &Pepper> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

/// For how many events the processor's cache is filled ahead.
const AHEAD: usize = 64;
/// How many tokens are gone through before the lock is let go.
const GRANTS_UNDER_LOCK_MAX: u32 = 16_384;

/// The access index.
#[derive(Debug)]
pub struct Live {
    peppers: Peppers,
    prefix: String,
    index: RwLock<Index>,
    applied: watch::Sender<Position>,
}

impl Live {
    /// An empty index. `prefix` is what every secret begins with.
    #[must_use]
    pub fn new(peppers: Peppers, prefix: String) -> Self {
        Self {
            peppers,
            prefix,
            index: RwLock::new(Index::default()),
            applied: watch::Sender::new(Position::ZERO),
        }
    }

    /// An empty one that knows secrets as this one does.
    #[must_use]
    pub(crate) fn another(&self) -> Self {
        Self::new(self.peppers.clone(), self.prefix.clone())
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.index.write() = Index::default();
        self.applied.send_replace(Position::ZERO);
    }

    /// Applies the events that follow what was applied before. Readers see all of the slice or none.
    ///
    /// The caller has checked the chain; the positions are checked here again.
    ///
    /// # Errors
    /// At the first event that cannot follow. Those before it stay applied; the index must not be fed
    /// any further, and whoever feeds it says that it is stale.
    pub fn apply(&self, events: &[StoredEvent]) -> Result<(), ApplyError> {
        // Decoded before the lock is taken: it costs most of the work and needs no index.
        let mut decoded: Vec<(&StoredEvent, Event)> = Vec::with_capacity(events.len());
        let mut undecodable = Ok(());
        for stored in events {
            match crate::decode::decode(stored) {
                Ok(event) => decoded.push((stored, event)),
                Err(error) => {
                    undecodable = Err(error);
                    break;
                }
            }
        }
        self.apply_decoded(&decoded).and(undecodable)
    }

    /// [`Live::apply`] for events that are decoded already.
    pub(crate) fn apply_decoded<S: Borrow<StoredEvent>>(
        &self,
        events: &[(S, Event)],
    ) -> Result<(), ApplyError> {
        let (outcome, position) = {
            let mut index = self.index.write();
            let outcome = events.chunks(AHEAD).try_for_each(|chunk| {
                index.warm(chunk.iter().map(|(_, event)| event));
                let mut chunk = chunk.iter();
                chunk.try_for_each(|(stored, event)| index.apply(stored.borrow(), event))
            });
            (outcome, index.position())
        };
        self.applied.send_if_modified(|known| {
            let moved = *known < position;
            *known = position.max(*known);
            moved
        });
        outcome
    }

    /// The last event that was applied.
    #[must_use]
    pub fn position(&self) -> Position {
        *self.applied.borrow()
    }

    /// The last event that was applied, to be watched.
    #[must_use]
    pub fn applied(&self) -> watch::Receiver<Position> {
        self.applied.subscribe()
    }

    /// Where the check of the chain goes on.
    pub(crate) fn checkpoint(&self) -> ChainCheck {
        self.index.read().checkpoint()
    }

    /// Waits until `position` is applied; false when that takes longer than `timeout`.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> bool {
        let mut applied = self.applied.subscribe();
        let reached = applied.wait_for(|known| *known >= position);
        matches!(tokio::time::timeout(timeout, reached).await, Ok(Ok(_)))
    }

    /// The digest of a secret under the pepper of a number; none when there is no such pepper.
    #[must_use]
    pub fn digest(&self, pepper: u32, secret: &str) -> Option<[u8; 32]> {
        let pepper = self.peppers.all().find(|known| known.id() == pepper)?;
        Some(pepper.digest(secret))
    }

    /// Who holds a secret.
    ///
    /// # Errors
    /// Why nobody does, or why the token does not work.
    pub fn authenticate(&self, secret: &str, now_ms: i64) -> Result<Caller, AuthFailure> {
        self.with_holder(secret, now_ms, |index, slot| {
            let account = index.account(slot).ok_or(AuthFailure::Unknown)?;
            account.status(slot, now_ms)?;
            Ok(Caller {
                account: account.id,
                token: slot.id,
                version: i64::from(slot.version),
                grant: slot.grant.clone(),
                expiry_ms: slot.expiry_ms(),
                default_api_version: slot.default_version.get(),
            })
        })
        .unwrap_or_else(Err)
    }

    /// Decides whether the holder of a secret may do `action` on `resource`. Allocates nothing.
    ///
    /// # Errors
    /// Why not.
    pub fn decide(
        &self,
        secret: &str,
        action: &str,
        resource: &Resource<'_>,
        now_ms: i64,
    ) -> Result<TokenId, DecideFailure> {
        self.with_holder(secret, now_ms, |index, slot| {
            index
                .decide(slot, action, resource, now_ms)
                .map(|()| slot.id)
        })
        .unwrap_or_else(|failure| Err(DecideFailure::Auth(failure)))
    }

    /// Decides for a token that was authenticated before. Allocates nothing.
    ///
    /// # Errors
    /// Why not; [`AuthFailure::Unknown`] when the account has no such token.
    pub fn decide_by_id(
        &self,
        account: AccountId,
        token: TokenId,
        action: &str,
        resource: &Resource<'_>,
        now_ms: i64,
    ) -> Result<(), DecideFailure> {
        let index = self.index.read();
        let slot = index
            .token(account, token)
            .ok_or(DecideFailure::Auth(AuthFailure::Unknown))?;
        index.decide(slot, action, resource, now_ms)
    }

    /// Calls `f` with the token of a secret, under the lock.
    fn with_holder<R>(
        &self,
        secret: &str,
        now_ms: i64,
        f: impl FnOnce(&Index, &Slot) -> R,
    ) -> Result<R, AuthFailure> {
        if !is_well_formed(&self.prefix, secret) {
            return Err(AuthFailure::Malformed);
        }
        for pepper in self.peppers.all() {
            // Before the lock: nobody waits for a hash.
            let digest = pepper.digest(secret);
            let index = self.index.read();
            if let Some(slot) = index.holder(&digest, pepper.id(), now_ms) {
                return Ok(f(&index, slot));
            }
        }
        Err(AuthFailure::Unknown)
    }

    /// What a token was given and the version of its stream, unless it is unknown or deleted.
    #[must_use]
    pub fn grant(&self, account: AccountId, token: TokenId) -> Option<(Grant, i64)> {
        let index = self.index.read();
        let slot = index.token(account, token)?;
        Some((slot.grant.clone(), i64::from(slot.version)))
    }

    /// Calls `f` with each token of an account that is not deleted: what it was given, and when it ends, Unix
    /// milliseconds. Other work goes on in between, so tokens that change meanwhile may be seen before or after.
    pub fn each_grant(&self, account: AccountId, mut f: impl FnMut(TokenId, &Grant, Option<i64>)) {
        let mut begin = 0_u32;
        loop {
            let index = self.index.read();
            let end = begin.saturating_add(GRANTS_UNDER_LOCK_MAX);
            let (slots, more) = index.tokens().part(begin..end);
            for (_, slot) in slots {
                if index.account(slot).is_some_and(|found| found.id == account) {
                    f(slot.id, &slot.grant, slot.expiry_ms());
                }
            }
            if !more || end == u32::MAX {
                return;
            }
            begin = end;
        }
    }

    /// Calls `f` with an account's members and roles (it holds no tokens), under the lock: keep it short.
    pub fn with_state<R>(&self, account: AccountId, f: impl FnOnce(&State) -> R) -> Option<R> {
        let index = self.index.read();
        index.state(account).map(f)
    }

    /// The active member with this e-mail, whatever its case, across all accounts.
    #[must_use]
    pub fn find_email(&self, email: &str) -> Option<(AccountId, MemberId)> {
        self.index.read().find_email(email)
    }

    /// All accounts, the oldest first.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        self.index.read().account_ids().collect()
    }

    /// The oldest account, if there is any.
    #[must_use]
    pub fn first_account(&self) -> Option<AccountId> {
        self.index.read().account_ids().next()
    }

    /// How many tokens there are, the deleted ones not counted.
    #[must_use]
    pub fn token_count(&self) -> usize {
        self.index.read().tokens().len()
    }

    /// The bytes that tokens take: records and tables, policies apart.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.index.read().tokens().memory_bytes()
    }
}
