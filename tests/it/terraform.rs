//! The requests that LaunchDarkly's Terraform provider sends for a resource's life: made, read, changed, read
//! again, gone. What is read must be what was asked for, or a plan shows a difference for ever.

mod access_token;
mod custom_role;
mod team;
mod team_member;

use serde_json::Value;

use crate::support::{Api, Server};

/// Calls as the provider makes them.
async fn provider() -> (Server, Api) {
    let server = Server::start().await;
    let api = server
        .owner()
        .with("LD-API-Version", "20240415")
        .with("User-Agent", "launchdarkly-terraform-provider/3.1.3");
    (server, api)
}

/// Requires that a field is absent or null: the provider takes anything else for a setting.
#[track_caller]
fn unset(resource: &Value, field: &str) {
    let found = resource.get(field).unwrap_or(&Value::Null);
    let empty = found.is_null() || found.as_array().is_some_and(Vec::is_empty);
    assert!(empty, "{field} is {found}");
}
