//! A command in motion: decide, append, wait until the memory shows it.

use keyledger_domain::actor::Actor;
use keyledger_domain::claim;
use keyledger_domain::command::{Command, Context, decide, preconditions};
use keyledger_domain::event::{Event, Metadata, encode};
use keyledger_domain::ids::{AccountId, StreamKind, TokenId};
use keyledger_domain::rejection::{EmailProblem, Rejection};
use keyledger_domain::state::{Recorded, State, Token, evolve};
use keyledger_eventstore::{
    Append, AppendError, Appended, Claim, Expect, NewEvent, Position, ReceiptKey, Refused,
};

use super::{Node, decode_stored};
use crate::auth::Caller;
use crate::entropy;
use crate::error::ApiError;

/// How often a command is decided again because something else was faster.
const ATTEMPTS_MAX: u32 = 8;

/// An idempotency key with the request that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The credential and the client's key.
    pub key: String,
    /// A digest of method, path, query and body.
    pub fingerprint: [u8; 32],
}

/// The request that a command came with.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Who gives the command.
    pub caller: &'a Caller,
    /// The request's id, kept in the events' metadata.
    pub request_id: &'a str,
    /// The idempotency key, if the client sent one.
    pub idempotency: Option<&'a Idempotency>,
}

/// What became of a command.
#[derive(Debug)]
pub struct Outcome {
    /// The position of its last event, or where the node is when it changed nothing.
    pub position: Position,
    /// When it was recorded, Unix milliseconds.
    pub recorded_at_ms: i64,
    /// What happened; empty when it changed nothing.
    pub events: Vec<Event>,
    /// The token that it was about, as it left it.
    pub token: Option<Token>,
    /// Whether this is the answer to an earlier, equal request.
    pub replayed: bool,
}

/// What a command is made from, at the moment of the decision.
pub struct Decision<'a> {
    /// The account's members and roles.
    pub state: &'a State,
    /// Who gives the command.
    pub actor: &'a Actor,
    /// The token that it is about, unless deleted.
    pub token: Option<&'a Token>,
}

/// What was decided, ready to append.
struct Decided {
    events: Vec<Event>,
    append: Append,
}

