//! A JSON request body, read strictly and with errors that say where.
//!
//! The framework's own `Json` takes a number for a string, refuses a missing body that may be missing,
//! and does not say in which item of a list the error is. This reads with serde, and leaves only the
//! document to the framework. Unknown fields are ignored, as at the vendor.

use poem::http::header;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::patch::PATCH_BODY;

/// A JSON body that must be there; with `Option` one that may be missing.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

/// Whether a media type is JSON or a kind of it, such as `application/json-patch+json`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or("").trim();
    essence.split_once('/').is_some_and(|(kind, subtype)| {
        kind.eq_ignore_ascii_case("application")
            && (subtype.eq_ignore_ascii_case("json")
                || subtype.to_ascii_lowercase().ends_with("+json"))
    })
}

/// Whether only an object will do. The deserializer would take a list of the fields' values for one.
fn is_an_object<T: Type>() -> bool {
    // A patch is documented as an object, and is taken as a bare list of operations as well.
    matches!(T::schema_ref(), MetaSchemaRef::Reference(_)) && T::name() != PATCH_BODY
}

/// Reads a body.
fn parse<T: Type + DeserializeOwned>(
    content_type: Option<&str>,
    bytes: &[u8],
) -> Result<T, ApiError> {
    if bytes.is_empty() && !T::IS_REQUIRED {
        return serde_json::from_str("null").map_err(|error| ApiError::invalid(error.to_string()));
    }
    let object = is_an_object::<T>();
    read_json(content_type, bytes, object)
}

/// Reads a value from JSON; where only an object will do, nothing else.
///
/// # Errors
/// 415 when the media type is another, 400 that says what is wrong and where.
pub fn read_json<'de, T: Deserialize<'de>>(
    content_type: Option<&str>,
    bytes: &'de [u8],
    object: bool,
) -> Result<T, ApiError> {
    match content_type {
        Some(found) if is_json(found) => {}
        Some(found) => return Err(ApiError::not_json(found)),
        None => return Err(ApiError::not_json("none")),
    }
    if bytes.is_empty() {
        return Err(ApiError::invalid("the body is missing"));
    }
    if object && bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::invalid(
            "the body: is a list where an object is expected",
        ));
    }
    // Where it is wrong is looked for only when it is.
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = pointer(error.path());
        let cause = error.inner();
        ApiError::invalid(if path.is_empty() {
            format!("the body: {cause}")
        } else {
            format!("{path}: {cause}")
        })
    })?;
    json.end()
        .map_err(|error| ApiError::invalid(format!("the body: {error}")))?;
    Ok(value)
}

/// A path as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{key}"),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    const PARAM_IS_REQUIRED: bool = T::IS_REQUIRED;
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: T::schema_ref(),
            }],
            required: T::IS_REQUIRED,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = match request.headers().get(header::CONTENT_TYPE) {
            None => None,
            Some(value) => Some(
                value
                    .to_str()
                    .map_err(|_| ApiError::not_json("unreadable"))?,
            ),
        };
        let bytes = body.take()?.into_bytes().await?;
        Ok(parse(content_type, &bytes).map(Self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rep::token::{AccessTokenPost, TokenClonePost};

    fn refused(content_type: Option<&str>, body: &str) -> (u16, String) {
        let error = parse::<AccessTokenPost>(content_type, body.as_bytes()).unwrap_err();
        let message = error.body()["message"].as_str().unwrap().to_owned();
        (error.status().as_u16(), message)
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        let json = Some("application/json");
        for (content_type, body, status, message) in [
            (
                json,
                "{\"name\":",
                400,
                "/name: EOF while parsing a value at line 1 column 8",
            ),
            (
                json,
                "{\"name\": 1}",
                400,
                "/name: invalid type: integer `1`, expected a string",
            ),
            (
                json,
                "{\"name\": \"a\", \"name\": \"b\"}",
                400,
                "the body: duplicate field `name`",
            ),
            (
                json,
                "{\"inlineRole\": [{\"effect\": \"perhaps\"}]}",
                400,
                "/inlineRole/0/effect: unknown variant `perhaps`",
            ),
            (
                json,
                " [\"CI\"]",
                400,
                "the body: is a list where an object",
            ),
            (json, "", 400, "the body is missing"),
            (json, "{} x", 400, "the body: trailing characters"),
            (
                Some("text/plain"),
                "{}",
                415,
                "the body must be application/json, not text/plain",
            ),
            (
                None,
                "{}",
                415,
                "the body must be application/json, not none",
            ),
        ] {
            let (found, said) = refused(content_type, body);
            assert_eq!(found, status, "{said}");
            assert!(said.starts_with(message), "{said}");
        }
    }

    #[test]
    fn unknown_fields_json_dialects_and_missing_optional_bodies_are_taken() {
        let patch = Some("application/json-patch+json; charset=utf-8");
        let form: AccessTokenPost = parse(patch, b"{\"future\": 1, \"name\": null}").unwrap();
        assert_eq!(form.name, None);
        let none: Option<TokenClonePost> = parse(None, b"").unwrap();
        assert!(none.is_none());
    }
}
