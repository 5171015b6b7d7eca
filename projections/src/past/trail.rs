//! What led to an answer: the events that a token's permission hangs on, and where the answer changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use keyledger_domain::grant::ScopeGrant;
use keyledger_domain::ids::{AccountId, RoleId, StreamKind, StreamRef, TeamId, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::state::{Explanation, State, Token, TokenStatus};
use keyledger_eventstore::{Position, StoredEvent};

use super::{Past, PastError, PastEvent};

/// The most steps that are told: the newest.
const STEPS_MAX: usize = 500;
/// The most events of an account's ground that are gone through.
const EVENTS_MAX: usize = 500_000;

/// A question about a token.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The token.
    pub token: TokenId,
    /// The action.
    pub action: &'q str,
    /// The resource.
    pub resource: &'q Resource<'q>,
}

/// An event that the answer hangs on.
#[derive(Debug, Clone)]
pub struct Step {
    /// The event.
    pub event: PastEvent,
    /// Whether the token was allowed it right after; none before the token was made.
    pub allowed: Option<bool>,
    /// Whether this event changed the answer.
    pub changed: bool,
}

/// An answer, and what led to it.
#[derive(Debug)]
pub struct Trail {
    /// The token as it was, if it had been made.
    pub token: Option<Token>,
    /// Whether it worked; none when it had not been made.
    pub status: Option<TokenStatus>,
    /// Why.
    pub explanation: Explanation,
    /// The account as it was, with this token and no other.
    pub state: State,
    /// What led there, the oldest first.
    pub steps: Vec<Step>,
    /// Whether the steps are all there are.
    pub complete: bool,
}

impl Trail {
    /// The event since which the answer is what it is.
    #[must_use]
    pub fn since(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.changed)
    }
}

/// What a token's answer hangs on at a moment.
#[derive(Default)]
struct Roots {
    roles: BTreeSet<RoleId>,
    teams: BTreeSet<TeamId>,
}

impl Roots {
    fn of(state: &State, token: TokenId) -> Self {
        let mut roots = Self::default();
        let Some(token) = state.tokens.get(&token) else {
            return roots;
        };
        if let ScopeGrant::CustomRoles(ids) = &*token.grant.scope {
            roots.roles.extend(ids);
        }
        if let Some(member) = state.members.get(&token.grant.member) {
            roots.roles.extend(&member.custom_roles);
            let teams = member.teams.iter().chain(&member.granted);
            for team in teams.filter_map(|id| state.teams.get(id)) {
                roots.teams.insert(team.id);
                roots.roles.extend(&team.roles);
            }
        }
        roots
    }

    fn has(&self, stream: &StreamRef) -> bool {
        match stream.kind {
            StreamKind::Role => self.roles.contains(&RoleId::from_bytes(stream.id)),
            StreamKind::Team => self.teams.contains(&TeamId::from_bytes(stream.id)),
            StreamKind::Account | StreamKind::Member | StreamKind::Token => false,
        }
    }
}

/// Whether what a token may do hangs on a stream: its own, its member's, those of its roles and teams.
pub(super) fn hangs_on(state: &State, token: TokenId, stream: &StreamRef) -> bool {
    match stream.kind {
        StreamKind::Token => *token.as_bytes() == stream.id,
        StreamKind::Member => {
            let found = state.tokens.get(&token);
            found.is_some_and(|found| *found.grant.member.as_bytes() == stream.id)
        }
        StreamKind::Role | StreamKind::Team => Roots::of(state, token).has(stream),
        StreamKind::Account => false,
    }
}

/// Whether the token works at `now_ms` and is allowed it; none before it is made.
fn answer(state: &State, question: &Question<'_>, now_ms: i64) -> Option<bool> {
    let token = state.tokens.get(&question.token)?;
    let works = state.token_status(token, now_ms) == TokenStatus::Active;
    let allowed = state.check(&token.grant, question.action, question.resource);
    Some(works && allowed.is_ok())
}

