//! `POST /access/v1/evaluation`.

use keyledger_eventstore::Position;
use serde_json::Value;

use super::Body;
use super::evaluate::{Entities, Evaluator, decision};
use crate::error::ApiError;

/// Answers a request.
///
/// # Errors
/// 400 when an entity is missing or wrong.
pub(super) fn answer(
    evaluator: &Evaluator<'_>,
    body: &Body,
) -> Result<(Value, Position), ApiError> {
    let memory = &evaluator.doors.memory;
    let entities = Entities {
        subject: body.subject.as_ref(),
        action: body.action.as_ref(),
        resource: body.resource.as_ref(),
    };
    let verdict = memory.live.at_once(memory.now_ms(), |moment| {
        evaluator.evaluate(moment, &entities)
    });
    let verdict = verdict.map_err(ApiError::invalid)?;
    Ok((decision(&verdict), verdict.judged.position))
}
