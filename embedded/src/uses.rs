//! Uses of tokens, on their way to the server, so that `lastUsed` is true wherever a token was used.

use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::scope::TokenKind;
use keyledger_projections::Holder;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::feed::Feed;

/// The uses that wait, and that one request brings; those of further tokens are dropped and counted.
pub const USES_MAX: usize = 10_000;
/// How often they are sent.
const SEND: Duration = Duration::from_secs(1);

/// A use of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The account, as 24 hex characters.
    pub account: String,
    /// The token.
    pub token: String,
    /// Whom a personal token follows.
    pub member: Option<String>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

#[derive(Debug, Default)]
struct Pending {
    uses: HashMap<(AccountId, TokenId), (Option<MemberId>, i64)>,
    dropped: u64,
}

/// Uses that wait to be sent.
#[derive(Debug, Default)]
pub struct Uses {
    pending: Mutex<Pending>,
}

impl Uses {
    /// Notes that a token's secret was shown and worked.
    pub fn note(&self, holder: &Holder, now_ms: i64) {
        let member = (holder.kind == TokenKind::Personal).then_some(holder.member);
        let key = (holder.account, holder.token);
        let mut pending = self.pending.lock();
        if pending.uses.len() >= USES_MAX && !pending.uses.contains_key(&key) {
            pending.dropped += 1;
            return;
        }
        pending.uses.insert(key, (member, now_ms));
    }

    fn take(&self) -> (Vec<Use>, u64) {
        let Pending { uses, dropped } = std::mem::take(&mut *self.pending.lock());
        let as_sent = |((account, token), (member, at_ms)): (
            (AccountId, TokenId),
            (Option<MemberId>, i64),
        )| Use {
            account: account.to_string(),
            token: token.to_string(),
            member: member.map(|member| member.to_string()),
            at_ms,
        };
        (uses.into_iter().map(as_sent).collect(), dropped)
    }
}

/// Sends what was noted, for as long as somebody else has it.
pub(crate) async fn send(feed: Feed, uses: Arc<Uses>) {
    while Arc::strong_count(&uses) > 1 {
        tokio::time::sleep(SEND).await;
        let (taken, dropped) = uses.take();
        if dropped > 0 {
            tracing::warn!(
                dropped,
                "uses of tokens were not noted: there were too many at once"
            );
        }
        if taken.is_empty() {
            continue;
        }
        // A use that is lost makes a token look less used; the next one mends it.
        if let Err(error) = feed.send_uses(&taken).await {
            tracing::debug!(%error, lost = taken.len(), "uses of tokens were not sent");
        }
    }
}
