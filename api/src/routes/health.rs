//! `GET /health/live` and `GET /health/ready`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use crate::error::ApiError;
use crate::node::Node;

/// How a node is.
#[derive(Debug, Clone, Object)]
pub struct HealthRep {
    /// `ok`.
    pub status: String,
    /// The position that the node's memory has reached.
    pub position: i64,
}

/// Health.
pub struct Health;

#[OpenApi(prefix_path = "/health", tag = "Tag::Health")]
impl Health {
    /// Whether the process runs
    ///
    /// Answers as long as there is a process, whatever the state of the log.
    #[oai(path = "/live", method = "get", operation_id = "getHealthLive")]
    async fn live(&self, Data(node): Data<&Arc<Node>>) -> Json<HealthRep> {
        Json(HealthRep {
            status: "ok".to_owned(),
            position: node.live.position().get(),
        })
    }

    /// Whether the node answers decisions
    ///
    /// 503 when it has not heard from the log within its staleness ceiling.
    #[oai(path = "/ready", method = "get", operation_id = "getHealthReady")]
    async fn ready(&self, Data(node): Data<&Arc<Node>>) -> Result<Json<HealthRep>, ApiError> {
        node.require_ready()?;
        if let Some(reason) = node.tables_failed() {
            tracing::error!(%reason, "the SQL projections have stopped");
        }
        Ok(Json(HealthRep {
            status: "ok".to_owned(),
            position: node.live.position().get(),
        }))
    }
}
