//! Statements, compiled.

use super::action;
use super::attributes::Env;
use super::error::{Fault, PolicyError};
use super::glob::Glob;
use super::limits::Limits;
use super::resource::Resource;
use super::specifier::Specifier;
use super::{Effect, Statement};

/// One compiled statement.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) effect: Effect,
    pub(super) actions: Entries<Glob>,
    pub(super) resources: Entries<Specifier>,
}

/// One of the two lists of a statement.
#[derive(Clone, Debug)]
pub(super) struct Entries<T> {
    /// It is the `not…` list: it matches when no entry does.
    negated: bool,
    /// An entry matches whatever is asked.
    everything: bool,
    pub(super) list: Box<[T]>,
}

impl<T> Entries<T> {
    #[inline]
    pub(super) fn matches(&self, matches: impl Fn(&T) -> bool) -> bool {
        (self.everything || self.list.iter().any(matches)) != self.negated
    }
}

impl Rule {
    /// Whether the statement speaks about this question.
    #[inline]
    pub(super) fn matches(&self, action: &str, resource: &Resource<'_>, env: &Env<'_>) -> bool {
        // Actions first: they are short, and usually differ.
        self.matches_action(action, env) && self.matches_resource(resource, env)
    }

    /// Whether the statement speaks about this action.
    #[inline]
    pub(super) fn matches_action(&self, action: &str, env: &Env<'_>) -> bool {
        self.actions
            .matches(|pattern| pattern.matches(action.as_bytes(), env))
    }

    /// Whether the statement speaks about this resource.
    #[inline]
    pub(super) fn matches_resource(&self, resource: &Resource<'_>, env: &Env<'_>) -> bool {
        self.resources
            .matches(|specifier| specifier.matches(resource, env))
    }
}

/// Compiles all statements, or says which one is at fault.
pub(super) fn compile(
    statements: &[Statement],
    limits: &Limits,
) -> Result<Box<[Rule]>, PolicyError> {
    if statements.len() > limits.statements.max {
        return Err(Fault::over("statements", limits.statements).within(""));
    }
    let mut bytes = 0_usize;
    for (index, statement) in statements.iter().enumerate() {
        for (field, list) in lists(statement) {
            if list.len() > limits.entries.max {
                return Err(
                    Fault::over("entries", limits.entries).within(format!("/{index}/{field}"))
                );
            }
            bytes = list
                .iter()
                .fold(bytes, |sum, text| sum.saturating_add(text.len()));
        }
    }
    if bytes > limits.policy_bytes.max {
        return Err(Fault::over("bytes in a policy", limits.policy_bytes).within(""));
    }
    statements
        .iter()
        .enumerate()
        .map(|(index, statement)| rule(index, statement, limits))
        .collect()
}

fn lists(statement: &Statement) -> impl Iterator<Item = (&'static str, &[String])> {
    let Statement {
        effect: _,
        resources,
        not_resources,
        actions,
        not_actions,
    } = statement;
    [
        ("resources", resources),
        ("notResources", not_resources),
        ("actions", actions),
        ("notActions", not_actions),
    ]
    .into_iter()
    .filter_map(|(field, list)| Some((field, list.as_deref()?)))
}

fn rule(index: usize, statement: &Statement, limits: &Limits) -> Result<Rule, PolicyError> {
    let Statement {
        effect,
        resources,
        not_resources,
        actions,
        not_actions,
    } = statement;
    let resources = choose(
        index,
        ["resources", "notResources"],
        [resources, not_resources],
        |text| Specifier::parse(text, limits),
    )?;
    let actions = choose(
        index,
        ["actions", "notActions"],
        [actions, not_actions],
        action::parse,
    )?;
    Ok(Rule {
        effect: *effect,
        actions: Entries {
            everything: actions.list.iter().any(|glob| matches!(glob, Glob::Any)),
            ..actions
        },
        resources: Entries {
            everything: resources
                .list
                .iter()
                .any(|specifier| matches!(specifier, Specifier::Everything)),
            ..resources
        },
    })
}

/// Compiles whichever of the two lists is there.
fn choose<T>(
    index: usize,
    [field, not_field]: [&str; 2],
    lists: [&Option<Vec<String>>; 2],
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> Result<Entries<T>, PolicyError> {
    let (field, texts, negated) = match lists {
        [Some(texts), None] => (field, texts, false),
        [None, Some(texts)] => (not_field, texts, true),
        [Some(_), Some(_)] => {
            let message = format!("a statement has either {field} or {not_field}, not both");
            return Err(Fault::whole(message).within(format!("/{index}")));
        }
        [None, None] => {
            let message = format!("a statement needs {field} or {not_field}");
            return Err(Fault::whole(message).within(format!("/{index}")));
        }
    };
    if texts.is_empty() {
        return Err(Fault::whole("the list cannot be empty").within(format!("/{index}/{field}")));
    }
    let parsed = texts.iter().enumerate().map(|(place, text)| {
        parse(text).map_err(|fault| fault.within(format!("/{index}/{field}/{place}")))
    });
    Ok(Entries {
        negated,
        everything: false,
        list: parsed.collect::<Result<_, _>>()?,
    })
}
