//! What the OpenAPI document says besides what the framework reads from the code: of each operation only the
//! errors that it can answer, of each schema an example, and nothing that generators of clients trip over.

mod facts;

use poem_openapi::ApiResponse as _;
use poem_openapi::registry::{MetaOperation, MetaParamIn, MetaSchemaRef, Registry};
use serde_json::{Map, Value};

use super::in_api;
use crate::error::ApiError;

/// Operations that no credential is about, and that nothing counts.
const OPEN: [&str; 5] = [
    "getRoot",
    "getIps",
    "getOpenapiSpec",
    "getHealthLive",
    "getHealthReady",
];

/// Whether an operation can answer with a status, by its parts.
fn can(operation: &MetaOperation, status: u16) -> bool {
    let has = |place: MetaParamIn| operation.params.iter().any(|param| param.in_type == place);
    let id = operation.operation_id.unwrap_or_default();
    let named = |name: &str| operation.params.iter().any(|param| param.name == name);
    let open = OPEN.contains(&id);
    // What takes an idempotency key changes something.
    let changes = named("Idempotency-Key");
    match status {
        400 => !open || id == "getRoot" || id == "getIps" || id == "getOpenapiSpec",
        401 => !operation.security.is_empty() || id == "postSession",
        403 => !operation.security.is_empty() || id.ends_with("Session") || id == "postInvitation",
        404 => has(MetaParamIn::Path) || id == "postInvitation" || id == "postWhatIf" || changes,
        409 | 422 => changes || id == "postWhatIf",
        413 | 415 => operation.request.is_some(),
        429 => !operation.security.is_empty() || id == "postSession" || id == "postInvitation",
        503 => !["getRoot", "getIps", "getOpenapiSpec", "getHealthLive"].contains(&id),
        _ => true,
    }
}

/// Says of an operation what its code does not.
pub(super) fn describe(path: &str, operation: &mut MetaOperation) {
    narrow(path, operation);
    facts::parameters(path, operation);
    facts::answers(operation);
}

/// Leaves out the errors that an operation cannot answer. Its own statuses stay.
fn narrow(path: &str, operation: &mut MetaOperation) {
    let responses = std::mem::take(&mut operation.responses.responses);
    operation.responses.responses = responses
        .into_iter()
        .filter(|response| {
            let status = response.status.unwrap_or(0);
            status < 400 || can(operation, status)
        })
        .collect();
    // An operation that cannot fail is still refused for headers that no call may have.
    let kept = &mut operation.responses.responses;
    if in_api(path) && !kept.iter().any(|response| response.status == Some(400)) {
        let errors = ApiError::meta().responses.into_iter();
        kept.extend(errors.filter(|response| response.status == Some(400)));
    }
}

/// Examples by the name of their schema.
fn examples() -> Map<String, Value> {
    // The text is a constant, and a test reads it. Should it ever fail, there are no examples.
    serde_json::from_str(include_str!("document/examples.json")).unwrap_or_default()
}

/// A property that refers to a schema with a description of its own stands as `allOf` of both, which
/// generators of clients take for a new type, or for none where it is an enumeration. The reference stays.
fn plain(property: &mut MetaSchemaRef) {
    if let MetaSchemaRef::Inline(schema) = property
        && let [MetaSchemaRef::Reference(name), MetaSchemaRef::Inline(_)] = schema.all_of.as_slice()
    {
        *property = MetaSchemaRef::Reference(name.clone());
    }
}

/// Puts examples to the schemas, and properties in their plain form with the values that they may have.
pub(super) fn complete(registry: &mut Registry) {
    for (name, example) in examples() {
        if let Some(schema) = registry.schemas.get_mut(&name) {
            schema.example = Some(example);
        }
    }
    let enums = facts::enums();
    for (name, schema) in &mut registry.schemas {
        for (field, property) in &mut schema.properties {
            plain(property);
            facts::standard(property);
            if let (MetaSchemaRef::Inline(property), Some(values)) =
                (property, enums.get(&format!("{name}.{field}")))
            {
                property.enum_items.clone_from(values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::OpenApi;

    fn register<T: OpenApi>(_of: T, registry: &mut Registry) {
        T::register(registry);
    }

    #[test]
    fn every_example_is_one_of_its_schema() {
        let mut registry = Registry::new();
        register(crate::routes::all(), &mut registry);
        assert!(!examples().is_empty());
        for (name, example) in examples() {
            let schema = registry
                .schemas
                .get(&name)
                .unwrap_or_else(|| panic!("no schema {name}"));
            let fields = example.as_object().unwrap();
            for required in &schema.required {
                assert!(fields.contains_key(*required), "{name} lacks {required}");
            }
            for field in fields.keys() {
                let known = schema
                    .properties
                    .iter()
                    .any(|(property, _)| property == field);
                assert!(known, "{name} has no {field}");
            }
        }
    }

    #[test]
    fn every_list_of_words_is_that_of_a_field() {
        let mut registry = Registry::new();
        register(crate::routes::all(), &mut registry);
        complete(&mut registry);
        let enums = facts::enums();
        assert!(!enums.is_empty());
        for (place, words) in enums {
            let (schema, field) = place.split_once('.').unwrap();
            let schema = registry.schemas.get(schema).unwrap();
            let (_, property) = schema
                .properties
                .iter()
                .find(|(name, _)| *name == field)
                .unwrap_or_else(|| panic!("no {place}"));
            assert_eq!(property.unwrap_inline().enum_items, words, "{place}");
        }
    }
}
