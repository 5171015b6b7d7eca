//! Who asks: somebody trusted to ask about the tokens of their account, or a token that asks about itself.

use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::Resource;
use keyledger_projections::{AuthFailure, DecideFailure};
use poem::Request;

use super::{ACTION, Behind, Doors};
use crate::auth::{Caller, bearer, failure};
use crate::error::ApiError;
use crate::http::count_failure;
use crate::limits::Source;

/// Whoever asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asker<'a> {
    /// A token, by its secret, not looked up yet.
    Token {
        /// The secret.
        secret: &'a str,
        /// Where the request came from.
        source: Source,
    },
    /// A member who is signed in.
    SignedIn(&'a Caller),
}

impl Doors {
    /// Whoever sent a request, by the token in `Authorization`.
    ///
    /// # Errors
    /// 401 when there is none, 429 when that address came without one too often.
    pub(super) fn asker<'a>(&self, request: &'a Request) -> Result<Asker<'a>, ApiError> {
        let source = Source::of(request);
        let secret = bearer(request.headers()).and_then(|secret| {
            secret.ok_or_else(|| ApiError::unauthorized("Invalid access token: none was sent"))
        });
        match secret {
            Ok(secret) => Ok(Asker::Token { secret, source }),
            Err(error) => Err(self.counted(source, error)),
        }
    }

    /// The account whose tokens the asker may ask about.
    ///
    /// # Errors
    /// 401 when the credential does not work, 429 when too many of that address do not, 403 when it may not ask.
    pub(super) fn trusted(&self, asker: Asker<'_>) -> Result<AccountId, ApiError> {
        match asker {
            Asker::Token { secret, source } => self.trusted_token(secret, source),
            Asker::SignedIn(caller) => {
                caller.actor_now(self.server("a session")?, |_, actor| {
                    actor.require(ACTION, "acct")
                })??;
                Ok(caller.account())
            }
        }
    }

    fn trusted_token(&self, secret: &str, source: Source) -> Result<AccountId, ApiError> {
        let acct = Resource::parse("acct").map_err(ApiError::internal)?;
        let now_ms = self.memory.now_ms();
        let judged = self.memory.live.judge(secret, (ACTION, &acct), now_ms);
        match (judged.outcome, judged.holder) {
            (Ok(()), Some(holder)) => {
                self.used(&holder);
                Ok(holder.account)
            }
            (Err(DecideFailure::Auth(why)), _) => Err(self.counted(source, failure(why))),
            (Err(DecideFailure::Refused(_)), _) => Err(ApiError::forbidden(format!(
                "not allowed: {ACTION} on acct"
            ))),
            (Ok(()), None) => Err(failure(AuthFailure::Unknown)),
        }
    }

    /// Counts a credential that does not work against the address that it came from.
    pub(super) fn counted(&self, source: Source, error: ApiError) -> ApiError {
        match &self.behind {
            Behind::Server(node) => count_failure(node, source, error),
            // Its callers are on the same machine.
            Behind::Sidecar(_) => error,
        }
    }
}
