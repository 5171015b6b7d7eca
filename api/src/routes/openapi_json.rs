//! `GET /api/v2/openapi.json`.

use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::{ApiResponse, OpenApi};

use super::Tag;
use crate::http::OpenApiJson;

/// The document, ready to be sent.
pub struct Document(OpenApiJson);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let Self(OpenApiJson(json)) = self;
        Response::builder()
            .content_type("application/json")
            .body(json.as_bytes().to_vec())
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
    async fn get(&self, Data(json): Data<&OpenApiJson>) -> Document {
        Document(json.clone())
    }
}
