//! `DELETE /api/v2/tokens/{id}`.

use serde_json::json;

use crate::support::{Server, make_token};

#[tokio::test]
async fn a_deleted_token_is_gone_at_once() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, secret) = make_token(&owner, json!({"role": "admin"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let itself = server.anonymous().token(&secret);
    let answer = itself.delete(&path).await.expect(204);
    assert!(answer.body.is_empty() && answer.position() > 0);
    itself
        .get("/api/v2/tokens")
        .await
        .expect_error(401, "unauthorized", "Invalid access token");
    owner
        .get(&path)
        .await
        .expect_error(404, "not_found", "unknown token");
    owner
        .delete(&path)
        .await
        .expect_error(404, "not_found", "unknown token");
}

#[tokio::test]
async fn an_administrator_deletes_anybodys_and_others_only_their_own() {
    let server = Server::start().await;
    let (_, ariel) = server.member("ariel@example.com", "reader").await;
    let (_, admin) = server.member("admin@example.com", "admin").await;
    let (_, other) = server.member("other@example.com", "writer").await;
    let (id, _) = make_token(&ariel, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}");
    other
        .delete(&path)
        .await
        .expect_error(403, "forbidden", "deleteAccessToken");
    admin.delete(&path).await.expect(204);
    let (id, _) = make_token(&ariel, json!({"role": "reader", "serviceToken": true})).await;
    let path = format!("/api/v2/tokens/{id}");
    other
        .delete(&path)
        .await
        .expect_error(403, "forbidden", "deleteAccessToken on service-token/");
    ariel.delete(&path).await.expect(204);
}
