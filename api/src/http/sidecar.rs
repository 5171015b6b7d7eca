//! The routes of a sidecar: the doors, and whether it is alive and ready.

use std::sync::Arc;

use poem::http::{Method, StatusCode};
use poem::{Endpoint, IntoResponse as _, Request, Response};
use serde_json::json;

use crate::doors::{Doors, front};
use crate::error::ApiError;

/// The whole sidecar.
pub fn sidecar_app(doors: Arc<Doors>) -> impl Endpoint<Output = Response> {
    let rest = Rest(Arc::clone(&doors));
    front(doors, rest)
}

struct Rest(Arc<Doors>);

impl Endpoint for Rest {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let memory = self.0.memory();
        let ready = match (request.method(), request.uri().path()) {
            (&Method::GET, "/health/live") => true,
            (&Method::GET, "/health/ready") => memory.is_fresh(),
            _ => {
                let error = ApiError::not_found("there is nothing at this path");
                return Ok(error.into_response());
            }
        };
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let body = json!({"status": if ready { "ok" } else { "unavailable" }, "position": memory.live.position().get()});
        Ok(poem::web::Json(body).with_status(status).into_response())
    }
}
