//! What a change would do to tokens, before it is made.

use serde::Deserialize;
use serde_json::{Value, json};

use super::backend::Backend;
use super::form::Form;
use super::page::Refusal;

/// Tokens that are listed.
const LIMIT: u32 = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    items: Vec<Item>,
    total_count: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    token_id: String,
    name: Option<String>,
    service_token: bool,
    change: String,
    more: Option<Example>,
    less: Option<Example>,
}

#[derive(Debug, Deserialize)]
struct Example {
    action: String,
    resource: String,
}

/// One token, in words.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) words: String,
}

/// All of them.
#[derive(Debug)]
pub(super) struct WhatIf {
    pub(super) lines: Vec<Line>,
    pub(super) total: u64,
}

impl Item {
    fn words(&self) -> String {
        let example = |example: &Option<Example>| {
            let example = example.as_ref();
            example.map(|example| format!("{} on {}", example.action, example.resource))
        };
        let (more, less) = (example(&self.more), example(&self.less));
        match (self.change.as_str(), more, less) {
            ("lost", _, _) => "may do nothing any more".to_owned(),
            ("unsettled", _, _) => "changes; its policies are too intricate to say how".to_owned(),
            (_, Some(more), Some(less)) => {
                format!("may no more {less}, for example, and may then {more}")
            }
            (_, Some(more), None) => format!("may then also {more}, for example"),
            (_, None, Some(less)) => format!("may no more {less}, for example"),
            (change, None, None) => change.to_owned(),
        }
    }
}

/// The operations of a JSON Patch, of which there must be some.
pub(super) fn operations(list: Vec<Value>) -> Result<Value, Refusal> {
    match list.is_empty() {
        true => Err(Refusal::unprocessable("nothing is different".to_owned())),
        false => Ok(Value::Array(list)),
    }
}

/// What a form with both buttons asks for: a look at what a patch of something (`about` names it, as the question does)
/// would do, or the change itself.
pub(super) async fn look_or_save(
    backend: &Backend<'_>,
    form: &Form,
    (about, name): (&str, &str),
    path: &str,
    patch: &Value,
) -> Result<Option<WhatIf>, Refusal> {
    if form.get("do") == "look" {
        let body = json!({about: name, "patch": patch});
        return ask(backend, &body).await.map(Some);
    }
    backend.patch(form.get("key"), path, patch).await?;
    Ok(None)
}

/// Asks the API.
pub(super) async fn ask(backend: &Backend<'_>, body: &Value) -> Result<WhatIf, Refusal> {
    let path = format!("/api/v2/what-if?limit={LIMIT}");
    let answer: Answer = backend.ask(&path, body).await?;
    let lines = answer.items.into_iter().map(|item| Line {
        name: item.name.clone().unwrap_or_else(|| "(no name)".to_owned()),
        kind: match item.service_token {
            true => "service",
            false => "personal",
        },
        words: item.words(),
        id: item.token_id,
    });
    Ok(WhatIf {
        lines: lines.collect(),
        total: answer.total_count,
    })
}
