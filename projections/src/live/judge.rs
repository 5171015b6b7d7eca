//! Decisions with everything that an answer says: who, why, and as of which position.

use std::ops::Range;

use keyledger_domain::grant::{Grant, ScopeGrant};
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::secret::is_well_formed;
use keyledger_domain::state::State;
use keyledger_eventstore::Position;

use super::Live;
use super::answer::{AuthFailure, DecideFailure};
use super::index::Index;
use super::slots::Slot;

/// How a token's scope was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// A built-in role.
    Role,
    /// Custom roles, as they are now.
    CustomRoles,
    /// Policies by value: in-line, or custom roles as they were when a service token was made.
    Policy,
}

impl ScopeKind {
    /// How a scope was given.
    #[must_use]
    pub const fn of(scope: &ScopeGrant) -> Self {
        match scope {
            ScopeGrant::BuiltIn(_) => Self::Role,
            ScopeGrant::CustomRoles(_) => Self::CustomRoles,
            ScopeGrant::Policies(_) => Self::Policy,
        }
    }
}

/// The token that a question is about. Small and without a heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub account: AccountId,
    /// The token.
    pub token: TokenId,
    /// Who made it.
    pub member: MemberId,
    /// Personal or service.
    pub kind: TokenKind,
    /// How its scope was given.
    pub scope: ScopeKind,
    /// When it ends by itself, Unix milliseconds.
    pub expiry_ms: Option<i64>,
}

impl Holder {
    fn of(index: &Index, slot: &Slot) -> Option<Self> {
        Some(Self {
            account: index.account(slot)?.id,
            token: slot.id,
            member: slot.grant.member,
            kind: slot.grant.kind,
            scope: ScopeKind::of(&slot.grant.scope),
            expiry_ms: slot.expiry_ms(),
        })
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The token, where there is one.
    pub holder: Option<Holder>,
    /// Allowed, or why not.
    pub outcome: Result<(), DecideFailure>,
    /// The last event that the answer knows of.
    pub position: Position,
}

impl Judged {
    const fn nobody(failure: AuthFailure, position: Position) -> Self {
        Self {
            holder: None,
            outcome: Err(DecideFailure::Auth(failure)),
            position,
        }
    }
}

/// What a question is asked of a token.
pub type Asked<'a> = (&'a str, &'a Resource<'a>);

/// A token as a question names it, ready to be looked up: hashed already.
#[derive(Debug, Clone)]
pub enum Named {
    /// By something that no secret looks like.
    Malformed,
    /// By its secret, digested under each pepper.
    Secret(Vec<(u32, [u8; 32])>),
    /// By its id.
    Id(AccountId, TokenId),
}

/// The index at one moment: all its answers are as of one position. It holds the lock, so keep it short.
#[derive(Debug)]
pub struct Moment<'a> {
    index: &'a Index,
    now_ms: i64,
}

impl Moment<'_> {
    /// The last event that is known.
    #[must_use]
    pub fn position(&self) -> Position {
        self.index.position()
    }

    /// An account's members and roles; it holds no tokens.
    #[must_use]
    pub fn state(&self, account: AccountId) -> Option<&State> {
        self.index.state(account)
    }

    /// What a token was given.
    #[must_use]
    pub fn grant(&self, named: &Named) -> Option<&Grant> {
        self.find(named).ok().map(|slot| &slot.grant)
    }

    /// The tokens of an account among those with the numbers in `range` that work and may do what is asked, each with
    /// its number, and whether there may be more after these. Goes through all numbers in the range: keep it short.
    #[must_use]
    pub fn tokens_that_may(
        &self,
        account: AccountId,
        range: Range<u32>,
        (action, resource): Asked<'_>,
    ) -> (Vec<(u32, TokenId)>, bool) {
        let (slots, more) = self.index.tokens().part(range);
        let mut found = Vec::new();
        for (number, slot) in slots {
            let Some(theirs) = self.index.account(slot).filter(|found| found.id == account) else {
                continue;
            };
            let may = theirs.status(slot, self.now_ms).is_ok()
                && self
                    .index
                    .decide(slot, action, resource, self.now_ms)
                    .is_ok();
            if may {
                found.push((number, slot.id));
            }
        }
        (found, more)
    }

    fn find(&self, named: &Named) -> Result<&Slot, AuthFailure> {
        match named {
            Named::Malformed => Err(AuthFailure::Malformed),
            Named::Id(account, token) => {
                let found = self.index.token(*account, *token);
                found.ok_or(AuthFailure::Unknown)
            }
            Named::Secret(digests) => {
                let mut found = digests
                    .iter()
                    .filter_map(|(id, digest)| self.index.holder(digest, *id, self.now_ms));
                found.next().ok_or(AuthFailure::Unknown)
            }
        }
    }

    /// Decides. Allocates nothing.
    #[must_use]
    pub fn judge(&self, named: &Named, (action, resource): Asked<'_>) -> Judged {
        match self.find(named) {
            Ok(slot) => judge(self.index, slot, (action, resource), self.now_ms),
            Err(failure) => Judged::nobody(failure, self.position()),
        }
    }

    /// Whether a token works, whatever it may do.
    #[must_use]
    pub fn status(&self, named: &Named) -> Judged {
        match self.find(named) {
            Ok(slot) => {
                let account = self.index.account(slot).ok_or(AuthFailure::Unknown);
                let status = account.and_then(|account| account.status(slot, self.now_ms));
                Judged {
                    holder: Holder::of(self.index, slot),
                    outcome: status.map_err(DecideFailure::Auth),
                    position: self.position(),
                }
            }
            Err(failure) => Judged::nobody(failure, self.position()),
        }
    }
}

fn judge(index: &Index, slot: &Slot, (action, resource): Asked<'_>, now_ms: i64) -> Judged {
    Judged {
        holder: Holder::of(index, slot),
        outcome: index.decide(slot, action, resource, now_ms),
        position: index.position(),
    }
}

impl Live {
    /// Decides whether the holder of a secret may do an action on a resource. Allocates nothing.
    #[must_use]
    pub fn judge(&self, secret: &str, asked: Asked<'_>, now_ms: i64) -> Judged {
        self.with_holder(secret, now_ms, |index, slot| {
            judge(index, slot, asked, now_ms)
        })
        .unwrap_or_else(|failure| Judged::nobody(failure, self.position()))
    }

    /// A secret, ready to be looked up.
    #[must_use]
    pub fn named(&self, secret: &str) -> Named {
        if !is_well_formed(&self.prefix, secret) {
            return Named::Malformed;
        }
        let peppers = self.peppers.all();
        let digests = peppers.map(|pepper| (pepper.id(), pepper.digest(secret)));
        Named::Secret(digests.collect())
    }

    /// Calls `f` with the index at one moment, under the lock.
    pub fn at_once<R>(&self, now_ms: i64, f: impl FnOnce(&Moment<'_>) -> R) -> R {
        let index = self.index.read();
        f(&Moment {
            index: &index,
            now_ms,
        })
    }
}
