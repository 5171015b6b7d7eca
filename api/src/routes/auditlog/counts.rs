//! `POST /api/v2/auditlog/counts`.

use std::sync::Arc;

use keyledger_eventstore::Position;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query as Param;
use poem_openapi::payload::Json;

use super::query::Query;
use super::scan::{Bounds, LOOKED_AT_MAX, scan};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::JsonBody;
use crate::node::Node;
use crate::rep::audit::{CountBucket, CountBucketsResult};
use crate::rep::statement::{Statement, to_domain};
use crate::routes::Tag;

const DEFAULT_BUCKETS: i64 = 50;
const BUCKETS_MAX: i64 = 500;

/// Count audit log entries.
pub(super) struct CountEntries;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl CountEntries {
    /// Count audit log entries
    ///
    /// How many entries there were after `after` and before `before`, in stretches of equal length: those
    /// that the policy in the body allows, as in the search; an empty policy asks for all.
    #[oai(
        path = "/auditlog/counts",
        method = "post",
        operation_id = "postAuditLogEntryCounts"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the vendor's"
    )]
    async fn count(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// Until when, Unix milliseconds; now, when absent.
        Param(before): Param<Option<i64>>,
        /// From when, Unix milliseconds.
        Param(after): Param<i64>,
        /// How many stretches at most: 1 to 500; 50 by default.
        Param(buckets): Param<Option<i64>>,
        /// Only what these members did, by id; may be repeated.
        #[oai(name = "member", explode = true)]
        Param(members): Param<Option<Vec<String>>>,
        /// Only what was done with these tokens, by id; may be repeated.
        #[oai(name = "token", explode = true)]
        Param(tokens): Param<Option<Vec<String>>>,
        JsonBody(statements): JsonBody<Vec<Statement>>,
    ) -> Result<Json<CountBucketsResult>, ApiError> {
        let (members, tokens) = (members.unwrap_or_default(), tokens.unwrap_or_default());
        let count = buckets.unwrap_or(DEFAULT_BUCKETS);
        if !(1..=BUCKETS_MAX).contains(&count) {
            return Err(ApiError::invalid(format!(
                "buckets: is 1 to {BUCKETS_MAX}, not {count}"
            )));
        }
        let before_ms = before.unwrap_or_else(|| node.now_ms().saturating_add(1));
        let span = before_ms
            .checked_sub(after)
            .filter(|span| after >= 0 && *span > 0)
            .ok_or_else(|| ApiError::invalid("after: is a time before `before`"))?;
        let asked = Query::new(None, members, tokens)?.with_policy(to_domain(statements))?;
        let interval = span / count + i64::from(span % count != 0);
        // What would begin at `before` or later holds nothing: in a short time there are fewer stretches.
        let count = span / interval + i64::from(span % interval != 0);
        let mut counts = vec![0_i64; usize::try_from(count).unwrap_or(0)];
        let bounds = Bounds {
            before_ms,
            after_ms: after,
            before: Position::new(i64::MAX),
        };
        let mut total_count = 0;
        let found = scan(node, &caller, &asked, bounds, |row| {
            let bucket = usize::try_from((row.at_ms - after) / interval).ok();
            if let Some(slot) = bucket.and_then(|bucket| counts.get_mut(bucket)) {
                *slot += 1;
                total_count += 1;
            }
            false
        })
        .await?;
        if !found.complete {
            return Err(ApiError::invalid(format!(
                "there are more than {LOOKED_AT_MAX} entries in that time; count a shorter one"
            )));
        }
        let bucket = |(index, count): (i64, i64)| CountBucket {
            timestamp: after + index * interval,
            count,
        };
        Ok(Json(CountBucketsResult {
            buckets: (0..).zip(counts).map(bucket).collect(),
            total_count,
            bucket_interval_ms: interval,
        }))
    }
}
