//! `POST /access/v1/search/…`: who may, on what, and what.

mod action;
mod page;
mod resource;
mod subject;

use keyledger_eventstore::Position;
use serde_json::{Value, json};

use super::Body;
use super::entity::Wrong;
use super::evaluate::Evaluator;
use crate::error::ApiError;

pub(super) use page::Page;
use page::Walk;

/// What a search found, and where it goes on.
struct Found {
    results: Vec<Value>,
    next: Option<String>,
    position: Position,
}

type Searched = Result<(Value, Position), ApiError>;

fn searched(
    evaluator: &Evaluator<'_>,
    body: &Body,
    kind: &str,
    search: fn(&Evaluator<'_>, &Body, &Walk) -> Result<Found, Wrong>,
) -> Searched {
    let walk = Walk::of(kind, body).map_err(ApiError::invalid)?;
    let found = search(evaluator, body, &walk).map_err(ApiError::invalid)?;
    let next_token = match found.next {
        Some(after) => walk.token(&after)?,
        None => String::new(),
    };
    let page = json!({"next_token": next_token, "count": found.results.len()});
    let value = json!({"page": page, "results": found.results});
    Ok((value, found.position))
}

/// Subjects of a type that may do an action on a resource.
///
/// # Errors
/// 400 when an entity or the page is missing or wrong.
pub(super) fn subject(evaluator: &Evaluator<'_>, body: &Body) -> Searched {
    searched(evaluator, body, "subject", subject::search)
}

/// Resources of a type on which a subject may do an action.
///
/// # Errors
/// As [`subject`].
pub(super) fn resource(evaluator: &Evaluator<'_>, body: &Body) -> Searched {
    searched(evaluator, body, "resource", resource::search)
}

/// Actions that a subject may do on a resource.
///
/// # Errors
/// As [`subject`].
pub(super) fn action(evaluator: &Evaluator<'_>, body: &Body) -> Searched {
    searched(evaluator, body, "action", action::search)
}
