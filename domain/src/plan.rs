//! The plan of an account: what it may use. The operator sets it.
//!
//! What exists goes on working when a plan goes down: a plan decides what may be made, and whether
//! tokens may call the REST API (`docs/adr/0008`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rejection::Rejection;
use crate::state::State;

/// A plan, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// No REST API: members use the console.
    Starter,
    /// With the REST API.
    Pro,
    /// With custom roles, in-line policies, teams and service tokens besides.
    Enterprise,
}

impl Plan {
    /// All of them, in rising order.
    pub const ALL: [Self; 3] = [Self::Starter, Self::Pro, Self::Enterprise];

    /// The name in events, on the command line and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a plan: starter, pro, enterprise")]
pub struct PlanError {
    found: String,
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        Self::ALL
            .into_iter()
            .find(|plan| plan.name() == text)
            .ok_or_else(|| PlanError {
                found: text.chars().take(40).collect(),
            })
    }
}

/// What a plan may or may not include.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Calling the REST API with a token.
    RestApi,
    /// Custom roles and in-line policies.
    CustomRoles,
    /// Service tokens.
    ServiceTokens,
    /// Teams.
    Teams,
}

impl Feature {
    const fn needs(self) -> Plan {
        match self {
            Self::RestApi => Plan::Pro,
            Self::CustomRoles | Self::ServiceTokens | Self::Teams => Plan::Enterprise,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::RestApi => "calls of the REST API",
            Self::CustomRoles => "custom roles and in-line policies",
            Self::ServiceTokens => "service tokens",
            Self::Teams => "teams",
        }
    }
}

/// Requires that the account's plan includes a feature.
///
/// # Errors
/// [`Rejection::Forbidden`], which says which plan is needed.
pub fn require(state: &State, feature: Feature) -> Result<(), Rejection> {
    // An account without its first event includes nothing.
    let plan = state.account.as_ref().map(|account| account.plan);
    let needs = feature.needs();
    match plan {
        Some(plan) if plan >= needs => Ok(()),
        _ => {
            let or_higher = if needs < Plan::Enterprise {
                " or higher"
            } else {
                ""
            };
            Err(Rejection::forbidden(format!(
                "{} need the plan {needs}{or_higher}; this account is on {}",
                feature.name(),
                plan.map_or("none", Plan::name),
            )))
        }
    }
}
