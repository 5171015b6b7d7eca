//! What the operator does on the command line: commands given to the log itself, beside a running server
//! or without one. The projections follow by themselves.

use std::sync::Arc;

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{Command, Context, decide};
use keyledger_domain::event::Event;
use keyledger_domain::ids::AccountId;
use keyledger_domain::secret::Pepper;
use keyledger_domain::state::State;
use keyledger_eventstore::{Clock, Durability, EventLog, Refused};
use keyledger_projections::{Live, catch_up};

use crate::config::DataConfig;
use crate::member_keys::MemberKeys;
use crate::node::{append_of, refusal};
use crate::password::Passwords;
use crate::pepper;
use crate::sealed_log::SealedLog;

/// How often a command is decided again because a running server was faster.
const ATTEMPTS_MAX: u32 = 16;
/// How the operator's commands are named in the log.
const REQUEST_ID: &str = "command-line";

/// The log, opened for the operator.
pub(super) struct Operator {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) keys: Arc<MemberKeys>,
    live: Arc<Live>,
    pub(super) pepper: Pepper,
    pub(super) passwords: Passwords,
    clock: Clock,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Operator {
    /// Opens the log of a data folder in which a server has run.
    pub(super) async fn open(data: &DataConfig) -> Result<Self, String> {
        if data.database_url().is_none() && !data.log_file().exists() {
            let folder = data.data_dir.display();
            return Err(format!(
                "{folder}: there is no log; start the server there once"
            ));
        }
        let peppers = pepper::load(&data.pepper_file()).map_err(text)?;
        let passwords = Passwords::new(pepper::first(&peppers)).map_err(text)?;
        let pepper = peppers.current.clone();
        let opened = SealedLog::writable(data, Durability::Full).await?;
        // No secret is looked up here, so its prefix does not matter.
        let live = Arc::new(Live::new(peppers, "api-".to_owned()));
        catch_up(opened.log.as_ref(), &live).await.map_err(text)?;
        Ok(Self {
            log: opened.log,
            keys: opened.keys,
            live,
            pepper,
            passwords,
            clock: crate::clock::system(),
        })
    }

    /// The time now, Unix milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// All accounts, the oldest first, each with what `f` makes of it.
    pub(super) fn accounts<R>(&self, f: impl Fn(AccountId, &State) -> R) -> Vec<R> {
        let ids = self.live.accounts();
        ids.into_iter()
            .filter_map(|id| self.live.with_state(id, |state| f(id, state)))
            .collect()
    }

    /// The account that is meant: the one that was named, else the only one.
    pub(super) fn account(&self, named: Option<&str>) -> Result<AccountId, String> {
        let accounts = self.live.accounts();
        let list = || {
            let lines = self.accounts(|id, state| {
                let name = state
                    .account
                    .as_ref()
                    .map_or("", |account| account.name.as_str());
                format!("\n  {id}  {name}")
            });
            lines.concat()
        };
        match (named, accounts.as_slice()) {
            (Some(named), all) => named
                .parse()
                .ok()
                .filter(|id| all.contains(id))
                .ok_or_else(|| format!("--account {named:?}: there are{}", list())),
            (None, [only]) => Ok(*only),
            (None, _) => Err(format!("name one with --account; there are{}", list())),
        }
    }

    /// Calls `f` with the state of an account.
    pub(super) fn state<R>(
        &self,
        account: AccountId,
        f: impl FnOnce(&State) -> Result<R, String>,
    ) -> Result<R, String> {
        let gone = || Err("the account is gone".to_owned());
        self.live.with_state(account, f).unwrap_or_else(gone)
    }

    /// Gives commands, and waits until what follows is in the log: all of it or nothing.
    pub(super) async fn give(
        &self,
        account: AccountId,
        commands: &[Command],
    ) -> Result<Vec<Event>, String> {
        let empty = State::default();
        for _ in 0..ATTEMPTS_MAX {
            let decided = |state: &State| {
                let actor = Actor::operator(account);
                let context = Context {
                    now_ms: self.now_ms(),
                    actor: &actor,
                    loaded: None,
                };
                let mut events = Vec::new();
                for command in commands {
                    events.extend(decide(state, command, &context).map_err(text)?);
                }
                let append = append_of(state, &context, REQUEST_ID, &events, None);
                Ok::<_, String>((events, append.map_err(|error| error.message().to_owned())?))
            };
            // A new account has no state yet.
            let (events, append) = self
                .live
                .with_state(account, decided)
                .unwrap_or_else(|| decided(&empty))?;
            if events.is_empty() {
                return Ok(events);
            }
            let batch = std::slice::from_ref(&append);
            let mut outcome = self.log.append(batch, self.now_ms()).await.map_err(text)?;
            match outcome.pop() {
                Some(Ok(_)) => {
                    catch_up(self.log.as_ref(), &self.live)
                        .await
                        .map_err(text)?;
                    return Ok(events);
                }
                Some(Err(Refused::Conflict { .. })) => {
                    catch_up(self.log.as_ref(), &self.live)
                        .await
                        .map_err(text)?;
                }
                Some(Err(refused)) => {
                    return Err(refusal(account, refused, &events).message().to_owned());
                }
                None => return Err("the log gave no answer".to_owned()),
            }
        }
        Err("a running server was faster every time; try again".to_owned())
    }
}
