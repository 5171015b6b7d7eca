//! `keyledger openapi`.

use std::io::Write as _;

/// Prints the document that `openapi.yaml` holds.
pub(super) fn run() -> Result<(), String> {
    std::io::stdout()
        .write_all(crate::http::openapi_yaml().as_bytes())
        .map_err(|error| error.to_string())
}
