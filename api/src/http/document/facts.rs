//! What is true of many operations or fields, and said once: parameters that come again, headers of every
//! answer, bounds of numbers, the words that a field may hold.

use std::collections::BTreeMap;

use poem_openapi::registry::{
    MetaHeader, MetaOperation, MetaOperationParam, MetaParamIn, MetaSchema, MetaSchemaRef,
};
use poem_openapi::types::Type as _;
use serde_json::Value;

use crate::http::{IDEMPOTENCY_KEY, MIN_POSITION, POSITION, REQUEST_ID};

/// The media type of everything, as it is named in the document.
const JSON: &str = "application/json";

/// Descriptions of parameters, by the start of the path and the name.
const PARAMETERS: [(&str, &str, &str); 9] = [
    ("/sessions/", "id", "The sign-in's id."),
    ("/api/v2/tokens/", "id", "The token's id."),
    ("/api/v2/members/", "id", "The member's id, or `me`."),
    ("/api/v2/roles/", "key", "The role's key, or its id."),
    ("/api/v2/teams/", "key", "The team's key."),
    ("/api/v2/auditlog/", "id", "The entry's id."),
    (
        "/",
        IDEMPOTENCY_KEY,
        "A word of the client's own, 1 to 200 visible characters. Repeated with the same key, a request is carried out once.",
    ),
    (
        "/",
        "LD-API-Version",
        "The API version that is meant; else the default of the token, else the latest.",
    ),
    (
        "/",
        MIN_POSITION,
        "The position of an earlier write: the answer is none from before it.",
    ),
];

/// The least and the most of numbers in the query, by the path and the name. The first that fits counts.
const BOUNDS: [(&str, &str, f64, f64); 7] = [
    ("/api/v2/tokens/:id/usage", "days", 1.0, 366.0),
    ("/api/v2/auditlog", "limit", 1.0, 20.0),
    ("/api/v2/auditlog/counts", "buckets", 1.0, 500.0),
    ("/api/v2/teams", "limit", 1.0, 100.0),
    ("", "limit", 1.0, 1_000.0),
    ("", "offset", 0.0, u32::MAX as f64),
    ("", MIN_POSITION, 0.0, i64::MAX as f64),
];

/// Describes and bounds the parameters of an operation, and lets reads wait for a write.
pub(super) fn parameters(path: &str, operation: &mut MetaOperation) {
    if operation.method == poem::http::Method::GET && !operation.security.is_empty() {
        operation.params.push(MetaOperationParam {
            name: MIN_POSITION.to_owned(),
            schema: i64::schema_ref(),
            in_type: MetaParamIn::Header,
            description: None,
            required: false,
            deprecated: false,
            explode: true,
            style: None,
        });
    }
    for param in &mut operation.params {
        standard(&mut param.schema);
        if param.description.is_none() {
            let known = PARAMETERS
                .iter()
                .find(|(start, name, _)| path.starts_with(start) && param.name == *name);
            param.description = known.map(|(_, _, text)| (*text).to_owned());
        }
        let bounds = BOUNDS
            .iter()
            .find(|(at, name, ..)| (at.is_empty() || path == *at) && param.name == *name);
        if let (MetaSchemaRef::Inline(schema), Some((_, _, least, most))) =
            (&mut param.schema, bounds)
        {
            schema.minimum = Some(*least);
            schema.maximum = Some(*most).filter(|most| *most <= f64::from(u32::MAX));
        }
    }
}

/// One name for each media type and header, and the header that every answer has.
pub(super) fn answers(operation: &mut MetaOperation) {
    for response in &mut operation.responses.responses {
        for content in &mut response.content {
            standard(&mut content.schema);
            if content.content_type.split(';').next() == Some(JSON) {
                content.content_type = JSON;
            }
        }
        for header in &mut response.headers {
            if header.name.eq_ignore_ascii_case(POSITION) {
                POSITION.clone_into(&mut header.name);
            }
        }
        response.headers.push(MetaHeader {
            name: REQUEST_ID.to_owned(),
            description: Some("The id of the request, as in the server's log lines.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        });
    }
}

/// Formats that every generator knows: there are no unsigned ones.
pub(super) fn standard(schema: &mut MetaSchemaRef) {
    let MetaSchemaRef::Inline(schema) = schema else {
        return;
    };
    let signed = match schema.format {
        Some("uint32") => Some("int32"),
        Some("uint64") => Some("int64"),
        _ => None,
    };
    if signed.is_some() {
        schema.format = signed;
        schema.minimum = Some(0.0);
    }
    let MetaSchema {
        items,
        additional_properties,
        ..
    } = schema.as_mut();
    for inner in [items, additional_properties].into_iter().flatten() {
        standard(inner);
    }
}

/// The words that a field may hold, by schema and field.
pub(super) fn enums() -> BTreeMap<String, Vec<Value>> {
    // The text is a constant, and a test reads it. Should it ever fail, the fields are any text.
    serde_json::from_str(include_str!("enums.json")).unwrap_or_default()
}
