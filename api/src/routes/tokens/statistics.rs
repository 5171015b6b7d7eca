//! `GET /api/v2/token-statistics`.

use std::sync::Arc;

use keyledger_domain::ids::TokenId;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::State;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use crate::auth::Auth;
use crate::doors::Doors;
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::statistics::{AgeCount, DecisionDay, TokenStatistics};
use crate::routes::Tag;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// The ranges of ages end at these, in days; one more holds what is older.
const AGES_DAYS: [i64; 5] = [7, 30, 90, 180, 365];
/// What has not been used for this long is unused, in days.
const UNUSED_DAYS: i64 = 90;
/// What ends within this time is expiring, in days.
const EXPIRING_DAYS: i64 = 30;
/// How far decisions are looked back for, in days.
const DECISIONS_DAYS: i64 = 14;

/// Get token statistics.
pub(super) struct GetTokenStatistics;

/// When a token was made, Unix milliseconds: an id begins with the second.
fn made_ms(id: TokenId) -> i64 {
    let [a, b, c, d, ..] = *id.as_bytes();
    i64::from(u32::from_be_bytes([a, b, c, d])) * 1_000
}

fn empty() -> TokenStatistics {
    let ages = AGES_DAYS.into_iter().map(Some).chain([None]);
    TokenStatistics {
        ages: ages
            .map(|days_below| AgeCount {
                days_below,
                personal: 0,
                service: 0,
            })
            .collect(),
        never_used: 0,
        unused: 0,
        expiring: 0,
        expired: 0,
        deactivated: 0,
        decisions: None,
    }
}

impl TokenStatistics {
    fn count(
        &mut self,
        (id, kind): (TokenId, TokenKind),
        expiry_ms: Option<i64>,
        used_ms: Option<i64>,
        now_ms: i64,
    ) {
        let age_ms = now_ms.saturating_sub(made_ms(id));
        let below = |count: &&mut AgeCount| {
            count
                .days_below
                .is_none_or(|days| age_ms < days.saturating_mul(DAY_MS))
        };
        if let Some(count) = self.ages.iter_mut().find(below) {
            match kind {
                TokenKind::Personal => count.personal += 1,
                TokenKind::Service => count.service += 1,
            }
        }
        self.never_used += u64::from(used_ms.is_none());
        match expiry_ms {
            Some(expiry) if expiry <= now_ms => {
                self.expired += 1;
                return;
            }
            Some(expiry) if expiry < now_ms.saturating_add(EXPIRING_DAYS * DAY_MS) => {
                self.expiring += 1;
            }
            _ => {}
        }
        let idle_ms = now_ms.saturating_sub(used_ms.unwrap_or(0));
        let long = UNUSED_DAYS * DAY_MS;
        self.unused += u64::from(age_ms >= long && idle_ms >= long);
    }
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Tokens")]
impl GetTokenStatistics {
    /// Get token statistics
    ///
    /// The account's tokens by kind and age, and how many were never used, are expiring, or do not work any more; and the
    /// decisions of the last days, where this node's decision log notes any. It needs `viewAccessToken` on all tokens, which
    /// admins have (extension).
    #[oai(
        path = "/token-statistics",
        method = "get",
        operation_id = "getTokenStatistics"
    )]
    async fn get(
        &self,
        Data(node): Data<&Arc<Node>>,
        Data(doors): Data<&Arc<Doors>>,
        Auth(caller): Auth,
    ) -> Result<Json<TokenStatistics>, ApiError> {
        caller.actor_now(node, |_, actor| {
            actor.require("viewAccessToken", "member/any:token/any")
        })??;
        let account = caller.account();
        let used = node.usage.all_last_used(account).await;
        let used = used.map_err(ApiError::internal)?;
        let now_ms = node.now_ms();
        let mut statistics = empty();
        let mut personal = Vec::new();
        node.live.each_grant(account, |id, grant, expiry_ms| {
            let used_ms = used.get(&id).copied();
            statistics.count((id, grant.kind), expiry_ms, used_ms, now_ms);
            if grant.kind == TokenKind::Personal {
                personal.push(grant.member);
            }
        });
        let gone = |state: &State| {
            let gone = personal.iter().filter(|id| state.member(**id).is_none());
            gone.count() as u64
        };
        statistics.deactivated = node.live.with_state(account, gone).unwrap_or(0);
        let since_ms = now_ms.saturating_sub(DECISIONS_DAYS * DAY_MS);
        let days = doors.log().days(account, since_ms).await;
        let days = days.map_err(ApiError::internal)?;
        let day = |(day, allowed, denied)| DecisionDay {
            day,
            allowed,
            denied,
        };
        statistics.decisions = days.map(|days| days.into_iter().map(day).collect());
        Ok(Json(statistics))
    }
}
