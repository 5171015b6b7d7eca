//! Everything under the lock: accounts with their members and roles, and the tokens.

use hashbrown::HashMap;
use keyledger_domain::event::Event;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::{Inconsistency, Recorded, State, evolve};
use keyledger_eventstore::{ChainCheck, Position, StoredEvent};

use super::answer::{AuthFailure, DecideFailure};
use super::error::ApplyError;
use super::slots::Slot;
use super::snapshot::SnapshotError;
use super::table::TokenTable;

/// An account with its members and roles; its tokens are in the table.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) state: State,
}

impl Account {
    /// Whether a token works, in the order in which the domain asks.
    pub(super) fn status(&self, slot: &Slot, now_ms: i64) -> Result<(), AuthFailure> {
        let removed = slot.grant.kind == TokenKind::Personal
            && self.state.member(slot.grant.member).is_none();
        if removed {
            Err(AuthFailure::Deactivated)
        } else if slot.expires_at_ms <= now_ms {
            Err(AuthFailure::Expired)
        } else {
            Ok(())
        }
    }
}

/// What the events add up to.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) accounts: Vec<Account>,
    numbers: HashMap<AccountId, u32>,
    /// Active members by their e-mail in lower case. The log's claims keep it unique.
    emails: HashMap<String, (AccountId, MemberId)>,
    pub(super) tokens: TokenTable,
    check: ChainCheck,
}

impl Index {
    pub(super) const fn position(&self) -> Position {
        self.check.position
    }

    pub(super) const fn checkpoint(&self) -> ChainCheck {
        self.check
    }

    pub(super) const fn tokens(&self) -> &TokenTable {
        &self.tokens
    }

    #[inline]
    pub(super) fn account(&self, slot: &Slot) -> Option<&Account> {
        self.accounts.get(slot.account as usize)
    }

    pub(super) fn account_ids(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().map(|account| account.id)
    }

    pub(super) fn state(&self, account: AccountId) -> Option<&State> {
        let number = *self.numbers.get(&account)?;
        Some(&self.accounts.get(number as usize)?.state)
    }

    pub(super) fn find_email(&self, email: &str) -> Option<(AccountId, MemberId)> {
        self.emails.get(&email.to_lowercase()).copied()
    }

    /// The token of an id in an account.
    pub(super) fn token(&self, account: AccountId, id: TokenId) -> Option<&Slot> {
        let slot = self.tokens.get(id)?;
        (self.account(slot)?.id == account).then_some(slot)
    }

    /// The token of a digest.
    #[inline]
    pub(super) fn holder(&self, digest: &[u8; 32], pepper: u32, now_ms: i64) -> Option<&Slot> {
        self.tokens.holder(digest, pepper, now_ms)
    }

    /// Decides for a token. Allocates nothing.
    #[inline]
    pub(super) fn decide(
        &self,
        slot: &Slot,
        action: &str,
        resource: &Resource<'_>,
        now_ms: i64,
    ) -> Result<(), DecideFailure> {
        let account = self.account(slot).ok_or(AuthFailure::Unknown)?;
        if slot.expires_at_ms <= now_ms {
            // A removed member says more than an expiry; either way nothing is decided.
            account.status(slot, now_ms)?;
        }
        // It looks for the member of a personal token itself.
        account.state.check(&slot.grant, action, resource)?;
        Ok(())
    }

    /// Looks at the tokens of these events, so that applying them finds them in the processor's cache.
    pub(super) fn warm<'e>(&self, events: impl Iterator<Item = &'e Event>) {
        let versions = events.map(|event| match event {
            Event::TokenUpdated(event) => self.tokens.version(event.id),
            Event::TokenReset(event) => self.tokens.version(event.id),
            Event::TokenDeleted(event) => self.tokens.version(event.id),
            _ => 0,
        });
        // Each look-up waits for memory and none for another one, so the processor does many at a time.
        std::hint::black_box(versions.fold(0, |all, version| all ^ version));
    }

    /// Applies the event that follows.
    pub(super) fn apply(&mut self, stored: &StoredEvent, event: &Event) -> Result<(), ApplyError> {
        let expected = self.check.position.next();
        if stored.position != expected {
            return Err(ApplyError::Gap {
                expected,
                found: stored.position,
            });
        }
        self.fold(stored, event)?;
        self.check = ChainCheck::resume(stored.position, stored.hash);
        Ok(())
    }

    fn fold(&mut self, stored: &StoredEvent, event: &Event) -> Result<(), ApplyError> {
        let number = self.number_of(stored, event)?;
        if matches!(
            event,
            Event::TokenCreated(_)
                | Event::TokenReset(_)
                | Event::TokenUpdated(_)
                | Event::TokenDeleted(_)
        ) {
            return self.tokens.apply(number, stored, event);
        }
        let Some(account) = self.accounts.get_mut(number as usize) else {
            return Err(no_account(stored, event));
        };
        let recorded = Recorded {
            account: account.id,
            version: stored.version,
            recorded_at_ms: stored.recorded_at_ms,
            event,
        };
        let inconsistent = |source| ApplyError::Inconsistent {
            position: stored.position,
            source,
        };
        match event {
            Event::MemberInvited(invited) => {
                evolve(&mut account.state, &recorded).map_err(inconsistent)?;
                let email = invited.email.to_lowercase();
                self.emails.insert(email, (account.id, invited.id));
            }
            Event::MemberRemoved(removed) => {
                let email = account
                    .state
                    .member(removed.id)
                    .map(|m| m.email.to_lowercase());
                evolve(&mut account.state, &recorded).map_err(inconsistent)?;
                let own = Some((account.id, removed.id));
                if let Some(email) = email.filter(|email| self.emails.get(email).copied() == own) {
                    self.emails.remove(&email);
                }
            }
            _ => evolve(&mut account.state, &recorded).map_err(inconsistent)?,
        }
        Ok(())
    }

    /// The number of the event's account, which its first event makes.
    fn number_of(&mut self, stored: &StoredEvent, event: &Event) -> Result<u32, ApplyError> {
        let id = stored.stream.account;
        if let Some(number) = self.numbers.get(&id) {
            return Ok(*number);
        }
        if !matches!(event, Event::AccountCreated(_)) {
            return Err(no_account(stored, event));
        }
        let state = State::default();
        self.push(Account { id, state }).ok_or(ApplyError::Full {
            position: stored.position,
            what: "accounts",
        })
    }

    /// Gives an account a number; none when there are no numbers left.
    fn push(&mut self, account: Account) -> Option<u32> {
        let number = u32::try_from(self.accounts.len()).ok()?;
        self.numbers.insert(account.id, number);
        self.accounts.push(account);
        Some(number)
    }

    /// Takes an account over as a snapshot has it.
    pub(super) fn enter(&mut self, account: Account) -> Result<(), SnapshotError> {
        let id = account.id;
        for member in account.state.members.values() {
            if member.is_active() {
                let email = member.email.to_lowercase();
                self.emails.insert(email, (id, member.id));
            }
        }
        if self.numbers.contains_key(&id) || self.push(account).is_none() {
            return Err(SnapshotError::Inconsistent("an account is there twice"));
        }
        Ok(())
    }

    /// Goes on after the event that a snapshot ends with.
    pub(super) const fn resume(&mut self, check: ChainCheck) {
        self.check = check;
    }
}

fn no_account(stored: &StoredEvent, event: &Event) -> ApplyError {
    ApplyError::Inconsistent {
        position: stored.position,
        source: Inconsistency::Missing {
            event_type: event.type_name(),
            what: format!("account {}", stored.stream.account),
        },
    }
}
