//! `/api/v2`.

mod auditlog;
mod caller_identity;
mod decisions;
mod events;
mod members;
mod openapi_json;
mod permission_changes;
mod public_ip_list;
mod roles;
mod root;
mod teams;
mod tokens;
mod versions;
mod what_if;
