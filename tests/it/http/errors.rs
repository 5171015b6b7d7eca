//! The shape of every error.

use reqwest::Method;
use serde_json::json;

use crate::support::{Api, Server};

#[tokio::test]
async fn every_error_has_the_id_of_its_request_and_no_two_have_the_same() {
    let server = Server::start().await;
    let owner = server.owner();
    let form = json!({"role": "reader"});
    let keyed = owner.with("Idempotency-Key", "k");
    keyed.post("/api/v2/tokens", &form).await.expect(201);
    let other = json!({"role": "writer"});
    let untyped = owner.request(Method::POST, "/api/v2/tokens").body("{}");
    let long = vec![b' '; (4 << 20) + 1];
    let long = owner.request(Method::POST, "/api/v2/tokens").body(long);
    let put = owner.request(Method::PUT, "/api/v2/tokens");
    let mut ids = Vec::new();
    for (answer, status, code) in [
        (
            owner.post("/api/v2/tokens", &json!({})).await,
            400,
            "invalid_request",
        ),
        (
            owner.get("/api/v2/tokens?limit=x").await,
            400,
            "invalid_request",
        ),
        (
            owner.token("x").get("/api/v2/tokens").await,
            401,
            "unauthorized",
        ),
        (owner.get("/api/v2/roles/k").await, 404, "not_found"),
        (owner.get("/nothing").await, 404, "not_found"),
        (Api::send(put).await, 405, "method_not_allowed"),
        (Api::send(long).await, 413, "invalid_request"),
        (Api::send(untyped).await, 415, "invalid_request"),
        (
            keyed.post("/api/v2/tokens", &other).await,
            422,
            "idempotency_key_reused",
        ),
    ] {
        let answer = answer.expect_error(status, code, "");
        let id = answer.text("/id");
        assert_eq!(Some(id.as_str()), answer.header("x-request-id"));
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        ids.push(id);
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