impl Node {
    /// Takes commands from decision to acknowledgement: all of them happen, or none.
    ///
    /// `about` is the token that they are about. `make` makes the commands from the state at the moment
    /// of the decision, and is called again when something else was faster.
    ///
    /// # Errors
    /// What the client is told; nothing was written then, unless it says that this is not known.
    pub async fn execute(
        &self,
        request: &Request<'_>,
        about: Option<TokenId>,
        make: impl Fn(&Decision<'_>) -> Result<Vec<Command>, ApiError>,
    ) -> Result<Outcome, ApiError> {
        let account = request.caller.account();
        if let Some(replay) = self.replay(request, about).await? {
            return Ok(replay);
        }
        for _ in 0..ATTEMPTS_MAX {
            let loaded = match about {
                Some(id) => self.load_token(account, id, None).await?,
                None => None,
            };
            let decided = self.decide(request, loaded.as_ref(), &make)?;
            if decided.events.is_empty() {
                return Ok(Outcome {
                    position: self.live.position(),
                    recorded_at_ms: self.now_ms(),
                    events: Vec::new(),
                    token: loaded,
                    replayed: false,
                });
            }
            match self.writer.append(decided.append).await {
                Ok(appended) if appended.replayed => {
                    return self.replay(request, about).await?.ok_or_else(|| {
                        ApiError::internal("the log knows a receipt that cannot be read")
                    });
                }
                Ok(appended) => {
                    return self
                        .acknowledge(account, appended, decided.events, loaded)
                        .await;
                }
                Err(AppendError::Refused(Refused::Conflict { .. })) => {
                    // Decide again on what was faster, once the memory shows it.
                    let head = self.log.head().await?;
                    self.wait_for(head.position).await?;
                }
                Err(AppendError::Refused(refused)) => {
                    return Err(refusal(account, refused, &decided.events));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::lost_race())
    }

    /// Decides on the memory as it is now, and gathers what must still hold when it is written.
    fn decide(
        &self,
        request: &Request<'_>,
        loaded: Option<&Token>,
        make: &impl Fn(&Decision<'_>) -> Result<Vec<Command>, ApiError>,
    ) -> Result<Decided, ApiError> {
        let account = request.caller.account();
        let now_ms = self.now_ms();
        let grant = request.caller.grant(&self.live)?;
        let decided = self.live.with_state(account, |state| {
            let actor = request.caller.actor(state, grant.as_ref())?;
            let context = Context {
                now_ms,
                actor: &actor,
                loaded,
            };
            let mut events = Vec::new();
            let decision = Decision {
                state,
                actor: &actor,
                token: loaded.filter(|token| !token.deleted),
            };
            for command in make(&decision)? {
                events.extend(decide(state, &command, &context)?);
            }
            let receipt = request.idempotency.map(|idempotency| ReceiptKey {
                account,
                key: idempotency.key.clone(),
                fingerprint: idempotency.fingerprint,
            });
            let append = append_of(state, &context, request.request_id, &events, receipt)?;
            Ok::<_, ApiError>(Decided { events, append })
        });
        decided.unwrap_or_else(|| Err(ApiError::unauthorized("the account does not exist")))
    }

    /// Waits until the memory shows what was written.
    async fn acknowledge(
        &self,
        account: AccountId,
        appended: Appended,
        events: Vec<Event>,
        loaded: Option<Token>,
    ) -> Result<Outcome, ApiError> {
        // It is written: if the memory is slow, that is said by the next read and not by an error here.
        let _shown = self
            .live
            .wait_for(appended.last, self.settings.wait_max)
            .await;
        let token = match self.created(account, &appended, &events) {
            Some(token) => Some(token),
            None => token_after(account, &appended, &events, loaded)?,
        };
        Ok(Outcome {
            position: appended.last,
            recorded_at_ms: appended.recorded_at_ms,
            events,
            token,
            replayed: false,
        })
    }

    /// A token that was made just now, if that is all that happened to it: with the policies that the memory has parsed already.
    fn created(&self, account: AccountId, appended: &Appended, events: &[Event]) -> Option<Token> {
        let [Event::TokenCreated(event)] = events else {
            return None;
        };
        match self.live.grant(account, event.id) {
            Some((grant, 1)) => Some(Token::created(event, grant, appended.recorded_at_ms)),
            _ => None,
        }
    }

    /// The outcome of an earlier request with the same key.
    async fn replay(
        &self,
        request: &Request<'_>,
        about: Option<TokenId>,
    ) -> Result<Option<Outcome>, ApiError> {
        let Some(idempotency) = request.idempotency else {
            return Ok(None);
        };
        let account = request.caller.account();
        let Some(receipt) = self.log.receipt(account, &idempotency.key).await? else {
            return Ok(None);
        };
        if receipt.fingerprint != idempotency.fingerprint {
            return Err(ApiError::key_reused());
        }
        let stored = self
            .log
            .read_range(receipt.first_position, receipt.last_position)
            .await?;
        let events = stored
            .iter()
            .map(decode_stored)
            .collect::<Result<Vec<_>, _>>()?;
        let created = events.iter().find_map(|event| match event {
            Event::TokenCreated(created) => Some(created.id),
            _ => None,
        });
        let token = match created.or(about) {
            Some(id) => {
                self.load_token(account, id, Some(receipt.last_position))
                    .await?
            }
            None => None,
        };
        Ok(Some(Outcome {
            position: receipt.last_position,
            recorded_at_ms: receipt.recorded_at_ms,
            events,
            token,
            replayed: true,
        }))
    }
}

/// Events as the log takes them: encoded, with what must still hold and what they claim.
///
/// # Errors
/// When there is no randomness for their ids.
pub fn append_of(
    state: &State,
    context: &Context<'_>,
    request_id: &str,
    events: &[Event],
    receipt: Option<ReceiptKey>,
) -> Result<Append, ApiError> {
    let account = context.actor.account;
    let metadata = Metadata {
        by: context.actor.by.clone(),
        request_id: request_id.to_owned(),
    };
    let metadata = metadata.encode().map_err(ApiError::internal)?;
    let mut new_events = Vec::with_capacity(events.len());
    let mut claims = Vec::new();
    for event in events {
        let stream = event.stream(account);
        new_events.push(NewEvent {
            id: entropy::event_id(context.now_ms).map_err(ApiError::internal)?,
            stream,
            event_type: event.type_name().into(),
            schema_version: event.schema_version(),
            payload: encode(event).map_err(ApiError::internal)?,
            metadata: metadata.clone(),
        });
        if let Some((key, change)) = claim::of_event(state, account, event) {
            claims.push(Claim {
                key,
                change,
                stream,
            });
        }
    }
    let expect = preconditions(state, context, events)
        .into_iter()
        .map(|(stream, version)| Expect { stream, version })
        .collect();
    Ok(Append {
        expect,
        events: new_events,
        claims,
        receipt,
    })
}

/// The token as the events left it, without reading it again.
fn token_after(
    account: AccountId,
    appended: &Appended,
    events: &[Event],
    loaded: Option<Token>,
) -> Result<Option<Token>, ApiError> {
    let mut state = State::default();
    let mut about = loaded.as_ref().map(|token| token.id);
    if let Some(token) = loaded {
        state.tokens.insert(token.id, token);
    }
    for event in events {
        let stream = event.stream(account);
        if stream.kind != StreamKind::Token {
            continue;
        }
        let id = TokenId::from_bytes(stream.id);
        about = Some(id);
        let recorded = Recorded {
            account,
            version: state.tokens.get(&id).map_or(0, |token| token.version) + 1,
            recorded_at_ms: appended.recorded_at_ms,
            event,
        };
        evolve(&mut state, &recorded).map_err(ApiError::internal)?;
    }
    Ok(about.and_then(|id| state.tokens.remove(&id)))
}

/// What a refusal of the log tells the client.
pub fn refusal(account: AccountId, refused: Refused, events: &[Event]) -> ApiError {
    match refused {
        Refused::KeyReused => ApiError::key_reused(),
        Refused::Claimed { holder, key } if holder.kind == StreamKind::Member => {
            let problem = if holder.account == account {
                EmailProblem::ExistsInAccount
            } else {
                EmailProblem::TakenInOtherAccount
            };
            let emails = events.iter().filter_map(|event| match event {
                Event::MemberInvited(event) if claim::email(&event.email) == key => {
                    Some(event.email.clone())
                }
                _ => None,
            });
            Rejection::Emails {
                problem,
                emails: emails.collect(),
            }
            .into()
        }
        Refused::Claimed { .. } => ApiError::conflict("there is one with the same key already"),
        Refused::TooLarge { .. } | Refused::Invalid { .. } => {
            ApiError::invalid(refused.to_string())
        }
        other => ApiError::internal(other),
    }
}
