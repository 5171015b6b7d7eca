//! What every request passes: its id, its limits, the shape of its errors.

mod app;
mod body;
mod cors;
mod document;
pub mod filter;
mod meta;
mod method;
mod middleware;
mod paths;
mod position;
mod rate;
mod semantic;
mod sidecar;
mod version;
mod written;

pub use app::{app, openapi_json, openapi_yaml};
pub use body::{JsonBody, read_json};
pub(crate) use cors::allow_origin;
pub use meta::{RequestMeta, Settled, WriteMeta};
pub use position::{min_position, position};
pub use rate::{count_call, count_failure, count_sign_in, count_sign_in_from};
pub use semantic::{SEMANTIC_PATCH, SemanticPatch};
pub use sidecar::sidecar_app;
pub use version::{API_VERSION, ApiVersion, AskedVersion};
pub use written::{NoBody, Written};

/// Whether a path is of the API, where its conventions hold.
fn in_api(path: &str) -> bool {
    path.strip_prefix("/api/v2")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The header that answers a write with its position, and a read with where the node is.
pub const POSITION: &str = "X-Keyledger-Position";
/// The header of a read that waits for a position.
pub const MIN_POSITION: &str = "X-Keyledger-Min-Position";
/// The header that names a request in answers, errors and events.
pub const REQUEST_ID: &str = "X-Request-Id";
/// The header that makes a repeated write harmless.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The header of an answer that was given before.
pub const REPLAYED: &str = "Idempotent-Replayed";
/// The largest body that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 4 << 20;
