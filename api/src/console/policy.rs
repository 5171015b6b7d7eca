//! Policies as people type them: checked while they do, with the error at its place, and tried on an example.

use askama::Template;
use keyledger_domain::policy::{Env, Policy, Resource, RoleAttributes, Statement, Verdict};
use poem::Response;
use serde_json::Value;

use super::backend::Backend;
use super::form::Form;
use super::page::{self, Refusal};

/// Where an empty editor begins.
pub(super) const EXAMPLE: &str = r#"[
  {
    "effect": "allow",
    "resources": ["proj/*"],
    "actions": ["viewProject"]
  }
]"#;

/// The longest line that is quoted in a report, in characters.
const LINE_CHARS_MAX: usize = 120;

/// What is wrong, and where.
struct Fault {
    message: String,
    /// Line and column in the text, from 1.
    place: Option<(usize, usize)>,
    line: String,
}

struct Tried {
    allowed: bool,
    words: String,
}

#[derive(Template)]
#[template(path = "policy_report.html")]
struct Report {
    fault: Option<Fault>,
    statements: usize,
    tried: Option<Result<Tried, String>>,
}

/// The policy of a form, for the API.
pub(super) fn json(form: &Form) -> Result<Value, Refusal> {
    let text = form.get("policy");
    parse(text)
        .map(|(value, _)| value)
        .map_err(|fault| Refusal::unprocessable(fault.whole()))
}

impl Fault {
    fn at(text: &str, message: String, place: Option<(usize, usize)>) -> Self {
        let line = place.and_then(|(line, _)| text.lines().nth(line.saturating_sub(1)));
        let line = line.unwrap_or_default().trim();
        Self {
            message,
            place,
            line: line.chars().take(LINE_CHARS_MAX).collect(),
        }
    }

    fn whole(&self) -> String {
        match self.place {
            Some((line, column)) => {
                format!("the policy, line {line}, column {column}: {}", self.message)
            }
            None => format!("the policy: {}", self.message),
        }
    }
}

fn parse(text: &str) -> Result<(Value, Policy), Fault> {
    let read = |error: &serde_json::Error| {
        let message = error.to_string();
        // The place is given apart.
        let message = message.split(" at line ").next().unwrap_or_default();
        Fault::at(
            text,
            message.to_owned(),
            Some((error.line(), error.column())),
        )
    };
    let value: Value = serde_json::from_str(text).map_err(|error| read(&error))?;
    let statements: Vec<Statement> = serde_json::from_str(text).map_err(|error| read(&error))?;
    let policy = Policy::parse(statements)
        .map_err(|error| Fault::at(text, error.to_string(), place(text, error.pointer())))?;
    Ok((value, policy))
}

/// Where a JSON pointer leads in a text: line and column from 1. The text is JSON.
fn place(text: &str, pointer: &str) -> Option<(usize, usize)> {
    let wanted: Vec<&str> = pointer.split('/').skip(1).collect();
    let offset = seek(text, &wanted)?;
    let before = text.get(..offset)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next()?.chars().count() + 1;
    Some((line, column))
}

/// The byte at which the value of a path begins, found by reading values one by one.
fn seek(text: &str, path: &[&str]) -> Option<usize> {
    let space = |at: usize| {
        let rest = text.get(at..)?;
        Some(at + (rest.len() - rest.trim_start().len()))
    };
    let mut at = space(0)?;
    for step in path {
        let is_list = text.get(at..)?.starts_with('[');
        at = space(at + 1)?;
        let mut index = 0_usize;
        loop {
            let name = match is_list {
                true => index.to_string(),
                false => {
                    let (name, end) = value(text, at)?;
                    // Behind the name and its colon.
                    at = space(space(end)? + 1)?;
                    name.as_str()?.to_owned()
                }
            };
            if name == *step {
                break;
            }
            let (_, end) = value(text, at)?;
            let comma = space(end)?;
            if !text.get(comma..)?.starts_with(',') {
                return None;
            }
            at = space(comma + 1)?;
            index += 1;
        }
    }
    Some(at)
}

/// The value that begins at a byte, and where it ends.
fn value(text: &str, at: usize) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, at + values.byte_offset()))
}

fn tried(policy: &Policy, action: &str, resource: &str) -> Option<Result<Tried, String>> {
    if action.is_empty() && resource.is_empty() {
        return None;
    }
    if action.is_empty() || resource.is_empty() {
        return Some(Err("give an action and a resource to try it on".to_owned()));
    }
    let resource = match Resource::parse(resource) {
        Ok(resource) => resource,
        Err(error) => return Some(Err(format!("the resource: {error}"))),
    };
    let attributes = RoleAttributes::default();
    let env = Env {
        attributes: &attributes,
        ..Env::default()
    };
    let number = |index: usize| index.saturating_add(1);
    let (allowed, words) = match policy.decide(action, &resource, &env) {
        Verdict::Allow(index) => (true, format!("statement {} allows it", number(index))),
        Verdict::Deny(index) => (false, format!("statement {} denies it", number(index))),
        Verdict::NoMatch => (false, "no statement is about it".to_owned()),
    };
    Some(Ok(Tried { allowed, words }))
}

/// A report on the policy of a form, as a part of a page.
pub(super) async fn check(backend: &Backend<'_>, form: &Form) -> Result<Response, Refusal> {
    backend.me("").await?;
    let report = match parse(form.get("policy")) {
        Ok((_, policy)) => Report {
            fault: None,
            statements: policy.statements().len(),
            tried: tried(
                &policy,
                form.get("try-action").trim(),
                form.get("try-resource").trim(),
            ),
        },
        Err(fault) => Report {
            fault: Some(fault),
            statements: 0,
            tried: None,
        },
    };
    page::render(&report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (String, Option<(usize, usize)>) {
        let fault = parse(text).err().unwrap();
        (fault.message, fault.place)
    }

    #[test]
    fn an_error_is_shown_at_its_place() {
        assert!(parse(EXAMPLE).is_ok());
        let (message, place) = fault("[\n  {\"effect\": \"allow\",,}\n]");
        assert!(message.contains("key must be a string"), "{message}");
        assert_eq!(place, Some((2, 22)));
        let text = "[\n  {\"effect\": \"allow\", \"actions\": [\"*\"],\n   \"resources\": [\"proj/*\", \"pro j\"]}\n]";
        let (message, place) = fault(text);
        assert!(message.starts_with("/0/resources/1"), "{message}");
        assert_eq!(place, Some((3, 28)));
        assert_eq!(fault("{}").1, Some((1, 0)));
        assert_eq!(fault("[{\"effect\": \"allow\"}]").1, Some((1, 2)));
    }

    #[test]
    fn a_policy_is_tried_on_an_example() {
        let policy = parse(EXAMPLE).ok().unwrap().1;
        let words = |action, resource| match tried(&policy, action, resource) {
            Some(Ok(tried)) => (tried.allowed, tried.words),
            Some(Err(words)) => (false, words),
            None => (false, String::new()),
        };
        let yes = (true, "statement 1 allows it".to_owned());
        assert_eq!(words("viewProject", "proj/web"), yes);
        assert_eq!(
            words("deleteProject", "proj/web").1,
            "no statement is about it"
        );
        assert!(
            words("viewProject", "proj/*")
                .1
                .starts_with("the resource: ")
        );
        assert_eq!(words("", ""), (false, String::new()));
    }
}
