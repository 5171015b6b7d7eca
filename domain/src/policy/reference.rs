//! The language once more, as plainly as it can be written: on the raw
//! strings, slowly, sharing no code with the evaluator that serves decisions.
//! It is the reference model that tests compare the other with, and a way to
//! read what the rules are. Its running time is exponential in the number of
//! stars, so nothing else may call it.

use super::{Effect, Env, Statement, Verdict};

/// Decides as `Policy::decide` does, for statements that `Policy::parse`
/// accepts and a resource that `Resource::parse` accepts.
#[must_use]
pub fn decide(
    statements: &[Statement],
    action: &str,
    resource_text: &str,
    env: &Env<'_>,
) -> Verdict {
    let is_action = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    if action.is_empty() || action.len() > 128 || !action.chars().all(is_action) {
        return Verdict::NoMatch;
    }
    let matching = |effect: Effect| {
        statements.iter().position(|statement| {
            statement.effect == effect && statement_matches(statement, action, resource_text, env)
        })
    };
    if let Some(index) = matching(Effect::Deny) {
        return Verdict::Deny(index);
    }
    matching(Effect::Allow).map_or(Verdict::NoMatch, Verdict::Allow)
}

fn statement_matches(statement: &Statement, action: &str, resource: &str, env: &Env<'_>) -> bool {
    let acts = |pattern: &String| glob(&chars(pattern), &chars(action), env);
    let speaks = |specifier: &String| specifier_matches(specifier, resource, env);
    let action_fits = match (&statement.actions, &statement.not_actions) {
        (Some(list), None) => list.iter().any(acts),
        (None, Some(list)) => !list.iter().any(acts),
        _ => false,
    };
    let resource_fits = match (&statement.resources, &statement.not_resources) {
        (Some(list), None) => list.iter().any(speaks),
        (None, Some(list)) => !list.iter().any(speaks),
        _ => false,
    };
    action_fits && resource_fits
}

fn specifier_matches(specifier: &str, resource: &str, env: &Env<'_>) -> bool {
    if specifier == "*" {
        return true;
    }
    if specifier == "acct" || resource == "acct" {
        return specifier == resource;
    }
    let wanted = split(specifier, ':');
    let given = split(resource, ':');
    wanted.len() == given.len()
        && wanted
            .iter()
            .zip(&given)
            .all(|(w, g)| segment_matches(w, g, env))
}

fn segment_matches(wanted: &str, given: &str, env: &Env<'_>) -> bool {
    let wanted = wanted.strip_prefix('/').unwrap_or(wanted);
    let (wanted_head, wanted_selectors) = head_and_selectors(wanted);
    let (given_head, given_selectors) = head_and_selectors(given);
    let Some((wanted_type, wanted_name)) = wanted_head.split_once('/') else {
        return false;
    };
    let Some((given_type, given_name)) = given_head.split_once('/') else {
        return false;
    };
    (wanted_type == "*" || wanted_type == given_type)
        && glob(&chars(wanted_name), &chars(given_name), env)
        && wanted_selectors
            .iter()
            .all(|w| given_selectors.iter().any(|g| selector_matches(w, g, env)))
}

/// A key (`None` for a tag) and a pattern or a value.
type KeyAndText = (Option<String>, String);

fn head_and_selectors(segment: &str) -> (String, Vec<KeyAndText>) {
    let parts = split(segment, ';');
    let mut selectors = Vec::new();
    for selector in parts
        .get(1)
        .map(|text| split(text, ','))
        .unwrap_or_default()
    {
        match selector
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(properties) => {
                for property in split(properties, ',') {
                    let (key, value) = property.split_once(':').unwrap_or_default();
                    selectors.push((Some(key.to_owned()), value.to_owned()));
                }
            }
            None => selectors.push((None, selector)),
        }
    }
    (parts.first().cloned().unwrap_or_default(), selectors)
}

fn selector_matches(wanted: &KeyAndText, given: &KeyAndText, env: &Env<'_>) -> bool {
    wanted.0 == given.0 && glob(&chars(&wanted.1), &chars(&given.1), env)
}

/// Splits at a character, but not inside braces.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == at && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn glob(pattern: &[char], text: &[char], env: &Env<'_>) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        (['$', '{', tail @ ..], _) => {
            let name: String = tail.iter().take_while(|c| **c != '}').collect();
            let rest: Vec<char> = tail
                .iter()
                .skip_while(|c| **c != '}')
                .skip(1)
                .copied()
                .collect();
            values(&name, env).iter().any(|value| {
                let filled: Vec<char> = value.chars().chain(rest.iter().copied()).collect();
                glob(&filled, text, env)
            })
        }
        (['*', rest @ ..], []) => glob(rest, text, env),
        (['*', rest @ ..], [_, others @ ..]) => glob(rest, text, env) || glob(pattern, others, env),
        ([p, rest @ ..], [t, others @ ..]) => p == t && glob(rest, others, env),
        (_, []) => false,
    }
}

fn values(name: &str, env: &Env<'_>) -> Vec<String> {
    if name == "memberId" {
        let id = env.member_id;
        let usable = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric());
        return if usable {
            vec![id.to_owned()]
        } else {
            Vec::new()
        };
    }
    let Some(key) = name.strip_prefix("roleAttribute/") else {
        return Vec::new();
    };
    let usable = |value: &&String| {
        !value.is_empty()
            && !value
                .chars()
                .any(|c| ":;,{}$".contains(c) || c.is_control())
    };
    env.attributes
        .get(key)
        .iter()
        .filter(usable)
        .cloned()
        .collect()
}
