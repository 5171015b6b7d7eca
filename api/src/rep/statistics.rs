//! An account's tokens, counted.

use poem_openapi::Object;

/// How many tokens there are in one range of ages.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct AgeCount {
    /// Less than this many days old; absent for the oldest.
    pub days_below: Option<i64>,
    /// Personal tokens.
    pub personal: u64,
    /// Service tokens.
    pub service: u64,
}

/// Decisions of one day.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct DecisionDay {
    /// The day in UTC, such as `2026-11-25`.
    pub day: String,
    /// Noted decisions that allowed.
    pub allowed: i64,
    /// Noted decisions that refused.
    pub denied: i64,
}

/// An account's tokens, counted.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct TokenStatistics {
    /// By age and kind, the youngest first. Each token is in one of them.
    pub ages: Vec<AgeCount>,
    /// Those that never authenticated a call.
    pub never_used: u64,
    /// Those that work and have not authenticated a call for 90 days or ever, though they are as old as that.
    pub unused: u64,
    /// Those that end within 30 days.
    pub expiring: u64,
    /// Those that have ended by themselves and were not deleted.
    pub expired: u64,
    /// Personal tokens whose member was removed.
    pub deactivated: u64,
    /// Decisions of the last 14 days as this node's decision log noted them, the oldest first; absent where it notes none.
    pub decisions: Option<Vec<DecisionDay>>,
}
