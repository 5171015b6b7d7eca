//! What a reader and a generator of clients need of every operation, whichever it is.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::support::Server;

/// Operations that need no credential.
const OPEN: [&str; 8] = [
    "getRoot",
    "getIps",
    "getOpenapiSpec",
    "postSession",
    "deleteSession",
    "postInvitation",
    "getHealthLive",
    "getHealthReady",
];

async fn document() -> Value {
    let server = Server::start().await;
    let answer = server.anonymous().get("/api/v2/openapi.json").await;
    answer.expect(200).json
}

/// A field of an object, and nothing where there is none.
fn fields<'a>(value: &'a Value, name: &str) -> Vec<(&'a String, &'a Value)> {
    let found = value.get(name).and_then(Value::as_object);
    found.into_iter().flat_map(Map::iter).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn says(value: &Value, name: &str) -> bool {
    value[name].as_str().is_some_and(|text| !text.is_empty())
}

/// Every operation as (method, its description).
fn operations(document: &Value) -> Vec<(&str, &Value)> {
    let paths = fields(document, "paths").into_iter();
    let operations = paths.flat_map(|(_, path)| path.as_object().unwrap());
    operations
        .map(|(method, operation)| (method.as_str(), operation))
        .collect()
}

/// Every schema wherever it is, with where that is.
fn schemas<'a>(at: &str, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("type") && !fields.contains_key("in") {
                found.push((at.to_owned(), value));
            }
            for (name, value) in fields {
                if name != "example" {
                    schemas(&format!("{at}/{name}"), value, found);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                schemas(at, item, found);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_operation_says_what_a_caller_needs() {
    let document = document().await;
    let mut missing: Vec<String> = Vec::new();
    for (method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        let mut require = |fact: bool, what: &str| {
            if !fact {
                missing.push(format!("{id}: {what}"));
            }
        };
        for text in ["summary", "description"] {
            require(says(operation, text), text);
        }
        require(list(operation, "tags").len() == 1, "one tag");
        let secured = !list(operation, "security").is_empty();
        require(secured != OPEN.contains(&id), "security");
        for param in list(operation, "parameters") {
            let name = param["name"].as_str().unwrap();
            require(says(param, "description"), &format!("{name}'s description"));
        }
        let responses = fields(operation, "responses");
        let has = |status: &str| responses.iter().any(|(known, _)| *known == status);
        let body = operation.get("requestBody");
        let success = responses.iter().any(|(status, _)| status.starts_with('2'));
        require(success, "a success");
        require(
            !secured || (has("401") && has("403") && has("429")),
            "what a credential may be refused for",
        );
        require(has("415") == body.is_some(), "415 where there is a body");
        require(has("413") == body.is_some(), "413 where there is a body");
        if method == "get" {
            for status in ["409", "422"] {
                require(!has(status), &format!("{status} of a read"));
            }
        }
        for (status, response) in &responses {
            let about = |what: &str| format!("{status}: {what}");
            require(
                fields(response, "headers")
                    .iter()
                    .any(|(name, _)| *name == "X-Request-Id"),
                &about("X-Request-Id"),
            );
            let content = fields(response, "content");
            for (media, _) in &content {
                // The log can be followed.
                let stream = id == "getEvents" && *status == "200" && *media == "text/event-stream";
                require(*media == "application/json" || stream, &about(media));
            }
            if status.as_str() < "400" {
                require((content.is_empty()) == (*status == "204"), &about("a body"));
                let position = fields(response, "headers")
                    .iter()
                    .any(|(name, _)| *name == "X-Keyledger-Position");
                let writes = list(operation, "parameters")
                    .iter()
                    .any(|param| param["name"] == "Idempotency-Key");
                // Nothing is written with 207, and those who join are told by the cookie. A decision says
                // what it knows of.
                let told =
                    writes && *status != "207" && id != "postInvitation" || id == "postDecisions";
                require(position == told, &about("X-Keyledger-Position"));
            } else {
                let error = json!({"$ref": "#/components/schemas/ErrorRep"});
                require(
                    content
                        .iter()
                        .all(|(_, content)| content["schema"] == error)
                        && content.len() == 1,
                    &about("ErrorRep"),
                );
                require(says(response, "description"), &about("description"));
            }
        }
    }
    assert_eq!(missing, [] as [&str; 0]);
}

#[tokio::test]
async fn every_field_is_described_and_of_a_form_that_generators_know() {
    let document = document().await;
    let mut wrong: Vec<String> = Vec::new();
    for (name, schema) in fields(&document["components"], "schemas") {
        let known: BTreeSet<&str> = fields(schema, "properties")
            .iter()
            .map(|(field, _)| field.as_str())
            .collect();
        for field in list(schema, "required") {
            assert!(known.contains(field.as_str().unwrap()), "{name}: {field}");
        }
        for (field, property) in fields(schema, "properties") {
            if property.get("$ref").is_none() && !says(property, "description") {
                wrong.push(format!("{name}.{field}: description"));
            }
            if property.get("allOf").is_some() {
                wrong.push(format!("{name}.{field}: allOf"));
            }
        }
    }
    let mut found = Vec::new();
    schemas("", &document, &mut found);
    assert!(found.len() > 500, "{}", found.len());
    for (at, schema) in found {
        let format = schema["format"].as_str();
        let fits = match schema["type"].as_str() {
            Some("integer") => matches!(format, Some("int32" | "int64")),
            Some("string") => matches!(format, None | Some("binary" | "date-time")),
            _ => format.is_none(),
        };
        if !fits {
            wrong.push(format!("{at}: {format:?}"));
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[tokio::test]
async fn the_vendors_closed_lists_are_closed_here() {
    let document = document().await;
    let vendor: Value =
        serde_json::from_str(include_str!("../vendor/openapi-subset.json")).unwrap();
    let ours = &document["components"]["schemas"];
    let words = |value: &Value| -> BTreeSet<String> {
        let words = value["enum"].as_array().into_iter().flatten();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    let mut compared = 0;
    for (name, schema) in fields(&vendor["components"], "schemas") {
        for (field, property) in fields(schema, "properties") {
            let wanted = words(property);
            let Some(found) = ours
                .get(name)
                .and_then(|schema| schema["properties"].get(field))
            else {
                continue;
            };
            let target = match found["$ref"].as_str() {
                Some(reference) => &ours[reference.rsplit('/').next().unwrap()],
                None => found,
            };
            if !wanted.is_empty() {
                assert_eq!(words(target), wanted, "{name}.{field}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 4, "{compared}");
}
