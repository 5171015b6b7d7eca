//! `POST /api/v2/tokens/{id}/reset`.

use serde_json::json;

use crate::support::{Server, in_seconds, make_token};

const WHO: &str = "/api/v2/caller-identity";

#[tokio::test]
async fn without_expiry_the_old_secret_dies_at_once() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, old) = make_token(&owner, json!({"role": "reader", "name": "kept"})).await;
    let answer = owner
        .post_nothing(&format!("/api/v2/tokens/{id}/reset"))
        .await
        .expect(200);
    let new = answer.text("/token");
    assert_eq!(
        (
            answer.text("/_id"),
            answer.text("/name"),
            answer.text("/role")
        ),
        (id, "kept".into(), "reader".into())
    );
    assert_ne!(old, new);
    server.anonymous().token(&old).get(WHO).await.expect(401);
    server.anonymous().token(&new).get(WHO).await.expect(200);
}

#[tokio::test]
async fn at_most_one_old_secret_is_alive() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, first) = make_token(&owner, json!({"role": "reader"})).await;
    let reset = format!("/api/v2/tokens/{id}/reset?expiry={}", in_seconds(600));
    let second = owner.post_nothing(&reset).await.expect(200).text("/token");
    let alive = |secret: &str| server.anonymous().token(secret);
    alive(&first).get(WHO).await.expect(200);
    let third = owner.post_nothing(&reset).await.expect(200).text("/token");
    alive(&first).get(WHO).await.expect(401);
    alive(&second).get(WHO).await.expect(200);
    alive(&third).get(WHO).await.expect(200);
    let soon = format!("/api/v2/tokens/{id}/reset?expiry={}", in_seconds(4));
    owner.post_nothing(&soon).await.expect(200);
    alive(&third).get(WHO).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(4_500)).await;
    alive(&third).get(WHO).await.expect(401);
    let past = format!("/api/v2/tokens/{id}/reset?expiry=1");
    owner.post_nothing(&past).await.expect_error(
        400,
        "invalid_request",
        "/expiry: must be a time in the future",
    );
}

#[tokio::test]
async fn a_personal_token_is_reset_by_its_member_alone() {
    let server = Server::start().await;
    let (_, ariel) = server.member("ariel@example.com", "writer").await;
    let (_, admin) = server.member("admin@example.com", "admin").await;
    let (id, _) = make_token(&ariel, json!({"role": "writer"})).await;
    let path = format!("/api/v2/tokens/{id}/reset");
    admin
        .post_nothing(&path)
        .await
        .expect_error(403, "forbidden", "only by its member");
    ariel.post_nothing(&path).await.expect(200);
    let (service, _) = make_token(&ariel, json!({"role": "writer", "serviceToken": true})).await;
    admin
        .post_nothing(&format!("/api/v2/tokens/{service}/reset"))
        .await
        .expect(200);
    admin
        .post_nothing("/api/v2/tokens/000000000000000000000000/reset")
        .await
        .expect_error(404, "not_found", "unknown token");
}
