//! Rate limits: who may call how often. All of them count calls in ten seconds, and 0 turns one off.
//!
//! Calls with a credential count for its token, for the account and route, and for the account, in this
//! order: a token that is over its own limit uses up nothing of the others'. Failed credentials and
//! sign-ins have no account, and count for the address they come from.

mod allowance;
#[cfg(test)]
pub(crate) mod fake;
mod recent;
mod source;

use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use keyledger_domain::ids::{AccountId, TokenId};
use poem::http::Method;

pub use allowance::{Spent, Standing, WINDOW_MS};
pub use source::{Email, Source};

use crate::clock::Monotonic;
use crate::config::RateConfig;
use allowance::Allowance;

/// An operation: its method and the pattern of its path.
pub type RouteKey = (Method, Arc<str>);

/// Where a call stands with each limit that it counted for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standings {
    /// All calls of the account.
    pub account: Option<Standing>,
    /// The account's calls of this operation.
    pub route: Option<Standing>,
    /// The token's calls.
    pub token: Option<Standing>,
}

/// The limits of one node.
pub struct Limits<C: Clock<Instant = Duration> = Monotonic> {
    account: Allowance<AccountId, C>,
    route: Allowance<(AccountId, RouteKey), C>,
    token: Allowance<TokenId, C>,
    failures: Allowance<Source, C>,
    sign_ins: Allowance<Source, C>,
    sign_ins_of_email: Allowance<Email, C>,
}

impl<C: Clock<Instant = Duration> + Clone> Limits<C> {
    /// The limits that an operator set.
    pub fn new(config: &RateConfig, clock: &C) -> Self {
        Self {
            account: Allowance::new(config.rate_account, clock.clone()),
            route: Allowance::new(config.rate_route, clock.clone()),
            token: Allowance::new(config.rate_token, clock.clone()),
            failures: Allowance::new(config.rate_failures_per_ip, clock.clone()),
            sign_ins: Allowance::new(config.rate_sign_ins_per_ip, clock.clone()),
            sign_ins_of_email: Allowance::new(config.rate_sign_ins_per_email, clock.clone()),
        }
    }

    /// Counts a call with a credential.
    ///
    /// # Errors
    /// The first limit that is spent. The standings hold it and those that were counted before it.
    pub fn count_call(
        &self,
        account: AccountId,
        token: Option<TokenId>,
        route: RouteKey,
        standings: &mut Standings,
    ) -> Result<(), Spent> {
        if let Some(token) = token {
            standings.token = note(self.token.take(&token), &mut standings.token)?;
        }
        let route = self.route.take(&(account, route));
        standings.route = note(route, &mut standings.route)?;
        standings.account = note(self.account.take(&account), &mut standings.account)?;
        Ok(())
    }

    /// Counts a credential that does not work.
    ///
    /// # Errors
    /// When too many came from there.
    pub fn count_failure(&self, source: Source) -> Result<(), Spent> {
        self.failures.take(&source).map(drop)
    }

    /// Counts an attempt to sign in that names nobody yet.
    ///
    /// # Errors
    /// When too many came from there.
    pub fn count_sign_in_from(&self, source: Source) -> Result<(), Spent> {
        self.sign_ins.take(&source).map(drop)
    }

    /// Counts an attempt to sign in, before the password is looked at.
    ///
    /// # Errors
    /// When too many came from there, or too many were for this e-mail.
    pub fn count_sign_in(&self, source: Source, email: &str) -> Result<(), Spent> {
        self.count_sign_in_from(source)?;
        self.sign_ins_of_email.take(&Email::of(email)).map(drop)
    }
}

/// Keeps the standing of a limit that is spent.
fn note(
    taken: Result<Option<Standing>, Spent>,
    standing: &mut Option<Standing>,
) -> Result<Option<Standing>, Spent> {
    taken.inspect_err(|spent| *standing = Some(spent.standing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fake::FakeClock;

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 12]);
    const OTHER: AccountId = AccountId::from_bytes([2; 12]);
    const TOKEN: TokenId = TokenId::from_bytes([3; 12]);

    fn limits(account: u32, route: u32, token: u32) -> Limits<FakeClock> {
        let config = RateConfig {
            rate_account: account,
            rate_route: route,
            rate_token: token,
            rate_failures_per_ip: 2,
            rate_sign_ins_per_ip: 3,
            rate_sign_ins_per_email: 2,
        };
        Limits::new(&config, &FakeClock::default())
    }

    fn route(path: &str) -> RouteKey {
        (Method::GET, path.into())
    }

    fn remaining(standing: Option<Standing>) -> Option<u32> {
        standing.map(|standing| standing.remaining)
    }

    #[test]
    fn each_limit_counts_its_own() {
        let limits = limits(10, 5, 3);
        let mut standings = Standings::default();
        let mut call = |account, token, path| {
            let outcome = limits.count_call(account, token, route(path), &mut standings);
            let standings = std::mem::take(&mut standings);
            let left = (
                remaining(standings.account),
                remaining(standings.route),
                remaining(standings.token),
            );
            (outcome.is_ok(), left)
        };
        assert_eq!(
            call(ACCOUNT, Some(TOKEN), "/a"),
            (true, (Some(9), Some(4), Some(2)))
        );
        assert_eq!(
            call(ACCOUNT, Some(TOKEN), "/b"),
            (true, (Some(8), Some(4), Some(1)))
        );
        // A sign-in has no token.
        assert_eq!(call(ACCOUNT, None, "/a"), (true, (Some(7), Some(3), None)));
        assert_eq!(
            call(ACCOUNT, Some(TOKEN), "/a"),
            (true, (Some(6), Some(2), Some(0)))
        );
        // What the token's limit refuses, the account does not pay for.
        assert_eq!(
            call(ACCOUNT, Some(TOKEN), "/a"),
            (false, (None, None, Some(0)))
        );
        assert_eq!(call(ACCOUNT, None, "/a"), (true, (Some(5), Some(1), None)));
        assert_eq!(call(OTHER, None, "/a"), (true, (Some(9), Some(4), None)));
    }

    #[test]
    fn limits_that_are_off_say_nothing() {
        let mut standings = Standings::default();
        let limits = limits(0, 0, 0);
        for _ in 0..100 {
            let counted = limits.count_call(ACCOUNT, Some(TOKEN), route("/a"), &mut standings);
            assert_eq!((counted, standings), (Ok(()), Standings::default()));
        }
    }

    #[test]
    fn sign_ins_count_by_address_and_by_email_and_failures_by_themselves() {
        let limits = limits(0, 0, 0);
        let (here, there) = (Source::V4([192, 0, 2, 1]), Source::V4([192, 0, 2, 2]));
        assert!(limits.count_sign_in(here, "a@example.com").is_ok());
        assert!(limits.count_sign_in(there, "A@example.com").is_ok());
        assert!(limits.count_sign_in(there, "a@Example.com").is_err());
        assert!(limits.count_sign_in(there, "b@example.com").is_ok());
        assert!(limits.count_sign_in(there, "c@example.com").is_err());
        assert!(limits.count_failure(there).is_ok());
        assert!(limits.count_failure(there).is_ok());
        assert!(limits.count_failure(there).is_err());
        assert!(limits.count_sign_in(here, "b@example.com").is_ok());
    }
}
