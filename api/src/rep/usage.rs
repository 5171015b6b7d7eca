//! How often a token was used.

use poem_openapi::Object;

/// One day.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct UsageDay {
    /// The day in UTC, such as `2026-11-25`.
    pub day: String,
    /// How many calls the token authenticated, those that were then refused included.
    pub calls: i64,
}

/// How often a token was used, day by day.
#[derive(Debug, Clone, Object)]
pub struct Usage {
    /// The days on which it was, the oldest first.
    pub items: Vec<UsageDay>,
}
