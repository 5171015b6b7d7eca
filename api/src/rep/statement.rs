//! A statement of a policy.

use keyledger_domain::policy;
use poem_openapi::{Enum, Object};
use serde::Deserialize;

/// What a statement does with what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum Effect {
    /// It is allowed.
    Allow,
    /// It is refused, whatever the policy allows elsewhere.
    Deny,
}

/// A statement: exactly one of `resources` and `notResources`, and one of `actions` and `notActions`.
#[derive(Debug, Clone, PartialEq, Eq, Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// Resource specifiers of which one must match.
    pub resources: Option<Vec<String>>,
    /// Resource specifiers of which none may match.
    pub not_resources: Option<Vec<String>>,
    /// Actions of which one must match; `*` stands for any characters.
    pub actions: Option<Vec<String>>,
    /// Actions of which none may match.
    pub not_actions: Option<Vec<String>>,
}

/// An empty list stands for an absent one: clients send `[]` for what they did not set.
fn filled(list: Option<Vec<String>>) -> Option<Vec<String>> {
    list.filter(|list| !list.is_empty())
}

impl From<Statement> for policy::Statement {
    fn from(statement: Statement) -> Self {
        Self {
            effect: match statement.effect {
                Effect::Allow => policy::Effect::Allow,
                Effect::Deny => policy::Effect::Deny,
            },
            resources: filled(statement.resources),
            not_resources: filled(statement.not_resources),
            actions: filled(statement.actions),
            not_actions: filled(statement.not_actions),
        }
    }
}

impl From<&policy::Statement> for Statement {
    fn from(statement: &policy::Statement) -> Self {
        Self {
            effect: match statement.effect {
                policy::Effect::Allow => Effect::Allow,
                policy::Effect::Deny => Effect::Deny,
            },
            resources: statement.resources.clone(),
            not_resources: statement.not_resources.clone(),
            actions: statement.actions.clone(),
            not_actions: statement.not_actions.clone(),
        }
    }
}

/// Statements of the domain.
#[must_use]
pub fn to_domain(statements: Vec<Statement>) -> Vec<policy::Statement> {
    statements.into_iter().map(Into::into).collect()
}

/// Statements for the wire.
#[must_use]
pub fn from_domain(statements: &[policy::Statement]) -> Vec<Statement> {
    statements.iter().map(Into::into).collect()
}
