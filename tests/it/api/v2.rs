//! `/api/v2`.

mod auditlog;
mod caller_identity;
mod members;
mod roles;
mod root;
mod tokens;
mod versions;
