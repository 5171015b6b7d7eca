//! The doors: every way in which a service, a gateway or a cluster asks for a decision.
//!
//! A door is plain: it reads its request, asks the memory once and answers, beside the routes of the REST API and
//! without their layers, because gateways wait for it on each request of theirs. All doors give the same verdicts
//! (`verdict.rs`), make callers prove the same trust (`trust.rs`) and wait for positions alike (`reply.rs`).

mod authzen;
mod feed;
mod front;
mod gateway;
mod ids;
mod kubernetes;
mod native;
mod oauth;
mod past;
mod reply;
mod subject;
mod trust;
mod verdict;

use std::sync::Arc;

use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::policy::{ACTION_BYTES_MAX, Resource};
use keyledger_domain::scope::TokenKind;
use keyledger_embedded::Uses;
use keyledger_projections::{AuthFailure, DecideFailure, Holder, Judged, Memory, Named};

use crate::decision_log::{DecisionLog, Entry};
use crate::entropy::EntropyError;
use crate::error::ApiError;
use crate::node::Node;

pub use authzen::Authzen;
pub use feed::FeedKey;
pub use front::front;
pub use gateway::{Gateway, GrpcDoor, MappingError};
pub use ids::{DecisionId, DecisionIds};
pub use keyledger_projections::Reason;
pub use native::AskDecisions;
pub use verdict::Verdict;

/// What a caller must be allowed to, on `acct`, to ask about tokens that are not the caller's own.
pub const ACTION: &str = "askDecisions";

/// The decisions that one request may ask for.
pub const BATCH_MAX: usize = 1_000;

/// Whom a question is about.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    /// The holder of a secret.
    Secret(&'a str),
    /// A token, by its id.
    Token(TokenId),
}

/// What stands behind the doors besides the memory.
#[derive(Clone)]
pub enum Behind {
    /// A server: the log, sign-ins, limits.
    Server(Arc<Node>),
    /// Nothing but what it was fed: a sidecar. Uses go back to the server.
    Sidecar(Arc<Uses>),
}

/// The doors of a server or of a sidecar.
pub struct Doors {
    memory: Arc<Memory>,
    behind: Behind,
    ids: DecisionIds,
    gateway: Gateway,
    authzen: Authzen,
    log: DecisionLog,
    feed: Option<FeedKey>,
}

