//! What commands would do to tokens, without giving them.

use std::sync::Arc;

use keyledger_domain::command::{Command, Context, decide};
use keyledger_domain::event::Event;
use keyledger_domain::ids::{MemberId, RoleId, StreamKind, TeamId};
use keyledger_domain::state::{Recorded, State, evolve};
use keyledger_projections::{Affected, affected};

use super::{Decision, Node};
use crate::auth::Caller;
use crate::error::ApiError;

/// The version that the next event of what an event is about has.
fn next_version(state: &State, event: &Event, caller: &Caller) -> i64 {
    let stream = event.stream(caller.account());
    let known = match stream.kind {
        StreamKind::Account => state.account.as_ref().map(|found| found.version),
        StreamKind::Member => {
            let found = state.members.get(&MemberId::from_bytes(stream.id));
            found.map(|found| found.version)
        }
        StreamKind::Role => {
            let found = state.roles.get(&RoleId::from_bytes(stream.id));
            found.map(|found| found.version)
        }
        StreamKind::Team => {
            let found = state.teams.get(&TeamId::from_bytes(stream.id));
            found.map(|found| found.version)
        }
        StreamKind::Token => None,
    };
    known.unwrap_or(0) + 1
}

impl Node {
    /// Every token that would be allowed something else if these commands were given now, by this caller, who must
    /// be allowed to give them. Nothing is written.
    ///
    /// # Errors
    /// What the commands themselves would be refused with.
    pub async fn what_if(
        &self,
        caller: &Caller,
        make: impl Fn(&Decision<'_>) -> Result<Vec<Command>, ApiError>,
    ) -> Result<Vec<Affected>, ApiError> {
        let account = caller.account();
        let now_ms = self.now_ms();
        let (before, after) = caller.actor_now(self, |state, actor| {
            let context = Context {
                now_ms,
                actor,
                loaded: None,
            };
            let decision = Decision {
                state,
                actor,
                token: None,
            };
            let mut events = Vec::new();
            for command in make(&decision)? {
                events.extend(decide(state, &command, &context)?);
            }
            let mut after = state.clone();
            for event in &events {
                let recorded = Recorded {
                    account,
                    version: next_version(&after, event, caller),
                    recorded_at_ms: now_ms,
                    event,
                };
                evolve(&mut after, &recorded).map_err(ApiError::internal)?;
            }
            Ok::<_, ApiError>((state.clone(), after))
        })??;
        let live = Arc::clone(&self.live);
        let compared = tokio::task::spawn_blocking(move || {
            affected(&live, account, (&before, &after), now_ms)
        });
        compared.await.map_err(ApiError::internal)
    }
}
