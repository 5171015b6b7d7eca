//! `/api`.

mod v2;
