//! JSON Patch (RFC 6902) on the few fields that may be patched.

use json_patch::{AddOperation, Patch, PatchErrorKind, PatchOperation, TestOperation};
use poem_openapi::Object;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{Any, Type};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::ApiError;

/// The name of [`PatchBody`] as a type.
pub const PATCH_BODY: &str = "PatchBody";
/// The most operations in one patch.
const OPERATIONS_MAX: usize = 200;

/// One operation of a JSON Patch.
#[derive(Debug, Clone, Object, Deserialize)]
#[oai(rename = "PatchOperation")]
pub struct PatchOperationRep {
    /// `add`, `remove`, `replace`, `move`, `copy` or `test`.
    pub op: String,
    /// A JSON pointer, such as `/name` or `/policy/-`.
    pub path: String,
    /// The value, where the operation takes one.
    #[serde(default, deserialize_with = "given")]
    pub value: Option<Any<Value>>,
    /// The source of `move` and `copy`.
    pub from: Option<String>,
}

/// A value that is there, if only as null.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Any<Value>>, D::Error> {
    Value::deserialize(deserializer).map(|value| Some(Any(value)))
}

impl PatchOperationRep {
    /// The same as the JSON that it came from.
    fn into_value(self) -> Value {
        let mut fields = Map::new();
        fields.insert("op".to_owned(), Value::String(self.op));
        fields.insert("path".to_owned(), Value::String(self.path));
        if let Some(Any(value)) = self.value {
            fields.insert("value".to_owned(), value);
        }
        if let Some(from) = self.from {
            fields.insert("from".to_owned(), Value::String(from));
        }
        Value::Object(fields)
    }
}

/// A patch with a comment.
#[derive(Debug, Clone, Object)]
pub struct PatchWithComment {
    /// The operations.
    pub patch: Vec<PatchOperationRep>,
    /// Why; it is kept in the event.
    pub comment: Option<String>,
}

/// A patch as clients send it: a bare array, `{comment, patch}` or, where comments are kept,
/// `{comment, merge}`.
#[derive(Debug, Clone)]
pub struct PatchBody<const COMMENTED: bool> {
    /// The operations.
    pub patch: Patch,
    /// A JSON merge patch (RFC 7386) in the place of the operations.
    pub merge: Option<Map<String, Value>>,
    /// Why.
    pub comment: Option<String>,
}

impl<const COMMENTED: bool> Type for PatchBody<COMMENTED> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        PATCH_BODY.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        if COMMENTED {
            PatchWithComment::schema_ref()
        } else {
            <Vec<PatchOperationRep>>::schema_ref()
        }
    }

    fn register(registry: &mut Registry) {
        PatchWithComment::register(registry);
        PatchOperationRep::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }

    fn raw_element_iter<'a>(
        &'a self,
    ) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        Box::new(std::iter::empty())
    }
}

impl<const COMMENTED: bool> PatchBody<COMMENTED> {
    /// Reads a patch in either form.
    ///
    /// # Errors
    /// What is wrong, and in which operation.
    pub fn of_value(value: Value) -> Result<Self, String> {
        let (patch, comment) = match value {
            operations @ Value::Array(_) => (operations, None),
            Value::Object(fields) if COMMENTED && fields.contains_key("merge") => {
                return Self::of_merge(fields);
            }
            Value::Object(mut fields) => {
                let comment = comment(&mut fields)?;
                (fields.remove("patch").unwrap_or_default(), comment)
            }
            _ => return Err("a JSON Patch is an array of operations".to_owned()),
        };
        let Value::Array(operations) = patch else {
            return Err("patch: must be an array of operations".to_owned());
        };
        if operations.len() > OPERATIONS_MAX {
            return Err(format!("a patch has at most {OPERATIONS_MAX} operations"));
        }
        let parsed = operations
            .into_iter()
            .enumerate()
            .map(|(index, operation)| {
                serde_json::from_value(operation)
                    .map_err(|error| format!("operation {index}: {error}"))
            });
        Ok(Self {
            patch: Patch(parsed.collect::<Result<_, _>>()?),
            merge: None,
            comment,
        })
    }

    /// The patch of operations that were read already.
    ///
    /// # Errors
    /// As [`PatchBody::of_value`].
    pub fn of_operations(operations: Vec<PatchOperationRep>) -> Result<Self, String> {
        let operations = operations.into_iter().map(PatchOperationRep::into_value);
        Self::of_value(Value::Array(operations.collect()))
    }

    fn of_merge(mut fields: Map<String, Value>) -> Result<Self, String> {
        if fields.get("patch").is_some_and(|patch| !patch.is_null()) {
            return Err("patch, merge: give one of them".to_owned());
        }
        let comment = comment(&mut fields)?;
        match fields.remove("merge") {
            Some(Value::Object(merge)) => Ok(Self {
                patch: Patch(Vec::new()),
                merge: Some(merge),
                comment,
            }),
            _ => Err("merge: must be an object of fields".to_owned()),
        }
    }

    /// Applies the patch to a document that has the patchable fields only.
    ///
    /// # Errors
    /// 400 for a path or a field outside `fields`; 422 when an operation cannot be applied or a `test` fails.
    pub fn apply(&self, document: &Value, fields: &[&str]) -> Result<Value, ApiError> {
        let Some(merge) = &self.merge else {
            return apply(document, &self.patch, fields);
        };
        if let Some(field) = merge.keys().find(|field| !fields.contains(&field.as_str())) {
            let field: String = field.chars().take(100).collect();
            return Err(ApiError::invalid(format!(
                "/merge: {field:?} cannot be patched; these can: {}",
                fields.join(", ")
            )));
        }
        let mut merged = document.clone();
        json_patch::merge(&mut merged, &Value::Object(merge.clone()));
        Ok(merged)
    }
}

