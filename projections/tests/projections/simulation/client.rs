//! What clients do: commands that are decided on what their node knows, as the service decides them.

use std::sync::Arc;
use std::time::Duration;

use keyledger_domain::actor::Actor;
use keyledger_domain::claim;
use keyledger_domain::command::{
    BootstrapAccount, Command, Context, CreateToken, DeleteToken, DowngradeMember, Invitation,
    InviteMembers, NewSecret, PromoteMember, RemoveMember, ScopeChoice, decide, preconditions,
};
use keyledger_domain::event::{self, By, Digest, Event, Metadata};
use keyledger_domain::ids::{AccountId, EventId, MemberId, StreamKind, StreamRef, TokenId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::{Recorded, State, Token, evolve};
use keyledger_eventstore::{Append, AppendError, Claim, Expect, NewEvent, Refused};

use super::super::world::START_MS;
use super::COMMANDS;
use super::check::{Outcome, Outcomes};
use super::link::Shared;
use super::node::{Place, Run};
use super::rng::Rng;

/// The account of the simulation.
pub(super) const ACCOUNT: AccountId = AccountId::from_bytes([7; 12]);
/// E-mails that clients fight for.
const EMAILS: u64 = 5;
/// How often a command is decided again because something else was faster.
const ATTEMPTS_MAX: u32 = 6;
/// How long a client waits for its node's memory.
const PATIENCE: Duration = Duration::from_secs(5);

fn secret(rng: &mut Rng) -> NewSecret {
    NewSecret {
        digest: Digest {
            pepper: 2,
            bytes: rng.bytes(),
        },
        ending: "ffff".to_owned(),
    }
}

fn append_of(state: &State, context: &Context<'_>, events: &[Event], rng: &mut Rng) -> Append {
    let metadata = Metadata {
        by: By::Operator,
        request_id: "simulated".to_owned(),
    };
    let metadata = metadata.encode().unwrap();
    let mut append = Append::default();
    for event in events {
        let stream = event.stream(ACCOUNT);
        append.events.push(NewEvent {
            id: EventId::v7(context.now_ms, rng.bytes()),
            stream,
            event_type: event.type_name().into(),
            schema_version: event.schema_version(),
            payload: event::encode(event).unwrap(),
            metadata: metadata.clone(),
        });
        if let Some((key, change)) = claim::of_event(state, ACCOUNT, event) {
            append.claims.push(Claim {
                key,
                change,
                stream,
            });
        }
    }
    let expected = preconditions(state, context, events).into_iter();
    append.expect = expected
        .map(|(stream, version)| Expect { stream, version })
        .collect();
    append
}

/// Makes the account, before anything fails.
pub(super) async fn bootstrap(shared: &Shared) {
    let mut rng = Rng::new(0);
    let command = Command::BootstrapAccount(BootstrapAccount {
        account: ACCOUNT,
        name: "Account".to_owned(),
        owner: MemberId::from_bytes(rng.bytes()),
        email: "owner@example.com".to_owned(),
        password_hash: None,
        token: TokenId::from_bytes(rng.bytes()),
        secret: secret(&mut rng),
    });
    let (state, actor) = (State::default(), Actor::operator(ACCOUNT));
    let context = Context {
        now_ms: START_MS,
        actor: &actor,
        loaded: None,
    };
    let events = decide(&state, &command, &context).unwrap();
    let append = append_of(&state, &context, &events, &mut rng);
    let answers = shared.commit(&[append], START_MS).await.unwrap();
    answers[0].as_ref().unwrap();
}

/// Some member, by chance but the same for the same seed.
fn some_member(state: &State, rng: &mut Rng) -> Option<MemberId> {
    let mut all: Vec<MemberId> = state.members.keys().copied().collect();
    all.sort_unstable();
    let at = usize::try_from(rng.below(all.len() as u64)).unwrap();
    all.get(at).copied()
}

fn some_token(run: &Run, rng: &mut Rng) -> Option<TokenId> {
    let mut all = Vec::new();
    run.live.each_grant(ACCOUNT, |id, _, _| all.push(id));
    all.sort_unstable();
    let at = usize::try_from(rng.below(all.len() as u64)).unwrap();
    all.get(at).copied()
}

fn command(state: &State, token: Option<TokenId>, rng: &mut Rng) -> Option<Command> {
    let roles = [BuiltIn::Reader, BuiltIn::Writer, BuiltIn::Admin];
    let role = roles[usize::try_from(rng.below(3)).unwrap()];
    Some(match rng.below(8) {
        0 | 1 => Command::InviteMembers(InviteMembers {
            invitations: vec![Invitation {
                teams: Vec::new(),
                id: MemberId::from_bytes(rng.bytes()),
                email: format!("m{}@example.com", rng.below(EMAILS)),
                first_name: String::new(),
                last_name: String::new(),
                role: Some("reader".to_owned()),
                custom_roles: Vec::new(),
                role_attributes: RoleAttributes::default(),
                password_hash: None,
            }],
        }),
        2 => Command::RemoveMember(RemoveMember {
            id: some_member(state, rng)?,
        }),
        3 => Command::PromoteMember(PromoteMember {
            id: some_member(state, rng)?,
            to: role,
        }),
        4 => Command::DowngradeMember(DowngradeMember {
            id: some_member(state, rng)?,
            to: role,
        }),
        5 | 6 => Command::CreateToken(CreateToken {
            id: TokenId::from_bytes(rng.bytes()),
            secret: secret(rng),
            name: String::new(),
            description: String::new(),
            kind: TokenKind::Personal,
            scope: ScopeChoice {
                role: Some("reader".to_owned()),
                ..ScopeChoice::default()
            },
            role_binding: None,
            expiry_ms: None,
            default_api_version: None,
        }),
        _ => Command::DeleteToken(DeleteToken { id: token? }),
    })
}

async fn load(run: &Run, id: TokenId) -> Option<Token> {
    let stream = StreamRef {
        account: ACCOUNT,
        kind: StreamKind::Token,
        id: *id.as_bytes(),
    };
    let stored = run.log.read_stream(&stream, None).await.ok()?;
    let mut state = State::default();
    for stored in &stored {
        let event = event::decode(&stored.event_type, stored.schema_version, &stored.payload);
        let recorded = Recorded {
            account: ACCOUNT,
            version: stored.version,
            recorded_at_ms: stored.recorded_at_ms,
            event: &event.unwrap(),
        };
        evolve(&mut state, &recorded).unwrap();
    }
    state.tokens.remove(&id)
}

/// Decides one command on what the node knows now. None: there is nothing to do.
async fn decided(run: &Run, rng: &mut Rng) -> Option<Append> {
    let token = some_token(run, rng);
    let loaded = match token {
        Some(id) => load(run, id).await,
        None => None,
    };
    let now_ms = (run.clock)();
    let made = run.live.with_state(ACCOUNT, |state| {
        let command = command(state, token, rng)?;
        let actor = Actor::member(ACCOUNT, state, state.owner()?);
        let context = Context {
            now_ms,
            actor: &actor,
            loaded: loaded.as_ref(),
        };
        let events = decide(state, &command, &context).ok()?;
        (!events.is_empty()).then(|| append_of(state, &context, &events, rng))
    });
    made.flatten()
}

/// Gives commands at whatever run of the node there is.
pub(super) async fn run(place: Place, mut rng: Rng, outcomes: Arc<Outcomes>) {
    for _ in 0..COMMANDS {
        tokio::time::sleep(Duration::from_millis(rng.below(60))).await;
        let run = place.lock().clone();
        give(&run, &mut rng, &outcomes).await;
    }
}

/// Waits for an answer as long as the node runs: a client notices that it is gone.
async fn while_it_runs<T>(run: &Run, work: impl Future<Output = T>) -> Option<T> {
    let gone = async {
        while !run.crashed.load(std::sync::atomic::Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = gone => None,
    }
}

async fn give(run: &Run, rng: &mut Rng, outcomes: &Outcomes) {
    for _ in 0..ATTEMPTS_MAX {
        let Some(Some(append)) = while_it_runs(run, decided(run, rng)).await else {
            return;
        };
        let ids: Vec<EventId> = append.events.iter().map(|event| event.id).collect();
        let answer = while_it_runs(run, run.writer.append(append)).await;
        let again = matches!(
            answer,
            Some(Err(AppendError::Refused(Refused::Conflict { .. })))
        );
        let outcome = match answer {
            Some(Ok(appended)) => {
                // An acknowledged write is seen by the next read through the same node.
                let seen = run.live.wait_for(appended.last, PATIENCE);
                let _in_time = while_it_runs(run, seen).await;
                Outcome::Acknowledged(appended)
            }
            None | Some(Err(AppendError::OutcomeUnknown)) => Outcome::Unknown,
            Some(Err(AppendError::Refused(_))) => Outcome::Refused,
            Some(Err(AppendError::Overloaded | AppendError::Unavailable(_))) => Outcome::NotWritten,
            Some(Err(AppendError::Corrupt(text))) => panic!("{text}"),
        };
        outcomes.note(ids, outcome);
        if !again {
            return;
        }
        // Decide again on what was faster, once the memory shows it.
        if let Some(Ok(head)) = while_it_runs(run, run.log.head()).await {
            let shown = run.live.wait_for(head.position, PATIENCE);
            let _in_time = while_it_runs(run, shown).await;
        }
    }
}
