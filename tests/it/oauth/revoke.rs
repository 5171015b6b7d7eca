//! `POST /oauth/revoke`.

use serde_json::json;

use super::{expect_error, post};
use crate::cli::create_account;
use crate::support::{Server, make_token};

const PATH: &str = "/oauth/revoke";

#[tokio::test]
async fn whoever_holds_a_secret_ends_it_and_nobody_is_told_what_there_was() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let before = server.position().await;
    let body = format!("token={secret}");
    let answer = post(&server.anonymous(), PATH, &body).await.expect(200);
    assert_eq!(answer.body, "");
    assert_eq!(answer.position(), before + 1);
    server
        .anonymous()
        .token(&secret)
        .get("/api/v2/roles")
        .await
        .expect(401);
    owner.get(&format!("/api/v2/tokens/{id}")).await.expect(404);
    // Again, and of nonsense, it is the same.
    for body in [body.as_str(), "token=nonsense"] {
        let answer = post(&server.anonymous(), PATH, body).await.expect(200);
        assert_eq!((answer.body.as_str(), answer.position()), ("", before + 1));
    }
    // The audit log says that the token did it itself.
    let entries = owner.get("/api/v2/auditlog?limit=1").await.expect(200);
    assert_eq!(entries.text("/items/0/token/_id"), id);
    assert_eq!(
        entries.text("/items/0/accesses/0/action"),
        "deleteAccessToken"
    );
}

#[tokio::test]
async fn with_a_credential_it_takes_the_right_to_delete() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let (_, other) = make_token(&owner, json!({"role": "reader"})).await;
    let body = format!("token={secret}");
    let denied = post(&server.anonymous().token(&other), PATH, &body).await;
    expect_error(denied, 403, "insufficient_scope");
    let nonsense = post(&server.anonymous().token("nonsense"), PATH, &body).await;
    expect_error(nonsense, 401, "invalid_client");
    let (_, theirs) = create_account(&server, "Other", "owner@other.test");
    let stranger = server.anonymous().token(&theirs);
    stranger.eventually("/api/v2/caller-identity", 200).await;
    // Of other accounts a caller knows nothing, so there is nothing to do.
    post(&stranger, PATH, &body).await.expect(200);
    let alive = server.anonymous().token(&secret);
    alive.get("/api/v2/roles").await.expect(200);
    let answer = post(&owner, PATH, &body).await.expect(200);
    let after = alive.with("X-Keyledger-Min-Position", &answer.position().to_string());
    after.get("/api/v2/roles").await.expect(401);
    expect_error(post(&owner, PATH, "").await, 400, "invalid_request");
}
