//! The first start: an account with its owner, and the owner's first token.

use keyledger_domain::actor::Actor;
use keyledger_domain::claim::{self, ClaimChange};
use keyledger_domain::command::{BootstrapAccount, Command, Context, decide, validate_password};
use keyledger_domain::ids::{AccountId, MemberId, StreamRef, TokenId};
use keyledger_domain::secret::Secret;
use keyledger_domain::state::State;
use keyledger_eventstore::{AppendError, Claim, Refused};

use super::execute::append_of;
use super::{Node, StartError};
use crate::entropy;

/// What the first start is told.
#[derive(Clone)]
pub struct FirstStart {
    /// The account's name.
    pub account_name: String,
    /// The owner's e-mail.
    pub owner_email: String,
    /// The owner's password, if the owner is to sign in.
    pub owner_password: Option<String>,
}

impl Node {
    /// Makes the first account if there is none, and gives the owner's secret to be shown once.
    ///
    /// # Errors
    /// When what it is told is wrong, or the log cannot be written.
    pub async fn bootstrap(&self, first: &FirstStart) -> Result<Option<Secret>, StartError> {
        if !self.live.accounts().is_empty() {
            return Ok(None);
        }
        let id = || entropy::id(self.now_ms()).map_err(StartError::of);
        let account = AccountId::from_bytes(id()?);
        let token = TokenId::from_bytes(id()?);
        let password_hash = match &first.owner_password {
            None => None,
            Some(password) => {
                validate_password("owner password", password).map_err(StartError::of)?;
                let hash = self.passwords.hash(password.clone()).await;
                Some(hash.map_err(StartError::of)?)
            }
        };
        let fresh = self.fresh_secret(token, None).map_err(StartError::of_api)?;
        let command = Command::BootstrapAccount(BootstrapAccount {
            account,
            name: first.account_name.clone(),
            owner: MemberId::from_bytes(id()?),
            email: first.owner_email.clone(),
            password_hash,
            token,
            secret: fresh.new,
        });
        let state = State::default();
        let actor = Actor::operator(account);
        let context = Context {
            now_ms: self.now_ms(),
            actor: &actor,
            loaded: None,
        };
        let events = decide(&state, &command, &context).map_err(StartError::of)?;
        let mut append = append_of(&state, &context, "first-start", &events, None)
            .map_err(StartError::of_api)?;
        // Nodes that start at once over an empty log: one makes the account, the others serve it.
        append.claims.push(Claim {
            key: claim::first_start(),
            change: ClaimChange::Take,
            stream: StreamRef::account(account),
        });
        let (reached, secret) = match self.writer.append(append).await {
            Ok(appended) => (appended.last, Some(fresh.secret)),
            Err(AppendError::Refused(Refused::Claimed { .. })) => {
                let head = self.log.head().await.map_err(StartError::of)?;
                (head.position, None)
            }
            Err(error) => return Err(StartError::of(error)),
        };
        if !self.live.wait_for(reached, self.settings.wait_max).await {
            return Err(StartError::of("the new account does not show up"));
        }
        Ok(secret)
    }
}
