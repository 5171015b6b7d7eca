//! Given events, when somebody gives a command, then events follow or it is refused.

use std::collections::HashMap;

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{Command, Context, decide};
use keyledger_domain::event::Event;
use keyledger_domain::ids::{MemberId, StreamRef, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::rejection::{EmailProblem, Rejection};
use keyledger_domain::state::{Recorded, Refusal, State, TokenStatus, evolve};

use crate::sample::ACCOUNT;

/// The moment at which everything happens, unless a test says otherwise.
pub(crate) const NOW: i64 = 1_750_000_000_000;

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The operator of the server.
    Operator,
    /// A member who is signed in.
    Member(MemberId),
    /// A token.
    Token(TokenId),
}

/// A log in memory, with what it adds up to.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) state: State,
    versions: HashMap<StreamRef, i64>,
}

/// Starts a scenario with events that have happened.
pub(crate) fn given(events: impl IntoIterator<Item = Event>) -> Given {
    Given::default().and(events)
}

impl Given {
    /// More events that have happened.
    #[track_caller]
    pub(crate) fn and(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        for event in events {
            self.record(&event);
        }
        self
    }

    #[track_caller]
    pub(crate) fn record(&mut self, event: &Event) {
        let version = self.versions.entry(event.stream(ACCOUNT)).or_default();
        *version += 1;
        let recorded = Recorded {
            account: ACCOUNT,
            version: *version,
            recorded_at_ms: NOW,
            event,
        };
        if let Err(problem) = evolve(&mut self.state, &recorded) {
            panic!("{event:?} cannot follow: {problem}");
        }
    }

    /// How many events a stream has.
    pub(crate) fn version(&self, stream: StreamRef) -> i64 {
        self.versions.get(&stream).copied().unwrap_or(0)
    }

    /// The actor as of now.
    #[track_caller]
    pub(crate) fn actor(&self, who: Who) -> Actor {
        match who {
            Who::Operator => Actor::operator(ACCOUNT),
            Who::Member(id) => {
                let member = self.state.member(id).expect("the member is there");
                Actor::member(ACCOUNT, &self.state, member)
            }
            Who::Token(id) => {
                let token = self.state.token(id).expect("the token is there");
                Actor::token(ACCOUNT, &self.state, id, token.version, &token.grant)
                    .expect("the token's member is there")
            }
        }
    }

    /// Somebody gives a command.
    #[track_caller]
    pub(crate) fn when(self, who: Who, command: Command) -> Outcome {
        self.when_at(NOW, who, command)
    }

    /// Somebody gives a command at a moment.
    #[track_caller]
    pub(crate) fn when_at(self, now_ms: i64, who: Who, command: Command) -> Outcome {
        let actor = self.actor(who);
        self.when_by(now_ms, &actor, command)
    }

    /// An actor, perhaps of an earlier moment, gives a command.
    pub(crate) fn when_by(self, now_ms: i64, actor: &Actor, command: Command) -> Outcome {
        let context = Context {
            now_ms,
            actor,
            loaded: None,
        };
        let result = decide(&self.state, &command, &context);
        Outcome {
            given: self,
            result,
        }
    }

    /// What the token is answered now.
    #[track_caller]
    pub(crate) fn check(
        &self,
        token: TokenId,
        action: &str,
        resource: &str,
    ) -> Result<(), Refusal> {
        let token = self.state.tokens.get(&token).expect("the token is there");
        let resource = Resource::parse(resource).expect("the resource is one");
        self.state.check(&token.grant, action, &resource)
    }

    /// Whether the token is allowed it now.
    #[track_caller]
    pub(crate) fn allows(&self, token: TokenId, action: &str, resource: &str) -> bool {
        self.check(token, action, resource).is_ok()
    }

    /// Whether the member, signed in, is allowed it now.
    #[track_caller]
    pub(crate) fn member_may(&self, member: MemberId, action: &str, resource: &str) -> bool {
        self.actor(Who::Member(member)).may(action, resource)
    }

    /// Whether the token works now, by itself.
    #[track_caller]
    pub(crate) fn status(&self, token: TokenId) -> TokenStatus {
        let token = self.state.tokens.get(&token).expect("the token is there");
        self.state.token_status(token, NOW)
    }
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    given: Given,
    pub(crate) result: Result<Vec<Event>, Rejection>,
}

impl Outcome {
    /// Exactly these events follow; they are recorded.
    #[track_caller]
    pub(crate) fn then(self, events: impl IntoIterator<Item = Event>) -> Given {
        let expected: Vec<Event> = events.into_iter().collect();
        assert_eq!(self.result.as_ref(), Ok(&expected));
        self.given.and(expected)
    }

    /// The command is accepted, and nothing follows.
    #[track_caller]
    pub(crate) fn then_nothing(self) -> Given {
        self.then([])
    }

    /// The command is accepted, and something follows; it is recorded.
    #[track_caller]
    pub(crate) fn then_accepted(self) -> Given {
        match self.result {
            Ok(events) if !events.is_empty() => self.given.and(events),
            other => panic!("not accepted with events: {other:?}"),
        }
    }

    /// The command is refused as `matches` says.
    #[track_caller]
    pub(crate) fn then_rejected(self, matches: impl Fn(&Rejection) -> bool) -> Given {
        match self.result {
            Err(rejection) if matches(&rejection) => self.given,
            other => panic!("not refused as expected: {other:?}"),
        }
    }
}

/// The actor's permission lacks this action.
pub(crate) fn denied(action: &'static str) -> impl Fn(&Rejection) -> bool {
    move |found| matches!(found, Rejection::Denied { action: a, .. } if *a == action)
}

/// A rule beyond policies, whose message has this in it.
pub(crate) fn forbidden(part: &'static str) -> impl Fn(&Rejection) -> bool {
    move |found| matches!(found, Rejection::Forbidden { message } if message.contains(part))
}

/// The field at this pointer is wrong.
pub(crate) fn invalid(pointer: &'static str) -> impl Fn(&Rejection) -> bool {
    move |found| matches!(found, Rejection::Invalid { pointer: p, .. } if p == pointer)
}

/// It collides with what exists, as the message says.
pub(crate) fn conflict(part: &'static str) -> impl Fn(&Rejection) -> bool {
    move |found| matches!(found, Rejection::Conflict { message } if message.contains(part))
}

/// There is no such thing.
pub(crate) fn not_found(kind: &'static str) -> impl Fn(&Rejection) -> bool {
    move |found| matches!(found, Rejection::NotFound { what, .. } if *what == kind)
}

/// These e-mails cannot be invited.
pub(crate) fn emails<'a>(
    expected: EmailProblem,
    which: &'a [&'a str],
) -> impl Fn(&Rejection) -> bool + 'a {
    move |found| matches!(found, Rejection::Emails { problem, emails } if *problem == expected && emails == which)
}
