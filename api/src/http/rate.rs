//! Rate limits of a call, from its credential to the headers of its answer.

use std::sync::{Arc, OnceLock};

use poem::http::{HeaderMap, HeaderName, HeaderValue};
use poem::{PathPattern, Request};

use crate::auth::Caller;
use crate::error::ApiError;
use crate::limits::{Source, Spent, Standing, Standings};
use crate::node::Node;

const GLOBAL_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-global-limit");
const GLOBAL_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-global-remaining");
const ROUTE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-route-limit");
const ROUTE_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-route-remaining");
const TOKEN_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-auth-token-limit");
const TOKEN_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-auth-token-remaining");
const TOKEN_RESET: HeaderName = HeaderName::from_static("x-ratelimit-auth-token-reset");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Where the outermost layer learns how its request stands with the limits.
#[derive(Clone, Default)]
pub(super) struct Noted(Arc<OnceLock<Standings>>);

impl Noted {
    /// Writes the headers of the limits that the request counted for. Times are Unix milliseconds.
    pub(super) fn write(&self, now_ms: i64, headers: &mut HeaderMap) {
        let Some(standings) = self.0.get() else {
            return;
        };
        let at = |standing: &Standing| now_ms.saturating_add_unsigned(standing.reset_in_ms);
        let mut write = |standing: Option<&Standing>, limit, remaining| {
            if let Some(standing) = standing {
                headers.insert(limit, HeaderValue::from(standing.limit));
                headers.insert(remaining, HeaderValue::from(standing.remaining));
            }
        };
        write(standings.account.as_ref(), GLOBAL_LIMIT, GLOBAL_REMAINING);
        write(standings.route.as_ref(), ROUTE_LIMIT, ROUTE_REMAINING);
        write(standings.token.as_ref(), TOKEN_LIMIT, TOKEN_REMAINING);
        if let Some(token) = &standings.token {
            headers.insert(TOKEN_RESET, HeaderValue::from(at(token)));
        }
        // Clients wait for this one whichever limit it was: it is the last of them.
        let all = [standings.account, standings.route, standings.token];
        if let Some(last) = all.iter().flatten().map(at).max() {
            headers.insert(RESET, HeaderValue::from(last));
        }
    }
}

/// What is said when nothing is left.
fn refused(spent: Spent, whose: &str) -> ApiError {
    let message = format!(
        "You've exceeded the API rate limit of {} {whose} in ten seconds. Try again later.",
        spent.standing.limit
    );
    ApiError::rate_limited(spent.retry_after_s(), message)
}

/// Counts a call of a caller.
///
/// # Errors
/// 429 when one of the limits is spent.
pub fn count_call(node: &Node, request: &Request, caller: &Caller) -> Result<(), ApiError> {
    let pattern = request
        .data::<PathPattern>()
        .ok_or_else(|| ApiError::internal("an operation without its path"))?;
    let route = (request.method().clone(), Arc::clone(&pattern.0));
    let token = match caller {
        Caller::Token(token) => Some(token.token),
        Caller::Session { .. } | Caller::Invitation { .. } => None,
    };
    let mut standings = Standings::default();
    let counted = node
        .limits
        .count_call(caller.account(), token, route, &mut standings);
    if let Some(noted) = request.data::<Noted>() {
        let _the_first_count_stands = noted.0.set(standings);
    }
    counted.map_err(|spent| {
        let whose = if standings.account.is_some() {
            "calls of this account"
        } else if standings.route.is_some() {
            "calls of this operation"
        } else {
            "calls with this token"
        };
        refused(spent, whose)
    })
}

/// Counts a call whose credential does not work, and gives what it is told.
pub fn count_failure(node: &Node, source: Source, failure: ApiError) -> ApiError {
    match node.limits.count_failure(source) {
        Ok(()) => failure,
        Err(spent) => refused(spent, "failed credentials from this address"),
    }
}

/// Counts an attempt to sign in that names nobody yet.
///
/// # Errors
/// 429 when too many came from there.
pub fn count_sign_in_from(node: &Node, source: Source) -> Result<(), ApiError> {
    let counted = node.limits.count_sign_in_from(source);
    counted.map_err(|spent| refused(spent, "attempts to sign in"))
}

/// Counts an attempt to sign in.
///
/// # Errors
/// 429 when too many came from there, or for this e-mail.
pub fn count_sign_in(node: &Node, request: &Request, email: &str) -> Result<(), ApiError> {
    node.limits
        .count_sign_in(Source::of(request), email)
        .map_err(|spent| refused(spent, "attempts to sign in"))
}
