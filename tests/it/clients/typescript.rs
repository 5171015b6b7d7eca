//! npm `launchdarkly-api-typescript`.

use serde_json::json;

use super::{drive, node, script};
use crate::support::Server;

#[tokio::test]
async fn tokens_members_roles_and_caller_identity() {
    let server = Server::start().await;
    let mut command = node();
    command.arg(script("typescript/all.js"));
    let result = drive(command, &server, &[]);
    let left = server.owner().get("/api/v2/tokens").await.expect(200);
    assert_eq!(result["left"], json!(left.items("_id")));
    assert_eq!(
        result["refused"],
        json!([401, 403, 404, 400, 409, 422, 409, 404, 404])
    );
    assert_eq!(result["inline"], json!(["updateOn"]));
}

#[tokio::test]
async fn teams_bulk_changes_and_the_audit_log() {
    let server = Server::start().await;
    let mut command = node();
    command.arg(script("typescript/teams_and_auditlog.js"));
    let result = drive(command, &server, &[]);
    assert_eq!(result["left"], 0);
    assert_eq!(result["refused"], json!([404, 409, 400]));
}