fn comment(fields: &mut Map<String, Value>) -> Result<Option<String>, String> {
    match fields.remove("comment") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(comment)) => Ok(Some(comment)),
        Some(_) => Err("comment: must be a string".to_owned()),
    }
}

impl<'de, const COMMENTED: bool> Deserialize<'de> for PatchBody<COMMENTED> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of_value(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Applies a patch to a document that has the patchable fields only.
///
/// `replace` of a known field that is absent adds it: the vendor's clients switch the kind of a token's
/// scope that way. `remove` of an absent field fails, as they expect.
///
/// # Errors
/// 400 for a path outside `fields`; 422 when an operation cannot be applied or a `test` fails.
fn apply(document: &Value, patch: &Patch, fields: &[&str]) -> Result<Value, ApiError> {
    let mut operations = Vec::with_capacity(patch.0.len());
    for (index, operation) in patch.0.iter().enumerate() {
        known(index, "path", operation.path().as_str(), fields)?;
        operations.push(match operation {
            PatchOperation::Replace(replace) if replace.path.count() == 1 => {
                PatchOperation::Add(AddOperation {
                    path: replace.path.clone(),
                    value: replace.value.clone(),
                })
            }
            PatchOperation::Move(json_patch::MoveOperation { from, .. })
            | PatchOperation::Copy(json_patch::CopyOperation { from, .. }) => {
                known(index, "from", from.as_str(), fields)?;
                operation.clone()
            }
            other => other.clone(),
        });
    }
    let mut patched = document.clone();
    json_patch::patch(&mut patched, &operations).map_err(|error| {
        let place = format!("/{}", error.operation);
        let what = match (&error.kind, operations.get(error.operation)) {
            (PatchErrorKind::TestFailed, Some(PatchOperation::Test(test))) => stale(document, test),
            (kind, _) => format!("{} cannot be applied: {kind}", error.path),
        };
        ApiError::patch_failed(format!("{place}: {what}"))
    })?;
    Ok(patched)
}

fn stale(document: &Value, test: &TestOperation) -> String {
    let found = document
        .pointer(test.path.as_str())
        .map_or_else(|| "absent".to_owned(), ToString::to_string);
    let found: String = found.chars().take(200).collect();
    format!("test of {} failed: it is {found}", test.path)
}

fn known(index: usize, what: &str, path: &str, fields: &[&str]) -> Result<(), ApiError> {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
    if path.starts_with('/') && fields.contains(&first) {
        return Ok(());
    }
    let path: String = path.chars().take(100).collect();
    Err(ApiError::invalid(format!(
        "/{index}/{what}: {path:?} cannot be patched; these can: /{}",
        fields.join(", /")
    )))
}

/// A field of a patched document, if it is there and not null.
///
/// # Errors
/// 400 when it has the wrong type.
pub fn field<T: serde::de::DeserializeOwned>(
    document: &Value,
    name: &str,
) -> Result<Option<T>, ApiError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|error| ApiError::invalid(format!("/{name}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(operations: Value) -> Result<Value, ApiError> {
        let document = json!({"name": "a", "role": "reader", "customRoles": ["x"]});
        let body = PatchBody::<false>::of_value(operations).unwrap();
        apply(
            &document,
            &body.patch,
            &["name", "role", "customRoles", "inlineRole"],
        )
    }

    #[test]
    fn switching_the_kind_of_scope_in_one_patch_works() {
        let document = patched(json!([
            {"op": "test", "path": "/name", "value": "a"},
            {"op": "remove", "path": "/role"},
            {"op": "replace", "path": "/inlineRole", "value": []},
            {"op": "add", "path": "/customRoles/-", "value": "y"}
        ]))
        .unwrap();
        assert_eq!(
            document,
            json!({"name": "a", "customRoles": ["x", "y"], "inlineRole": []})
        );
    }

    #[test]
    fn what_cannot_be_applied_says_why() {
        for (operations, status, message) in [
            (
                json!([{"op": "remove", "path": "/inlineRole"}]),
                422,
                "/0: ",
            ),
            (
                json!([{"op": "test", "path": "/name", "value": "b"}]),
                422,
                "/0: test of /name failed: it is \"a\"",
            ),
            (
                json!([{"op": "replace", "path": "/memberId", "value": 1}]),
                400,
                "/0/path: \"/memberId\" cannot be patched; these can: /name",
            ),
            (
                json!([{"op": "copy", "path": "/name", "from": "/_id"}]),
                400,
                "/0/from: ",
            ),
        ] {
            let error = patched(operations).unwrap_err();
            assert_eq!(error.status().as_u16(), status);
            let body = error.body();
            assert!(
                body["message"].as_str().unwrap().starts_with(message),
                "{body}"
            );
        }
    }

    #[test]
    fn both_forms_of_a_body_are_read_and_nothing_else() {
        let both = PatchBody::<true>::of_value(json!({"comment": "c", "patch": []}));
        assert_eq!(both.unwrap().comment.as_deref(), Some("c"));
        for wrong in [
            json!(1),
            json!({}),
            json!({"patch": 1}),
            json!([{"op": "jump", "path": "/a"}]),
        ] {
            assert!(PatchBody::<true>::of_value(wrong).is_err());
        }
    }
}
