//! Substituting placeholders once and for all.

use super::attributes::Env;
use super::error::{Fault, PolicyError};
use super::limits::{FROZEN_SPECIFIERS_MAX, Limit};
use super::{Policy, Statement};

const SPECIFIERS: Limit = Limit {
    max: FROZEN_SPECIFIERS_MAX,
    name: "FROZEN_SPECIFIERS_MAX",
};

/// The statements of `policy` with every placeholder replaced by its values.
pub(super) fn statements(policy: &Policy, env: &Env<'_>) -> Result<Vec<Statement>, PolicyError> {
    let mut room = FROZEN_SPECIFIERS_MAX;
    let mut frozen = Vec::with_capacity(policy.statements().len());
    for (index, statement) in policy.statements().iter().enumerate() {
        let mut list = |field: &str, specifiers: &Option<Vec<String>>| {
            let Some(specifiers) = specifiers else {
                return Ok(None);
            };
            let mut all = Vec::with_capacity(specifiers.len());
            for (place, specifier) in specifiers.iter().enumerate() {
                let made = expand(specifier, env, &mut room)
                    .map_err(|fault| fault.within(format!("/{index}/{field}/{place}")))?;
                all.extend(made);
            }
            Ok(Some(all))
        };
        let resources = list("resources", &statement.resources)?;
        let not_resources = list("notResources", &statement.not_resources)?;
        let (resources, not_resources) = match (resources, not_resources) {
            // Speaks about nothing any more.
            (Some(resources), _) if resources.is_empty() => continue,
            // Excludes nothing any more.
            (_, Some(excluded)) if excluded.is_empty() => (Some(vec!["*".to_owned()]), None),
            other => other,
        };
        frozen.push(Statement {
            effect: statement.effect,
            resources,
            not_resources,
            actions: statement.actions.clone(),
            not_actions: statement.not_actions.clone(),
        });
    }
    Ok(frozen)
}

/// One specifier for each combination of values; `room` is what is left of the limit.
fn expand(specifier: &str, env: &Env<'_>, room: &mut usize) -> Result<Vec<String>, Fault> {
    let mut holes: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut rest = specifier;
    // The text was parsed, so every `${` begins a placeholder that ends at the next `}`.
    while let Some((before, (name, after))) = rest
        .split_once("${")
        .and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        let values: Vec<&str> = match name.strip_prefix("roleAttribute/") {
            Some(key) => env.attribute(key).iter().map(String::as_str).collect(),
            None => env.member().into_iter().collect(),
        };
        holes.push((before, values));
        rest = after;
    }
    if holes.is_empty() {
        return Ok(vec![specifier.to_owned()]);
    }
    // Counted before anything is built: four placeholders of a hundred values are 10^8.
    let count = holes.iter().fold(1_usize, |count, (_, values)| {
        count.saturating_mul(values.len())
    });
    *room = room
        .checked_sub(count)
        .ok_or_else(|| Fault::over("specifiers made of placeholders", SPECIFIERS))?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut made = vec![String::new()];
    for (before, values) in holes {
        made = made
            .iter()
            .flat_map(|head| {
                values
                    .iter()
                    .map(move |value| format!("{head}{before}{value}"))
            })
            .collect();
    }
    made.iter_mut().for_each(|text| text.push_str(rest));
    Ok(made)
}
