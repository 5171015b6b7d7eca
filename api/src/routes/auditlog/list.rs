//! `GET /api/v2/auditlog`.

use std::sync::Arc;

use keyledger_eventstore::Position;
use keyledger_projections::AuditRow;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query as Param;
use poem_openapi::payload::Json;

use super::query::Query;
use super::scan::{Bounds, scan};
use crate::auth::{Auth, Caller};
use crate::error::ApiError;
use crate::node::Node;
use crate::rep::audit::{AuditLogEntries, entry};
use crate::rep::link::{link, with_query};
use crate::routes::Tag;

const DEFAULT_LIMIT: i64 = 10;
const LIMIT_MAX: i64 = 20;
/// The path of the collection.
pub(super) const PATH: &str = "/api/v2/auditlog";

/// One page's bounds.
pub(super) struct Page {
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
    pub(super) before_position: Option<i64>,
    pub(super) limit: Option<i64>,
}

/// A page of entries. `query` are the parameters that its links repeat.
pub(super) async fn page(
    node: &Node,
    caller: &Caller,
    asked: &Query,
    page: &Page,
    query: &[(&str, Option<String>)],
) -> Result<AuditLogEntries, ApiError> {
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
    let wanted = usize::try_from(limit)
        .ok()
        .filter(|_| (1..=LIMIT_MAX).contains(&limit))
        .ok_or_else(|| ApiError::invalid(format!("limit: is 1 to {LIMIT_MAX}, not {limit}")))?;
    let before = page.before_position.unwrap_or(i64::MAX);
    if before < 0 {
        return Err(ApiError::invalid("beforePosition: is a position"));
    }
    let bounds = Bounds {
        before_ms: page.before.unwrap_or(i64::MAX),
        after_ms: page.after.unwrap_or(i64::MIN),
        before: Position::new(before),
    };
    // One more than the page holds, to tell whether there is a next one.
    let mut rows: Vec<AuditRow> = Vec::with_capacity(wanted + 1);
    let found = scan(node, caller, asked, bounds, |row| {
        rows.push(row);
        rows.len() > wanted
    })
    .await?;
    let is_cut = rows.len() > wanted;
    rows.truncate(wanted);
    let last = rows.last().filter(|_| is_cut).map(|row| row.position);
    let account = caller.account();
    let items = node.live.with_state(account, |state| {
        rows.iter().map(|row| entry(state, account, row)).collect()
    });
    let at = |before_position: Option<i64>| {
        let mut all = vec![
            ("before", page.before.map(|ms| ms.to_string())),
            ("after", page.after.map(|ms| ms.to_string())),
            ("limit", Some(limit.to_string())),
            ("beforePosition", before_position.map(|p| p.to_string())),
        ];
        all.extend(query.iter().cloned());
        link(with_query(PATH, &all))
    };
    let mut links = crate::rep::link::Links::from([("self".to_owned(), at(page.before_position))]);
    if !found.complete {
        // Many entries may share one millisecond, so the next page goes on from a position.
        links.insert(
            "next".to_owned(),
            at(Some(last.unwrap_or(found.last).get())),
        );
    }
    Ok(AuditLogEntries {
        items: items.unwrap_or_default(),
        links,
    })
}

/// The parameters of a list as its links repeat them.
pub(super) fn repeated(
    q: &Option<String>,
    spec: &Option<String>,
    members: &[String],
    tokens: &[String],
) -> Vec<(&'static str, Option<String>)> {
    let mut query = vec![("q", q.clone()), ("spec", spec.clone())];
    query.extend(members.iter().map(|id| ("member", Some(id.clone()))));
    query.extend(tokens.iter().map(|id| ("token", Some(id.clone()))));
    query
}

/// List audit log entries.
pub(super) struct ListEntries;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::AuditLog")]
impl ListEntries {
    /// List audit log entries
    ///
    /// The newest first: those about what the caller may view. Follow the `next` link for the entries
    /// before; it loses none, also where many share one millisecond.
    #[oai(
        path = "/auditlog",
        method = "get",
        operation_id = "getAuditLogEntries"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the vendor's"
    )]
    async fn list(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        /// Only those before this time, Unix milliseconds.
        Param(before): Param<Option<i64>>,
        /// Only those after this time, Unix milliseconds.
        Param(after): Param<Option<i64>>,
        /// Only those with this in the name or the resource, whatever its case.
        Param(q): Param<Option<String>>,
        /// How many entries a page holds: 1 to 20; 10 by default.
        Param(limit): Param<Option<i64>>,
        /// Only those about these resources, such as `member/*:token/*`.
        Param(spec): Param<Option<String>>,
        /// Only what these members did, by id; may be repeated.
        #[oai(name = "member", explode = true)]
        Param(members): Param<Option<Vec<String>>>,
        /// Only what was done with these tokens, by id; may be repeated.
        #[oai(name = "token", explode = true)]
        Param(tokens): Param<Option<Vec<String>>>,
        /// Only those before this position in the log; `next` links have it (extension).
        #[oai(name = "beforePosition")]
        Param(before_position): Param<Option<i64>>,
    ) -> Result<Json<AuditLogEntries>, ApiError> {
        let (members, tokens) = (members.unwrap_or_default(), tokens.unwrap_or_default());
        let query = repeated(&q, &spec, &members, &tokens);
        let asked = Query::new(q, members, tokens)?.with_spec(spec.as_deref())?;
        let bounds = Page {
            before,
            after,
            before_position,
            limit,
        };
        page(node, &caller, &asked, &bounds, &query).await.map(Json)
    }
}
