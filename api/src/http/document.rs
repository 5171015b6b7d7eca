//! What the OpenAPI document says of each operation: only the errors that it can answer.

use poem_openapi::registry::{MetaOperation, MetaParamIn};

/// Operations that no credential is about, and that nothing counts.
const OPEN: [&str; 5] = [
    "getRoot",
    "getIps",
    "getOpenapiSpec",
    "getHealthLive",
    "getHealthReady",
];

/// Whether an operation can answer with a status, by its parts.
fn can(operation: &MetaOperation, status: u16) -> bool {
    let has = |place: MetaParamIn| operation.params.iter().any(|param| param.in_type == place);
    let id = operation.operation_id.unwrap_or_default();
    let named = |name: &str| operation.params.iter().any(|param| param.name == name);
    let open = OPEN.contains(&id);
    // What takes an idempotency key changes something.
    let changes = named("Idempotency-Key");
    match status {
        400 => !open || id == "getRoot" || id == "getIps" || id == "getOpenapiSpec",
        401 => !operation.security.is_empty() || id == "postSession",
        403 => !operation.security.is_empty() || id.ends_with("Session") || id == "postInvitation",
        404 => has(MetaParamIn::Path) || id == "postInvitation" || changes,
        409 | 422 => changes,
        413 | 415 => operation.request.is_some(),
        429 => !operation.security.is_empty() || id == "postSession" || id == "postInvitation",
        503 => !["getRoot", "getIps", "getOpenapiSpec", "getHealthLive"].contains(&id),
        _ => true,
    }
}

/// Leaves out the errors that an operation cannot answer. Its own statuses stay.
pub(super) fn narrow(operation: &mut MetaOperation) {
    let responses = std::mem::take(&mut operation.responses.responses);
    operation.responses.responses = responses
        .into_iter()
        .filter(|response| {
            let status = response.status.unwrap_or(0);
            status < 400 || can(operation, status)
        })
        .collect();
}
