//! `/api/v2/tokens`.

mod clone;
mod create;
mod delete;
mod explanation;
mod get;
mod last_used;
mod list;
mod patch;
mod reset;
mod search;
mod usage;
