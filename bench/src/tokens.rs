//! Tokens to ask about, made by REST.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::load::{Connection, Question, status};

/// What is asked about.
pub const RESOURCE: &str = "proj/web:env/test;staging:flag/checkout";

/// Calls a server and gives the JSON of its answer.
///
/// # Panics
/// When it refuses.
pub async fn call(
    connection: &mut Connection,
    owner: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Value {
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let question = Question::new(method, path, &[("Authorization", owner)], &text);
    let answer = connection.ask(&question).await.expect("an answer").to_vec();
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(status(&answer).starts_with('2'), "{method} {path}: {text}");
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).unwrap_or(Value::Null)
}

/// A token with a policy of four statements, by its id and its secret.
pub async fn four_statements(address: SocketAddr, owner: &str) -> (String, String) {
    let allow = |actions: &str, resources: &str| json!({"effect": "allow", "actions": [actions], "resources": [resources]});
    let policy = json!([
        allow("*", "proj/*:env/*;staging:flag/*"),
        {"effect": "deny", "actions": ["updateOn"], "resources": ["proj/*:env/production:flag/*"]},
        allow("createAccessToken", "member/*:token/*"),
        allow("view*", "proj/*:env/*:flag/*"),
    ]);
    make(address, owner, &policy).await
}

/// A token that may ask about others.
pub async fn asker(address: SocketAddr, owner: &str) -> (String, String) {
    let policy = json!([{"effect": "allow", "actions": ["askDecisions"], "resources": ["acct"]}]);
    make(address, owner, &policy).await
}

/// A service token with a policy.
pub async fn make(address: SocketAddr, owner: &str, policy: &Value) -> (String, String) {
    let mut connection = Connection::open(address).await.expect("a connection");
    let form = json!({"inlineRole": policy, "serviceToken": true});
    let made = call(&mut connection, owner, "POST", "/api/v2/tokens", &form).await;
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("_id"), text("token"))
}
