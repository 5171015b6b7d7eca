//! `/api/v2/tokens`.

mod clone;
mod create;
mod delete;
mod get;
mod list;
mod patch;
mod reset;