impl Past {
    /// Why a token was allowed something at a position or was not, and what led there. Whether it had expired
    /// is judged at `now_ms`.
    ///
    /// # Errors
    /// As [`Past::ground`].
    pub async fn trail(
        &self,
        account: AccountId,
        question: Question<'_>,
        at: Position,
        now_ms: i64,
    ) -> Result<Trail, PastError> {
        let stream = StreamRef::token(account, question.token);
        let own = self.log.read_stream(&stream, Some(at)).await?;
        let first = own.first();
        let begin = first.map_or(at, |first| Position::new(first.position.get() - 1));
        let ground = self.ground(account, begin).await?;
        let mut walk = Walk {
            state: Arc::unwrap_or_clone(ground),
            question,
            steps: Vec::new(),
            gone: 0,
            complete: true,
        };
        let mut own = own.into_iter().peekable();
        // Both are in order; they are gone through as one.
        let walked = self.each(account, false, (begin, at), |event| {
            let position = event.stored.position;
            while let Some(next) = own.next_if(|next| next.position < position) {
                walk.take(&PastEvent::of(next)?)?;
            }
            walk.take(event)
        });
        walked.await?;
        for next in own {
            walk.take(&PastEvent::of(next)?)?;
        }
        self.finish(account, walk, (begin, at), now_ms).await
    }

    async fn finish(
        &self,
        account: AccountId,
        walk: Walk<'_>,
        (begin, at): (Position, Position),
        now_ms: i64,
    ) -> Result<Trail, PastError> {
        let Walk {
            state,
            question,
            mut steps,
            mut complete,
            ..
        } = walk;
        let token = state.tokens.get(&question.token);
        let explanation = token.map_or(
            Explanation {
                allowed: false,
                layers: Vec::new(),
            },
            |token| state.explain(&token.grant, question.action, question.resource),
        );
        // What its member and roles had become before the token was made is part of how it came about.
        let mut earlier = self.before(account, &state, question.token, begin).await?;
        earlier.append(&mut steps);
        if earlier.len() > STEPS_MAX {
            complete = false;
            earlier.drain(..earlier.len() - STEPS_MAX);
        }
        debug_assert!(earlier.iter().all(|step| step.event.stored.position <= at));
        Ok(Trail {
            status: token.map(|token| state.token_status(token, now_ms)),
            token: token.cloned(),
            explanation,
            steps: earlier,
            state,
            complete,
        })
    }

    /// The events before a position of the token's member and of the roles and teams that it hangs on.
    async fn before(
        &self,
        account: AccountId,
        state: &State,
        token: TokenId,
        begin: Position,
    ) -> Result<Vec<Step>, PastError> {
        let Some(found) = state.tokens.get(&token) else {
            return Ok(Vec::new());
        };
        let roots = Roots::of(state, token);
        let mut streams = vec![StreamRef::member(account, found.grant.member)];
        streams.extend(roots.roles.iter().map(|id| StreamRef::role(account, *id)));
        streams.extend(roots.teams.iter().map(|id| StreamRef::team(account, *id)));
        let mut events: Vec<StoredEvent> = Vec::new();
        for stream in streams.iter().take(STEPS_MAX) {
            events.extend(self.log.read_stream(stream, Some(begin)).await?);
        }
        events.sort_unstable_by_key(|event| event.position);
        let keep = events.len().saturating_sub(STEPS_MAX);
        let steps = events.into_iter().skip(keep).map(|stored| {
            Ok(Step {
                event: PastEvent::of(stored)?,
                allowed: None,
                changed: false,
            })
        });
        steps.collect()
    }
}

/// The fold on its way.
struct Walk<'q> {
    state: State,
    question: Question<'q>,
    steps: Vec<Step>,
    gone: usize,
    complete: bool,
}

impl Walk<'_> {
    fn take(&mut self, event: &PastEvent) -> Result<(), PastError> {
        self.gone += 1;
        let at_ms = event.stored.recorded_at_ms;
        let stream = &event.stored.stream;
        let token = self.question.token;
        if self.gone > EVENTS_MAX {
            // The state has to be right; which steps led there is not told any further.
            self.complete = false;
            return event.fold_into(&mut self.state);
        }
        let before = answer(&self.state, &self.question, at_ms);
        let hung = hangs_on(&self.state, token, stream);
        event.fold_into(&mut self.state)?;
        let hangs = hung || hangs_on(&self.state, token, stream);
        if !hangs {
            return Ok(());
        }
        let allowed = answer(&self.state, &self.question, at_ms);
        self.steps.push(Step {
            event: event.clone(),
            changed: allowed != before,
            allowed,
        });
        if self.steps.len() > 2 * STEPS_MAX {
            self.complete = false;
            self.steps.drain(..STEPS_MAX);
        }
        Ok(())
    }
}
