//! `PATCH /api/v2/tokens/{id}`.

use serde_json::{Value, json};

use crate::support::{Server, in_seconds, make_role, make_token};

fn path(id: &str) -> String {
    format!("/api/v2/tokens/{id}")
}

#[tokio::test]
async fn every_field_that_may_be_patched_is() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "a"})).await;
    let expiry = in_seconds(600);
    let patch = json!([
        {"op": "test", "path": "/name", "value": "a"},
        {"op": "replace", "path": "/name", "value": "b"},
        {"op": "replace", "path": "/description", "value": "d"},
        {"op": "add", "path": "/expiry", "value": expiry},
        {"op": "replace", "path": "/defaultApiVersion", "value": 20191212},
    ]);
    let answer = owner.patch(&path(&id), &patch).await.expect(200);
    assert_eq!(answer.text("/name"), "b");
    assert_eq!(answer.text("/description"), "d");
    assert_eq!(answer.integer("/expiry"), expiry);
    assert_eq!(answer.integer("/defaultApiVersion"), 20191212);
    assert_eq!(answer.text("/token").len(), 4);
    let patch = json!([{"op": "remove", "path": "/expiry"}]);
    let answer = owner.patch(&path(&id), &patch).await.expect(200);
    assert_eq!(answer.json["expiry"], Value::Null);
    assert_eq!(owner.get(&path(&id)).await.json["expiry"], Value::Null);
}

#[tokio::test]
async fn the_kind_of_scope_is_switched_in_one_patch() {
    let server = Server::start().await;
    let owner = server.owner();
    let role = make_role(&owner, "one", &["*"], &["proj/*"]).await;
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let inline = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/a"]}]);
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "n"},
        {"op": "remove", "path": "/role"},
        {"op": "replace", "path": "/inlineRole", "value": inline},
    ]);
    let answer = owner.patch(&path(&id), &patch).await.expect(200);
    assert_eq!(
        (&answer.json["role"], &answer.json["inlineRole"]),
        (&Value::Null, &inline)
    );
    let patch = json!([
        {"op": "remove", "path": "/inlineRole"},
        {"op": "add", "path": "/customRoleIds", "value": ["one"]},
    ]);
    let answer = owner.patch(&path(&id), &patch).await.expect(200);
    assert_eq!(answer.json["customRoleIds"], json!([role]));
    let both = json!([{"op": "add", "path": "/role", "value": "reader"}]);
    owner
        .patch(&path(&id), &both)
        .await
        .expect_error(400, "invalid_request", "only one of");
    let none = json!([{"op": "remove", "path": "/customRoleIds"}]);
    owner
        .patch(&path(&id), &none)
        .await
        .expect_error(400, "invalid_request", "needs a scope");
}

#[tokio::test]
async fn a_service_tokens_scope_is_permanently_fixed() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    let patch = json!([{"op": "replace", "path": "/role", "value": "writer"}]);
    owner
        .patch(&path(&id), &patch)
        .await
        .expect_error(409, "conflict", "permanently fixed");
    let patch = json!([{"op": "replace", "path": "/name", "value": "renamed"}]);
    assert_eq!(
        owner
            .patch(&path(&id), &patch)
            .await
            .expect(200)
            .text("/name"),
        "renamed"
    );
}

#[tokio::test]
async fn nobody_patches_what_they_may_not_see_or_change() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "hidden"})).await;
    let (_, other) = server.member("other@example.com", "writer").await;
    let probe = json!([{"op": "test", "path": "/name", "value": "guess"}]);
    let refused =
        other
            .patch(&path(&id), &probe)
            .await
            .expect_error(403, "forbidden", "viewAccessToken");
    assert!(!refused.body.contains("hidden"));
    let (mine, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let rename = json!([{"op": "replace", "path": "/name", "value": "x"}]);
    let refused = server
        .anonymous()
        .token(&secret)
        .patch(&path(&mine), &rename)
        .await;
    refused.expect_error(403, "forbidden", "updateAccessTokenName on member/");
    let (_, reader) = server.member("reader@example.com", "reader").await;
    let (own, _) = make_token(&reader, json!({"role": "reader"})).await;
    let widen = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
    reader
        .patch(&path(&own), &widen)
        .await
        .expect_error(403, "forbidden", "above your own");
}
