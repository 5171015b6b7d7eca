//! Bad input: each a 4xx in the vendor's shape that says what is wrong, and nothing written.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, Server, make_token};

/// Sends a body as it is.
async fn raw(
    api: &Api,
    method: Method,
    path: &str,
    media: &str,
    body: String,
) -> crate::support::Answer {
    let request = api
        .request(method, path)
        .header("Content-Type", media)
        .body(body);
    Api::send(request).await
}

#[tokio::test]
async fn bodies_that_are_no_requests() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    let json = "application/json";
    let tokens = "/api/v2/tokens";
    for (media, body, status, message) in [
        (json, "{\"name\": \"x\", ", 400, "EOF while parsing"),
        (json, "{\"name\": 'x'}", 400, "line 1 column"),
        (json, "", 400, "the body is missing"),
        (json, "null", 400, "the body:"),
        (
            json,
            "{\"role\": \"reader\"} trailing",
            400,
            "trailing characters",
        ),
        (
            json,
            "{\"role\": 5}",
            400,
            "/role: invalid type: integer `5`, expected a string",
        ),
        (
            json,
            "{\"role\": \"reader\", \"expiry\": \"soon\"}",
            400,
            "/expiry: invalid type",
        ),
        (
            json,
            "{\"role\": \"reader\", \"expiry\": 12}",
            400,
            "/expiry: must be a time in the future",
        ),
        (
            json,
            "{\"role\": \"reader\", \"defaultApiVersion\": 20000101}",
            400,
            "/defaultApiVersion: 20000101 is no API version",
        ),
        (
            json,
            "{\"role\": \"boss\"}",
            400,
            "/role: \"boss\" is no scope",
        ),
        (
            json,
            "{\"role\": \"owner\"}",
            400,
            "/role: \"owner\" is no scope",
        ),
        (
            json,
            "{\"customRoleIds\": [\"missing\"]}",
            400,
            "/customRoleIds/0: there is no custom role",
        ),
        (json, "{\"name\": \"no scope\"}", 400, "needs a scope"),
        (
            json,
            "{\"role\": \"reader\", \"customRoleIds\": [\"a\"]}",
            400,
            "only one of",
        ),
        (
            json,
            "{\"role\": \"reader\", \"inlineRole\": [{\"effect\": \"allow\"}]}",
            400,
            "only one of",
        ),
        (
            "text/plain",
            "{\"role\": \"reader\"}",
            415,
            "must be application/json, not text/plain",
        ),
        (
            "application/x-www-form-urlencoded",
            "role=reader",
            415,
            "must be application/json",
        ),
        (
            "application/xml",
            "<role/>",
            415,
            "must be application/json",
        ),
    ] {
        let answer = raw(&owner, Method::POST, tokens, media, body.to_owned()).await;
        answer.expect_error(status, "invalid_request", message);
    }
    let long = json!({"role": "reader", "name": "n".repeat(257)});
    owner.post(tokens, &long).await.expect_error(
        400,
        "invalid_request",
        "/name: is 257 characters long",
    );
    let control = json!({"role": "reader", "name": "a\u{0}b"});
    owner.post(tokens, &control).await.expect_error(
        400,
        "invalid_request",
        "/name: has a control character at character 2",
    );
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn policies_without_bounds() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    let statement = |resources: Vec<String>| json!({"effect": "allow", "actions": ["*"], "resources": resources});
    let megabyte: Vec<Value> = (0..10_000)
        .map(|index| statement(vec![format!("proj/{index:0>90}")]))
        .collect();
    let segments = vec!["proj/*"; 10_000].join(":");
    let short = vec!["a/b"; 200].join(":");
    let stars = "*a".repeat(10_000);
    for (policy, message) in [
        (Value::Array(megabyte), "STATEMENTS_MAX"),
        (json!([statement(vec![segments])]), "POLICY_BYTES_MAX"),
        (json!([statement(vec![short])]), "SEGMENTS_MAX"),
        (
            json!([statement(vec![format!("proj/{stars}")])]),
            "/0/resources/0",
        ),
        (
            json!([statement(
                (0..100_000).map(|index| format!("a/{index}")).collect()
            )]),
            "ENTRIES_MAX",
        ),
        (
            json!([statement(vec!["x/".to_owned() + &"y".repeat(1_000_000)])]),
            "POLICY_BYTES_MAX",
        ),
    ] {
        let form = json!({"inlineRole": policy});
        owner
            .post("/api/v2/tokens", &form)
            .await
            .expect_error(400, "invalid_request", message);
        let role = json!({"key": "k", "name": "n", "policy": policy});
        owner
            .post("/api/v2/roles", &role)
            .await
            .expect_error(400, "invalid_request", message);
    }
    let deep = "[".repeat(100_000);
    let answer = raw(
        &owner,
        Method::POST,
        "/api/v2/tokens",
        "application/json",
        deep,
    )
    .await;
    answer.expect_error(400, "invalid_request", "");
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(5 << 20));
    let answer = raw(
        &owner,
        Method::POST,
        "/api/v2/tokens",
        "application/json",
        huge,
    )
    .await;
    answer.expect_error(413, "invalid_request", "larger than 4194304 bytes");
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn patches_that_cannot_be() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "a"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let before = server.position().await;
    for (patch, status, code, message) in [
        (
            json!([{"op": "replace", "path": "/memberId", "value": "x"}]),
            400,
            "invalid_request",
            "/0/path: \"/memberId\" cannot be patched",
        ),
        (
            json!([{"op": "replace", "path": "", "value": {}}]),
            400,
            "invalid_request",
            "/0/path: \"\" cannot be patched",
        ),
        (
            json!([{"op": "test", "path": "/name", "value": "stale"}, {"op": "replace", "path": "/name", "value": "b"}]),
            422,
            "patch_failed",
            "/0: test of /name failed: it is \"a\"",
        ),
        (
            json!([{"op": "replace", "path": "/name", "value": "b"}, {"op": "remove", "path": "/inlineRole"}]),
            422,
            "patch_failed",
            "/1: ",
        ),
        (
            json!([{"op": "jump", "path": "/name"}]),
            400,
            "invalid_request",
            "operation 0: ",
        ),
        (
            json!([{"op": "replace", "path": "/name", "value": 7}]),
            400,
            "invalid_request",
            "/name: invalid type",
        ),
        (
            json!([{"op": "replace", "path": "/role", "value": "boss"}]),
            400,
            "invalid_request",
            "/role: ",
        ),
        (
            json!({"op": "replace"}),
            400,
            "invalid_request",
            "patch: must be an array",
        ),
        (json!("x"), 400, "invalid_request", "array of operations"),
        (
            json!(vec![
                json!({"op": "test", "path": "/name", "value": "a"});
                201
            ]),
            400,
            "invalid_request",
            "at most 200 operations",
        ),
    ] {
        owner
            .patch(&path, &patch)
            .await
            .expect_error(status, code, message);
    }
    assert_eq!(server.position().await, before);
    assert_eq!(owner.get(&path).await.text("/name"), "a");
}
