//! The doors: every way in which a service, a gateway or a cluster asks for a decision.
//!
//! A door is plain: it reads its request, asks the memory once and answers, beside the routes of the REST API and
//! without their layers, because gateways wait for it on each request of theirs. All doors give the same verdicts
//! (`verdict.rs`), make callers prove the same trust (`trust.rs`) and wait for positions alike (`reply.rs`).

mod authzen;
mod front;
mod gateway;
mod ids;
mod kubernetes;
mod native;
mod oauth;
mod past;
mod reply;
mod trust;
mod verdict;

use std::sync::Arc;

use keyledger_domain::ids::{AccountId, TokenId};
use keyledger_domain::policy::{ACTION_BYTES_MAX, Resource};
use keyledger_domain::scope::TokenKind;
use keyledger_projections::{AuthFailure, DecideFailure, Holder, Judged, Named};

use crate::entropy::EntropyError;
use crate::error::ApiError;
use crate::node::Node;

pub use authzen::Authzen;
pub use front::front;
pub use gateway::{Gateway, GrpcDoor, MappingError};
pub use ids::{DecisionId, DecisionIds};
pub use native::AskDecisions;
pub use verdict::{Reason, Verdict};

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

/// The doors of a node.
pub struct Doors {
    node: Arc<Node>,
    ids: DecisionIds,
    gateway: Gateway,
    authzen: Authzen,
}

impl Doors {
    /// The doors of a node.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub fn new(node: Arc<Node>, gateway: Gateway, authzen: Authzen) -> Result<Self, EntropyError> {
        Ok(Self {
            node,
            ids: DecisionIds::new()?,
            gateway,
            authzen,
        })
    }

    /// The node behind them.
    #[must_use]
    pub const fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Decides now. With an account, tokens of others are unknown.
    fn decide(
        &self,
        account: Option<AccountId>,
        who: Who<'_>,
        action: &str,
        resource: &Resource<'_>,
    ) -> Verdict {
        let now_ms = self.node.now_ms();
        let live = &self.node.live;
        let judged = match (who, account) {
            (Who::Secret(secret), _) => live.judge(secret, (action, resource), now_ms),
            (Who::Token(id), Some(account)) => live.at_once(now_ms, |moment| {
                let named = Named::Id(account, id);
                moment.judge(&named, (action, resource))
            }),
            (Who::Token(_), None) => unknown(live.position()),
        };
        self.verdict(seen_by(account, judged), matches!(who, Who::Secret(_)))
    }

    /// Whether a token works, whatever it may do. With an account, tokens of others are unknown.
    fn status(&self, account: Option<AccountId>, who: Who<'_>) -> Verdict {
        let live = &self.node.live;
        let named = match (who, account) {
            (Who::Secret(secret), _) => Some(live.named(secret)),
            (Who::Token(id), Some(account)) => Some(Named::Id(account, id)),
            (Who::Token(_), None) => None,
        };
        let judged = match named {
            Some(named) => live.at_once(self.node.now_ms(), |moment| moment.status(&named)),
            None => unknown(live.position()),
        };
        self.verdict(seen_by(account, judged), matches!(who, Who::Secret(_)))
    }

    /// Names a decision, and notes the use of a token that showed its secret.
    fn verdict(&self, judged: Judged, by_secret: bool) -> Verdict {
        let verdict = Verdict {
            judged,
            id: self.ids.next(),
        };
        if let Some(holder) = verdict.holder()
            && by_secret
            && !verdict.reason().is_of_token()
        {
            self.used(holder);
        }
        verdict
    }

    fn used(&self, holder: &Holder) {
        let member = (holder.kind == TokenKind::Personal).then_some(holder.member);
        let now_ms = self.node.now_ms();
        self.node
            .usage
            .used(holder.account, holder.token, member, now_ms);
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
