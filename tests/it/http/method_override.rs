//! `X-HTTP-Method-Override`.

use serde_json::json;

use crate::support::{Server, make_token};

const OVERRIDE: &str = "X-HTTP-Method-Override";

#[tokio::test]
async fn a_post_can_stand_for_patch_and_delete() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let patch = json!([{"op": "replace", "path": "/name", "value": "patched"}]);
    let patched = owner.with(OVERRIDE, "PATCH").post(&path, &patch).await;
    assert_eq!(patched.expect(200).text("/name"), "patched");
    // No path takes PUT, and the answer is that to a PUT.
    let put = owner.with(OVERRIDE, "PUT").post(&path, &patch).await;
    put.expect_error(405, "method_not_allowed", "");
    let deleted = owner.with(OVERRIDE, "DELETE").post_nothing(&path).await;
    deleted.expect(204);
    owner.get(&path).await.expect(404);
}

#[tokio::test]
async fn nothing_else_can_be_stood_for() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    for wrong in [
        "GET",
        "POST",
        "HEAD",
        "OPTIONS",
        "patch",
        "",
        "PATCH, DELETE",
    ] {
        owner
            .with(OVERRIDE, wrong)
            .post("/api/v2/tokens", &json!({"role": "reader"}))
            .await
            .expect_error(400, "invalid_request", "PATCH, PUT or DELETE");
    }
    let twice = owner
        .request(reqwest::Method::POST, "/api/v2/tokens")
        .header(OVERRIDE, "PATCH")
        .header(OVERRIDE, "PATCH");
    let twice = crate::support::Api::send(twice).await;
    twice.expect_error(400, "invalid_request", "once");
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn only_a_post_of_the_api_stands_for_something() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let deleting = owner.with(OVERRIDE, "DELETE");
    deleting.get(&path).await.expect(200);
    let patch = json!([{"op": "replace", "path": "/name", "value": "n"}]);
    deleting.patch(&path, &patch).await.expect(200);
    owner.get(&path).await.expect(200);
    // A sign-in stays one.
    server.invite("a@example.com", "reader").await;
    let form = json!({"email": "a@example.com", "password": "the password of a@example.com"});
    let signed_in = server.anonymous().with(OVERRIDE, "DELETE");
    let signed_in = signed_in.post("/session", &form).await.expect(204);
    assert!(signed_in.header("set-cookie").is_some());
}

#[tokio::test]
async fn a_repeated_write_is_the_same_by_its_method_and_not_by_how_it_is_sent() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let patch = json!([{"op": "replace", "path": "/name", "value": "n"}]);
    let keyed = owner.with("Idempotency-Key", "k");
    let first = keyed.patch(&path, &patch).await.expect(200);
    let again = keyed.with(OVERRIDE, "PATCH").post(&path, &patch).await;
    let again = again.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.position(), first.position());
    // Another method with the same key and body is another request.
    let other = keyed.with(OVERRIDE, "DELETE").post(&path, &patch).await;
    other.expect_error(422, "idempotency_key_reused", "");
    owner.get(&path).await.expect(200);
}
