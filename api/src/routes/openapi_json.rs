//! `GET /api/v2/openapi.json`.

use poem::{IntoResponse, Response};
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::{ApiResponse, OpenApi};

use super::Tag;
use crate::http::openapi_json;

/// The document, ready to be sent.
pub struct Document(&'static str);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type("application/json")
            .body(self.0)
    }
}

impl ApiResponse for Document {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The OpenAPI document.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/json",
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("object"))),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}

/// The description of this API.
pub struct GetOpenApiJson;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Other")]
impl GetOpenApiJson {
    /// Get the OpenAPI document
    ///
    /// The same as `/openapi.yaml`, as JSON. It needs no credential.
    #[oai(
        path = "/openapi.json",
        method = "get",
        operation_id = "getOpenapiSpec"
    )]
    async fn get(&self) -> Document {
        Document(openapi_json())
    }
}
