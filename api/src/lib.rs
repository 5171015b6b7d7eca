//! The `keyledger` binary: REST, the command line, and the node that holds them together.
//!
//! A request walks `http` (limits, ids, errors) → `routes` (one file per endpoint) → `node` (decide,
//! append, wait) → the crates below. `docs/architecture.md` tells it at length.

pub mod as_of;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
mod console;
pub mod decision_log;
pub mod doors;
pub mod entropy;
pub mod error;
pub mod http;
pub mod invitation;
pub mod limits;
pub mod member_keys;
pub mod node;
pub mod openid;
pub mod password;
pub mod patch;
pub mod pepper;
pub mod rep;
pub mod routes;
pub mod sealed_log;
pub mod sessions;
pub mod side;
pub mod side_file;
pub mod signing_key;
pub mod store;
pub mod usage;
