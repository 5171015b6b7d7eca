//! `POST /access/v1/evaluations`: many at one position.

use keyledger_eventstore::Position;
use serde_json::{Map, Value, json};

use super::Body;
use super::evaluate::{Entities, Evaluator, decision};
use super::evaluation;
use crate::doors::BATCH_MAX;
use crate::error::ApiError;

/// When the rest need not be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    fn of(options: Option<&Map<String, Value>>) -> Result<Self, ApiError> {
        let named = options.and_then(|options| options.get("evaluations_semantic"));
        match named.map(Value::as_str) {
            None | Some(Some("execute_all")) => Ok(Self::ExecuteAll),
            Some(Some("deny_on_first_deny")) => Ok(Self::DenyOnFirstDeny),
            Some(Some("permit_on_first_permit")) => Ok(Self::PermitOnFirstPermit),
            Some(_) => Err(ApiError::invalid(
                "options.evaluations_semantic: is execute_all, deny_on_first_deny or permit_on_first_permit",
            )),
        }
    }

    const fn ends_with(self, allowed: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !allowed,
            Self::PermitOnFirstPermit => allowed,
        }
    }
}

/// Answers a request. What an evaluation leaves out is taken whole from the top; one that is wrong is a denial.
///
/// # Errors
/// 400 when the request as a whole is wrong.
pub(super) fn answer(
    evaluator: &Evaluator<'_>,
    body: &Body,
) -> Result<(Value, Position), ApiError> {
    let list = match body.evaluations.as_deref() {
        None | Some([]) => return evaluation::answer(evaluator, body),
        Some(list) => list,
    };
    if list.len() > BATCH_MAX {
        return Err(ApiError::invalid(format!(
            "evaluations: has {}, {BATCH_MAX} are the most",
            list.len()
        )));
    }
    let semantic = Semantic::of(body.options.as_ref())?;
    let memory = &evaluator.doors.memory;
    Ok(memory.live.at_once(memory.now_ms(), |moment| {
        let mut out = Vec::with_capacity(list.len());
        for one in list {
            let entities = Entities {
                subject: one.get("subject").or(body.subject.as_ref()),
                action: one.get("action").or(body.action.as_ref()),
                resource: one.get("resource").or(body.resource.as_ref()),
            };
            let (allowed, value) = match evaluator.evaluate(moment, &entities) {
                Ok(verdict) => (verdict.allowed(), decision(&verdict)),
                Err(wrong) => {
                    let error = json!({"status": 400, "message": wrong});
                    (
                        false,
                        json!({"decision": false, "context": {"error": error}}),
                    )
                }
            };
            out.push(value);
            if semantic.ends_with(allowed) {
                break;
            }
        }
        (json!({"evaluations": out}), moment.position())
    }))
}