impl Doors {
    /// The doors of a memory.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub fn new(
        (memory, behind): (Arc<Memory>, Behind),
        gateway: Gateway,
        authzen: Authzen,
        log: DecisionLog,
    ) -> Result<Self, EntropyError> {
        Ok(Self {
            memory,
            behind,
            ids: DecisionIds::new()?,
            gateway,
            authzen,
            log,
            feed: None,
        })
    }

    /// The same with a feed for others.
    #[must_use]
    pub fn feeding(mut self, key: FeedKey) -> Self {
        self.feed = Some(key);
        self
    }

    /// The memory behind them.
    #[must_use]
    pub const fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// The server behind them.
    ///
    /// # Errors
    /// 400 where a sidecar is asked for what only a server does.
    fn server(&self, what: &str) -> Result<&Arc<Node>, ApiError> {
        match &self.behind {
            Behind::Server(node) => Ok(node),
            Behind::Sidecar(_) => Err(ApiError::invalid(format!(
                "{what}: is for the server, not for a sidecar"
            ))),
        }
    }

    /// Decides now. With an account, tokens of others are unknown.
    fn decide(
        &self,
        door: &'static str,
        account: Option<AccountId>,
        who: Who<'_>,
        (action, resource): (&str, &Resource<'_>),
    ) -> Verdict {
        let now_ms = self.memory.now_ms();
        let live = &self.memory.live;
        let judged = match (who, account) {
            (Who::Secret(secret), _) => live.judge(secret, (action, resource), now_ms),
            (Who::Token(id), Some(account)) => live.at_once(now_ms, |moment| {
                let named = Named::Id(account, id);
                moment.judge(&named, (action, resource))
            }),
            (Who::Token(_), None) => unknown(live.position()),
        };
        let about = About {
            asked: Some((action, resource.as_str())),
            ..About::new(door, matches!(who, Who::Secret(_)))
        };
        self.verdict(seen_by(account, judged), &about)
    }

    /// Whether the token of a secret works, whatever it may do. With an account, tokens of others are unknown.
    fn look_up(&self, account: Option<AccountId>, secret: &str) -> Judged {
        let live = &self.memory.live;
        let named = live.named(secret);
        let judged = live.at_once(self.memory.now_ms(), |moment| moment.status(&named));
        seen_by(account, judged)
    }

    /// The same as a decision.
    fn status(&self, door: &'static str, account: Option<AccountId>, secret: &str) -> Verdict {
        self.verdict(self.look_up(account, secret), &About::new(door, true))
    }

    /// Names a decision, notes the use of a token that showed its secret, and writes it down if it is one of those.
    fn verdict(&self, judged: Judged, about: &About<'_>) -> Verdict {
        let verdict = Verdict {
            judged,
            id: self.ids.next(),
        };
        if let Some(holder) = verdict.holder()
            && about.by_secret
            && !verdict.reason().is_of_token()
        {
            self.used(holder);
        }
        if self.log.takes(verdict.allowed(), verdict.id.number()) {
            self.log.note(about.entry(&verdict, self.memory.now_ms()));
        }
        verdict
    }

    /// What writes decisions down.
    pub(crate) const fn log(&self) -> &DecisionLog {
        &self.log
    }

    /// Ends what writes decisions down.
    pub async fn close(&self) {
        self.log.close().await;
    }

    fn used(&self, holder: &Holder) {
        let member = (holder.kind == TokenKind::Personal).then_some(holder.member);
        let now_ms = self.memory.now_ms();
        match &self.behind {
            Behind::Server(node) => {
                let (account, token) = (holder.account, holder.token);
                node.usage.used(account, token, member, now_ms);
            }
            Behind::Sidecar(uses) => uses.note(holder, now_ms),
        }
    }
}

/// What a decision was about, besides what it says itself.
#[derive(Debug, Clone, Copy)]
struct About<'a> {
    /// Through which door it was asked.
    door: &'static str,
    /// Whether the token's secret was shown.
    by_secret: bool,
    /// Action and resource, unless only whether the token works was asked.
    asked: Option<(&'a str, &'a str)>,
    /// The member who was asked about without a token.
    member: Option<MemberId>,
}

impl About<'_> {
    const fn new(door: &'static str, by_secret: bool) -> Self {
        Self {
            door,
            by_secret,
            asked: None,
            member: None,
        }
    }

    fn entry(&self, verdict: &Verdict, at_ms: i64) -> Entry {
        let owned = |(action, resource): (&str, &str)| (action.to_owned(), resource.to_owned());
        Entry {
            id: verdict.id.to_string(),
            at_ms,
            door: self.door,
            holder: verdict.judged.holder,
            member: self.member,
            asked: self.asked.map(owned),
            allowed: verdict.allowed(),
            reason: verdict.reason().word(),
            layer: verdict.judged.layer(),
            position: verdict.judged.position,
        }
    }
}

/// The answer about nobody.
const fn unknown(position: keyledger_eventstore::Position) -> Judged {
    Judged {
        holder: None,
        outcome: Err(DecideFailure::Auth(AuthFailure::Unknown)),
        position,
    }
}

/// What callers of an account are told: of tokens of other accounts, that there are none.
fn seen_by(account: Option<AccountId>, judged: Judged) -> Judged {
    match (account, &judged.holder) {
        (Some(account), Some(holder)) if holder.account != account => unknown(judged.position),
        _ => judged,
    }
}

/// A question's resource.
///
/// # Errors
/// 400 when it is none.
fn resource(text: &str) -> Result<Resource<'_>, ApiError> {
    Resource::parse(text).map_err(|error| ApiError::invalid(format!("resource: {error}")))
}

/// Requires that an action can be one.
///
/// # Errors
/// 400 when it is empty or too long.
fn require_action(action: &str) -> Result<(), ApiError> {
    if action.is_empty() || action.len() > ACTION_BYTES_MAX {
        return Err(ApiError::invalid(format!(
            "action: has 1 to {ACTION_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}
