//! A document with what each operation may answer: the vendor's, and our own.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::Answer;

/// The statuses of each operation, with the schema of each body.
pub(super) struct Spec {
    operations: BTreeMap<String, BTreeMap<u16, Option<Validator>>>,
    /// What every error is, where the document does not list its status.
    error: Validator,
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = schema.clone();
    root.as_object_mut()
        .unwrap()
        .insert("components".to_owned(), document["components"].clone());
    jsonschema::draft4::new(&root).expect("a schema")
}

impl Spec {
    /// The vendor's.
    pub(super) fn of_the_vendor() -> Self {
        let document = serde_json::from_str(include_str!("openapi-subset.json")).unwrap();
        Self::of(&document, "ForbiddenErrorRep")
    }

    /// That of a document, with the name of its schema of errors.
    pub(super) fn of(document: &Value, error: &str) -> Self {
        let mut operations = BTreeMap::new();
        for path in document["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                let Some(id) = operation["operationId"].as_str() else {
                    continue;
                };
                let statuses = operation["responses"].as_object().unwrap();
                let statuses = statuses.iter().map(|(status, response)| {
                    let schema = response.pointer("/content/application~1json/schema");
                    let body = schema.map(|schema| validator(document, schema));
                    (status.parse().unwrap(), body)
                });
                operations.insert(id.to_owned(), statuses.collect());
            }
        }
        let error = json!({"$ref": format!("#/components/schemas/{error}")});
        let error = validator(document, &error);
        Self { operations, error }
    }

    pub(super) fn has(&self, operation: &str) -> bool {
        self.operations.contains_key(operation)
    }

    /// Every operation with each of its statuses.
    pub(super) fn listed(&self) -> BTreeSet<(String, u16)> {
        let pairs = self
            .operations
            .iter()
            .flat_map(|(id, statuses)| statuses.keys().map(|status| (id.clone(), *status)));
        pairs.collect()
    }

    /// Requires that an answer is as the document says; gives whether it lists the status.
    #[track_caller]
    pub(super) fn validate(&self, operation: &str, answer: &Answer) -> bool {
        let listed = self.operations[operation].get(&answer.status);
        let schema = match listed {
            Some(schema) => schema.as_ref(),
            None => Some(&self.error),
        };
        let Some(schema) = schema else {
            let empty = answer.status == 204 && answer.body.is_empty();
            assert!(
                empty || answer.status == 200,
                "{operation}: {}",
                answer.body
            );
            return true;
        };
        let media = answer.header("content-type").unwrap_or_default();
        assert!(
            media.starts_with("application/json"),
            "{operation}: {media}"
        );
        let errors: Vec<String> = schema
            .iter_errors(&answer.json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{operation} {}: {errors:?}\n{}",
            answer.status,
            answer.body
        );
        listed.is_some()
    }
}
