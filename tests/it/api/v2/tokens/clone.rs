//! `POST /api/v2/tokens/{id}/clone`.

use serde_json::json;

use crate::support::{Server, make_role, make_token};

#[tokio::test]
async fn a_clone_is_the_callers_with_the_same_kind_and_scope() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, ariel) = server.member("ariel@example.com", "reader").await;
    let (id, _) = make_token(
        &owner,
        json!({"role": "reader", "name": "robot", "serviceToken": true}),
    )
    .await;
    let path = format!("/api/v2/tokens/{id}/clone");
    let clone = ariel.post_nothing(&path).await.expect(201);
    assert_eq!(clone.text("/memberId"), member);
    assert_eq!(
        (clone.text("/name"), clone.text("/role")),
        ("robot".into(), "reader".into())
    );
    assert_eq!(clone.json["serviceToken"], json!(true));
    assert_ne!(clone.text("/_id"), id);
    let named = ariel
        .post(&path, &json!({"name": "robot 2"}))
        .await
        .expect(201);
    assert_eq!(named.text("/name"), "robot 2");
    server
        .anonymous()
        .token(&clone.text("/token"))
        .get("/api/v2/caller-identity")
        .await
        .expect(200);
    let (strong, _) = make_token(&owner, json!({"role": "admin", "serviceToken": true})).await;
    let refused = ariel
        .post_nothing(&format!("/api/v2/tokens/{strong}/clone"))
        .await;
    refused.expect_error(403, "forbidden", "above your own");
}

#[tokio::test]
async fn a_clone_of_a_frozen_token_may_do_what_the_source_may_not_what_the_role_has_become() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "maker", &["createRole"], &["role/*"]).await;
    let (id, _) = make_token(
        &owner,
        json!({"customRoleIds": ["maker"], "serviceToken": true}),
    )
    .await;
    let patch = json!([{"op": "replace", "path": "/policy/0/effect", "value": "deny"}]);
    owner.patch("/api/v2/roles/maker", &patch).await.expect(200);
    let clone = owner
        .post_nothing(&format!("/api/v2/tokens/{id}/clone"))
        .await
        .expect(201);
    let role = json!({"key": "x", "name": "x", "policy": []});
    server
        .anonymous()
        .token(&clone.text("/token"))
        .post("/api/v2/roles", &role)
        .await
        .expect(201);
}
