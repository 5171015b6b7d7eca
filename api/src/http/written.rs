//! The answer to a write: its body and its position.

use keyledger_eventstore::Position;
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};

use super::{POSITION, REPLAYED};
use crate::node::Outcome;

/// The body of an answer that has none.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

/// What may be the body of a write's answer.
pub trait Body: IntoResponse {
    /// The media type and schema, if there is a body.
    fn content() -> Vec<MetaMediaType>;
    /// Registers the schema.
    fn register(registry: &mut Registry);
}

impl Body for NoBody {
    fn content() -> Vec<MetaMediaType> {
        Vec::new()
    }

    fn register(_registry: &mut Registry) {}
}

impl IntoResponse for NoBody {
    fn into_response(self) -> Response {
        Response::default()
    }
}

impl<T: Type + ToJSON> Body for Json<T> {
    fn content() -> Vec<MetaMediaType> {
        vec![MetaMediaType {
            content_type: "application/json",
            schema: T::schema_ref(),
        }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A write's answer.
#[derive(Debug)]
pub struct Written<T, const STATUS: u16> {
    body: T,
    position: Position,
    replayed: bool,
}

impl<T, const STATUS: u16> Written<T, STATUS> {
    /// The answer to what became of a command.
    pub const fn new(outcome: &Outcome, body: T) -> Self {
        Self {
            body,
            position: outcome.position,
            replayed: outcome.replayed,
        }
    }
}

impl<T: Body, const STATUS: u16> IntoResponse for Written<T, STATUS> {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        response.set_status(StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK));
        let headers = response.headers_mut();
        headers.insert(POSITION, HeaderValue::from(self.position.get()));
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl<T: Body + Send, const STATUS: u16> ApiResponse for Written<T, STATUS> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(STATUS),
                status_range: None,
                content: T::content(),
                headers: vec![MetaHeader {
                    name: POSITION.to_owned(),
                    description: Some("The position of the write in the log.".to_owned()),
                    required: true,
                    deprecated: false,
                    schema: i64::schema_ref(),
                }],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
