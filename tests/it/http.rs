//! What holds for every call: versions, methods, origins, limits, errors.

mod cors;
mod errors;
mod method_override;
mod methods;
mod rate_limits;
mod sign_in_limits;
mod versions;
