//! The policy language: who may do what on which resource.
//!
//! A [`Policy`] is a list of [`Statement`]s in LaunchDarkly's shape, parsed
//! once and then asked many times. Inside one policy a matching deny wins,
//! else a matching allow, else nothing matched, which callers treat as a deny.
//! Texts are compiled by `specifier` and `action` into `glob` patterns;
//! [`mod@reference`] says the same rules once more, slowly and plainly.
//! `docs/policy.md` describes the language for its users.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod action;
mod attributes;
pub(crate) mod automaton;
mod class;
mod cursor;
mod error;
mod freeze;
mod glob;
mod limits;
pub mod reference;
mod resource;
mod rule;
mod specifier;
mod text;
pub(crate) mod universe;

pub use attributes::{Env, RoleAttributes};
pub use error::{PolicyError, ResourceError};
pub use limits::{
    ACTION_BYTES_MAX, ATTRIBUTE_CHARS_MAX, ATTRIBUTE_VALUES_MAX, ATTRIBUTES_MAX, ENTRIES_MAX,
    FROZEN_POLICY_BYTES_MAX, FROZEN_SPECIFIERS_MAX, NAME_BYTES_MAX, PLACEHOLDERS_MAX,
    POLICY_BYTES_MAX, RESOURCE_BYTES_MAX, SEGMENTS_MAX, SELECTORS_MAX, SPECIFIER_BYTES_MAX,
    STATEMENTS_MAX,
};
pub use resource::{Resource, is_name};

use rule::Rule;

/// What a statement does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Grants.
    Allow,
    /// Refuses, whatever else grants.
    Deny,
}

/// One statement in its text form, as it travels in events and JSON.
///
/// `Policy::parse` wants exactly one of `resources` and `not_resources`, and
/// exactly one of `actions` and `not_actions`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// What the statement does.
    pub effect: Effect,
    /// It speaks about the resources that one of these specifiers matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// It speaks about the resources that none of these specifiers matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_resources: Option<Vec<String>>,
    /// It speaks about the actions that one of these patterns matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<String>>,
    /// It speaks about the actions that none of these patterns matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_actions: Option<Vec<String>>,
}

/// What a policy says about one action on one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// No deny matches, and the statement of this index is the first allow that does.
    Allow(usize),
    /// The statement of this index is the first deny that matches.
    Deny(usize),
    /// No statement matches. Refused by default.
    NoMatch,
}

impl Verdict {
    /// Whether the action is granted.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        matches!(self, Verdict::Allow(_))
    }
}

/// The half of a question that a statement does not speak about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Miss {
    /// It speaks about the resource, and about other actions.
    Action,
    /// It speaks about the action, and about other resources.
    Resource,
}

/// A parsed policy and the statements it came from. Compared, hashed and
/// serialized by those statements.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    statements: Vec<Statement>,
    rules: Box<[Rule]>,
    has_placeholders: bool,
}

impl Policy {
    /// Parses statements that a user wrote. No statements are a policy that grants nothing.
    ///
    /// # Errors
    /// Names the first statement, list or text that breaks a rule or a limit.
    pub fn parse(statements: Vec<Statement>) -> Result<Policy, PolicyError> {
        Policy::compile(statements, &limits::WRITTEN)
    }

    /// Parses statements that were stored: frozen ones may be larger than what a user may write.
    ///
    /// # Errors
    /// Names the first statement, list or text that breaks a rule or a limit.
    pub fn parse_stored(statements: Vec<Statement>) -> Result<Policy, PolicyError> {
        Policy::compile(statements, &limits::STORED)
    }

    fn compile(statements: Vec<Statement>, limits: &limits::Limits) -> Result<Policy, PolicyError> {
        let rules = rule::compile(&statements, limits)?;
        let has_placeholders = statements.iter().any(Statement::has_placeholders);
        Ok(Policy {
            statements,
            rules,
            has_placeholders,
        })
    }

    /// The statements as they were given.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether there are no statements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Whether decisions depend on the `Env`.
    #[must_use]
    pub fn has_placeholders(&self) -> bool {
        self.has_placeholders
    }

    /// What the policy says about `action` on `resource`. Never fails, never
    /// allocates; an action that is not well-formed matches no statement.
    #[must_use]
    pub fn decide(&self, action: &str, resource: &Resource<'_>, env: &Env<'_>) -> Verdict {
        if !action::is_concrete(action) {
            return Verdict::NoMatch;
        }
        let mut verdict = Verdict::NoMatch;
        for (index, rule) in self.rules.iter().enumerate() {
            // After the first allow only a deny can still change the answer.
            let open = rule.effect == Effect::Deny || verdict == Verdict::NoMatch;
            if open && rule.matches(action, resource, env) {
                match rule.effect {
                    Effect::Deny => return Verdict::Deny(index),
                    Effect::Allow => verdict = Verdict::Allow(index),
                }
            }
        }
        verdict
    }

    /// The allow that comes nearest to `action` on `resource` without matching it: the first that speaks about
    /// the action, else the first that speaks about the resource.
    #[must_use]
    pub fn nearest(
        &self,
        action: &str,
        resource: &Resource<'_>,
        env: &Env<'_>,
    ) -> Option<(usize, Miss)> {
        let mut nearest = None;
        for (index, rule) in self.rules.iter().enumerate() {
            if rule.effect == Effect::Deny {
                continue;
            }
            match (
                rule.matches_action(action, env),
                rule.matches_resource(resource, env),
            ) {
                (true, false) => return Some((index, Miss::Resource)),
                (false, true) => nearest = nearest.or(Some((index, Miss::Action))),
                _ => {}
            }
        }
        nearest
    }

    /// The policy with every placeholder replaced by its values in `env`. It
    /// grants and refuses exactly what this one does under `env`; statements
    /// that can no longer match are gone, so indices may differ.
    ///
    /// # Errors
    /// When the combinations of values exceed [`FROZEN_SPECIFIERS_MAX`] or the
    /// texts [`FROZEN_POLICY_BYTES_MAX`].
    pub fn freeze(&self, env: &Env<'_>) -> Result<Policy, PolicyError> {
        if !self.has_placeholders {
            return Ok(self.clone());
        }
        Policy::compile(freeze::statements(self, env)?, &limits::STORED)
    }
}

impl Statement {
    fn has_placeholders(&self) -> bool {
        // `$` stands nowhere else in a specifier, and in no action.
        [&self.resources, &self.not_resources]
            .into_iter()
            .flatten()
            .flatten()
            .any(|text| text.contains('$'))
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.statements == other.statements
    }
}

impl Eq for Policy {}

impl std::hash::Hash for Policy {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.statements.hash(state);
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.statements.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Policy {
    /// Parses with the limits of a frozen policy, since this is how events are read back.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let statements = Vec::<Statement>::deserialize(deserializer)?;
        Policy::compile(statements, &limits::STORED).map_err(serde::de::Error::custom)
    }
}
