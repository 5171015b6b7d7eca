//! What changed between two moments: every token whose effective permission is another one, and why.

use keyledger_domain::difference::{Change, Difference, difference};
use keyledger_domain::ids::{AccountId, StreamKind, TokenId};
use keyledger_domain::permission::Permission;
use keyledger_domain::state::{State, TokenStatus};
use keyledger_eventstore::Position;

use super::trail::hangs_on;
use super::{Past, PastError, PastEvent, Step};

/// The most events between the two moments.
const EVENTS_BETWEEN_MAX: usize = 1_000_000;
/// The most causes that are told of one token: the newest.
const CAUSES_MAX: usize = 20;

/// A moment, as changes are asked for: a position, and the time at which expiry is judged, Unix milliseconds.
pub type At = (Position, i64);

/// A token whose permission changed.
#[derive(Debug, Clone)]
pub struct TokenChange {
    /// The token.
    pub token: TokenId,
    /// Its status before; none when it had not been made.
    pub before: Option<TokenStatus>,
    /// Its status after.
    pub after: Option<TokenStatus>,
    /// How its permission changed.
    pub difference: Difference,
    /// The events that changed it, the oldest first. None where only the time did.
    pub causes: Vec<Step>,
}

/// A part of what changed.
#[derive(Debug)]
pub struct Changes {
    /// The tokens of this part, in the order of ids.
    pub items: Vec<TokenChange>,
    /// How many there are in all, those among them that only changed their policies' texts.
    pub total: usize,
    /// The account after, with all tokens.
    pub state: State,
}

/// What a token that works may do.
fn working(state: &State, token: TokenId, now_ms: i64) -> Option<Permission> {
    let found = state.tokens.get(&token)?;
    let works = state.token_status(found, now_ms) == TokenStatus::Active;
    works
        .then(|| state.grant_permission(&found.grant))
        .flatten()
}

fn status(state: &State, token: TokenId, now_ms: i64) -> Option<TokenStatus> {
    let found = state.tokens.get(&token)?;
    Some(state.token_status(found, now_ms))
}

impl Past {
    /// The tokens whose permission changed between two moments: `limit` of them after the first `offset`. The whole
    /// log up to the later moment is folded, so this takes a while: `events_max` bounds it.
    ///
    /// # Errors
    /// As [`Past::ground`]; [`PastError::TooLong`].
    pub async fn changes(
        &self,
        account: AccountId,
        (from, to): (At, At),
        (offset, limit): (usize, usize),
        events_max: usize,
    ) -> Result<Changes, PastError> {
        let mut before = State::default();
        let mut folded = 0_usize;
        let mut bounded = |max: usize| {
            folded += 1;
            if folded > max {
                Err(PastError::TooLong { max })
            } else {
                Ok(())
            }
        };
        self.each(account, true, (Position::ZERO, from.0), |event| {
            bounded(events_max)?;
            event.fold_into(&mut before)
        })
        .await?;
        let mut after = before.clone();
        let mut between: Vec<PastEvent> = Vec::new();
        self.each(account, true, (from.0, to.0), |event| {
            bounded(events_max)?;
            if between.len() == EVENTS_BETWEEN_MAX {
                return Err(PastError::TooLong {
                    max: EVENTS_BETWEEN_MAX,
                });
            }
            between.push(event.clone());
            event.fold_into(&mut after)
        })
        .await?;
        // Tokens are never forgotten: whatever there was before is still among them.
        let changed = after
            .tokens
            .keys()
            .copied()
            .filter(|token| working(&before, *token, from.1) != working(&after, *token, to.1));
        let mut changed: Vec<TokenId> = changed.collect();
        changed.sort_unstable();
        let total = changed.len();
        let part = changed.into_iter().skip(offset).take(limit);
        let mut items: Vec<TokenChange> = part
            .map(|token| {
                let was = working(&before, token, from.1);
                let is = working(&after, token, to.1);
                TokenChange {
                    token,
                    before: status(&before, token, from.1),
                    after: status(&after, token, to.1),
                    difference: difference(was.as_ref(), is.as_ref()),
                    causes: Vec::new(),
                }
            })
            .filter(|item| item.difference.change != Some(Change::Same))
            .collect();
        name_causes(before, &between, &mut items)?;
        Ok(Changes {
            items,
            total,
            state: after,
        })
    }
}

/// Goes through the events once more and notes with each token those that changed its permission.
fn name_causes(
    mut state: State,
    between: &[PastEvent],
    items: &mut [TokenChange],
) -> Result<(), PastError> {
    for event in between {
        let at_ms = event.stored.recorded_at_ms;
        let stream = &event.stored.stream;
        // A token may begin to hang on a team by the very event.
        let is_team = stream.kind == StreamKind::Team;
        let before: Vec<_> = items
            .iter()
            .map(|item| {
                let hangs = is_team || hangs_on(&state, item.token, stream);
                hangs.then(|| working(&state, item.token, at_ms))
            })
            .collect();
        event.fold_into(&mut state)?;
        for (item, before) in items.iter_mut().zip(before) {
            let Some(before) = before else { continue };
            if before == working(&state, item.token, at_ms) {
                continue;
            }
            item.causes.push(Step {
                event: event.clone(),
                allowed: None,
                changed: true,
            });
            if item.causes.len() > CAUSES_MAX {
                item.causes.remove(0);
            }
        }
    }
    Ok(())
}
