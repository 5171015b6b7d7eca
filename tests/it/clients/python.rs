//! PyPI `launchdarkly-api`: pydantic checks every answer strictly.

use std::process::Command;

use serde_json::{Value, json};

use super::{drive, installed, script};
use crate::support::{Server, make_token};

fn run(name: &str, server: &Server, env: &[(&str, &str)]) -> Value {
    let mut command = Command::new(installed("venv/bin/python"));
    command.arg(script(&format!("python/{name}.py")));
    drive(command, server, env)
}

#[tokio::test]
async fn tokens() {
    let server = Server::start().await;
    let result = run("tokens", &server, &[]);
    let left = server.owner().get("/api/v2/tokens").await.expect(200);
    assert_eq!(result["left"], json!(left.items("_id")));
    assert_eq!(result["refused"], json!(8));
}

#[tokio::test]
async fn members() {
    let server = Server::start().await;
    let result = run("members", &server, &[]);
    let left = server.owner().get("/api/v2/members").await.expect(200);
    assert_eq!(result["left"], json!(left.items("_id")));
    assert_eq!(result["code"], "email_already_exists_in_account");
}

#[tokio::test]
async fn roles() {
    let server = Server::start().await;
    let result = run("roles", &server, &[]);
    let left = server.owner().get("/api/v2/roles").await.expect(200);
    assert_eq!(result["left"], json!(left.items("key")));
    assert_eq!(result["left"], json!(["ops"]));
}

#[tokio::test]
async fn caller_identity_root_and_versions() {
    let server = Server::start().await;
    let result = run("other", &server, &[]);
    let owner = server.owner().get("/api/v2/members/me").await.expect(200);
    assert_eq!(result["member"], json!(owner.text("/_id")));
    assert_eq!(result["latest"], json!(20_240_415));
}

#[tokio::test]
async fn a_personal_token_follows_its_member_and_a_service_token_stays() {
    let server = Server::start().await;
    let (member, session) = server.member("ariel@example.com", "admin").await;
    let (personal_id, personal) = make_token(&session, json!({"role": "admin"})).await;
    let (_, service) = make_token(&session, json!({"role": "admin", "serviceToken": true})).await;
    let env = [
        ("MEMBER", member.as_str()),
        ("PERSONAL", personal.as_str()),
        ("SERVICE", service.as_str()),
    ];
    let result = run("story", &server, &env);
    let steps = json!([
        "personal made a role",
        "personal was refused",
        "service made a role",
        "personal is dead",
        "service is alive"
    ]);
    assert_eq!(result["steps"], steps);
    let dead = server
        .owner()
        .get(&format!(
            "/api/v2/tokens/{personal_id}?expand=effectivePermission"
        ))
        .await;
    assert_eq!(dead.text("/_effectivePermission/status"), "deactivated");
}
