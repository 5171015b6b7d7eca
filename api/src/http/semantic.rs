//! A semantic patch: `{comment?, instructions: [{kind, …}]}` under its own content type. All or nothing.
//!
//! Source: the vendor's API overview, "Updates using semantic patch".

use poem::http::header;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{Any, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ApiError;

/// The content type of a semantic patch.
pub const SEMANTIC_PATCH: &str = "application/json; domain-model=launchdarkly.semanticpatch";
/// The most instructions in one patch.
const INSTRUCTIONS_MAX: usize = 100;
/// The parameter of the content type that says so.
const DOMAIN_MODEL: &str = "domain-model=launchdarkly.semanticpatch";

/// A semantic patch as it is documented: each operation lists its kinds in its description.
#[derive(Debug, Clone, Object, Deserialize)]
#[oai(rename = "SemanticPatch")]
pub(super) struct SemanticPatchRep {
    /// Why; it is kept in the events.
    pub comment: Option<String>,
    /// What to do, in this order: objects with a `kind` and what belongs to it.
    pub instructions: Vec<Any<Value>>,
}

/// The instructions of a semantic patch, of which `I` is one.
#[derive(Debug)]
pub struct SemanticPatch<I> {
    /// Why.
    pub comment: Option<String>,
    /// What to do. The index of each is its place in the patch.
    pub instructions: Vec<I>,
}

#[derive(Deserialize)]
struct Form {
    comment: Option<String>,
    instructions: Option<Vec<Value>>,
}

fn parse<I: DeserializeOwned>(
    content_type: Option<&str>,
    bytes: &[u8],
) -> Result<SemanticPatch<I>, ApiError> {
    let content_type = content_type.ok_or_else(|| ApiError::not_json("none"))?;
    let mut parts = content_type.split(';').map(str::trim);
    if !parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
    {
        return Err(ApiError::not_json(content_type));
    }
    if !parts.any(|parameter| parameter.eq_ignore_ascii_case(DOMAIN_MODEL)) {
        return Err(ApiError::invalid(format!(
            "a semantic patch needs the content type {SEMANTIC_PATCH}"
        )));
    }
    let form: Form = serde_json::from_slice(bytes)
        .map_err(|error| ApiError::invalid(format!("the body: {error}")))?;
    let given = form
        .instructions
        .ok_or_else(|| ApiError::invalid("/instructions: is missing"))?;
    if given.is_empty() || given.len() > INSTRUCTIONS_MAX {
        return Err(ApiError::invalid(format!(
            "/instructions: has {}; 1 to {INSTRUCTIONS_MAX} are allowed",
            given.len()
        )));
    }
    let mut instructions = Vec::with_capacity(given.len());
    for (index, value) in given.into_iter().enumerate() {
        let at = |error| ApiError::invalid(format!("/instructions/{index}: {error}"));
        instructions.push(serde_path_to_error::deserialize(value).map_err(at)?);
    }
    Ok(SemanticPatch {
        comment: form.comment,
        instructions,
    })
}

impl<'a, I: DeserializeOwned + Send> ApiExtractor<'a> for SemanticPatch<I> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    const PARAM_IS_REQUIRED: bool = true;
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        SemanticPatchRep::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: SEMANTIC_PATCH,
                schema: SemanticPatchRep::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let bytes = body.take()?.into_bytes().await?;
        Ok(parse(content_type, &bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind", rename_all = "camelCase")]
    enum Instruction {
        UpdateName { value: String },
    }

    fn refused(content_type: &str, body: &str) -> String {
        let error = parse::<Instruction>(Some(content_type), body.as_bytes()).unwrap_err();
        assert_eq!(error.status().as_u16() / 100, 4);
        error.body()["message"].as_str().unwrap().to_owned()
    }

    #[test]
    fn instructions_are_read_in_order() {
        let body = br#"{"comment":"c","instructions":[{"kind":"updateName","value":"a"},{"kind":"updateName","value":"b","x":1}]}"#;
        let patch: SemanticPatch<Instruction> = parse(Some(SEMANTIC_PATCH), body).unwrap();
        let names: Vec<_> = patch
            .instructions
            .iter()
            .map(|Instruction::UpdateName { value }| value.as_str())
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(patch.comment.as_deref(), Some("c"));
    }

    #[test]
    fn errors_say_which_instruction() {
        assert!(refused("application/json", "{}").contains("semanticpatch"));
        assert!(refused(SEMANTIC_PATCH, "{}").starts_with("/instructions: is missing"));
        assert!(
            refused(SEMANTIC_PATCH, r#"{"instructions":[]}"#).starts_with("/instructions: has 0")
        );
        assert!(
            refused(SEMANTIC_PATCH, r#"{"instructions":[{"kind":"fly"}]}"#)
                .starts_with("/instructions/0: ")
        );
        assert!(
            refused(
                SEMANTIC_PATCH,
                r#"{"instructions":[{"kind":"updateName","value":1}]}"#
            )
            .starts_with("/instructions/0: ")
        );
    }
}
