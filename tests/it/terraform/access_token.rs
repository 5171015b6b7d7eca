//! `launchdarkly_access_token`.

use serde_json::{Value, json};

use super::{provider, unset};
use crate::support::{in_seconds, make_role};

fn inline() -> Value {
    json!([{"effect": "allow", "resources": ["proj/*:env/production"], "actions": ["*"]}])
}

#[tokio::test]
async fn a_token_of_a_built_in_role_lives_and_dies() {
    let (_server, api) = provider().await;
    let form = json!({"name": "tf", "role": "reader", "serviceToken": false, "defaultApiVersion": 20_240_415});
    let made = api.post("/api/v2/tokens", &form).await.expect(201);
    let path = format!("/api/v2/tokens/{}", made.text("/_id"));
    assert!(made.text("/token").starts_with("api-"));
    let read = api.get(&path).await.expect(200).json;
    assert_eq!(read["name"], "tf");
    assert_eq!(read["role"], "reader");
    assert_eq!(read["serviceToken"], false);
    assert_eq!(read["defaultApiVersion"], 20_240_415);
    unset(&read, "customRoleIds");
    unset(&read, "inlineRole");
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "tf renamed"},
        {"op": "replace", "path": "/role", "value": "writer"},
    ]);
    api.patch(&path, &patch).await.expect(200);
    let read = api.get(&path).await.expect(200).json;
    assert_eq!(
        (read["name"].as_str(), read["role"].as_str()),
        (Some("tf renamed"), Some("writer"))
    );
    api.delete(&path).await.expect(204);
    // The provider takes 404 for "gone" and anything else for a failure.
    api.get(&path)
        .await
        .expect_error(404, "not_found", "unknown token");
    api.delete(&path).await.expect(404);
}

#[tokio::test]
async fn the_kind_of_scope_is_switched_in_one_patch_each_way() {
    let (_server, api) = provider().await;
    let role = make_role(&api, "tf-role", &["*"], &["proj/*"]).await;
    let made = api
        .post("/api/v2/tokens", &json!({"name": "tf", "role": "reader"}))
        .await
        .expect(201);
    let path = format!("/api/v2/tokens/{}", made.text("/_id"));
    // From a built-in role to an in-line one, to custom roles by key, and back.
    for (patch, field, expected) in [
        (
            json!([
                {"op": "replace", "path": "/name", "value": "tf"},
                {"op": "remove", "path": "/role"},
                {"op": "replace", "path": "/inlineRole", "value": inline()},
            ]),
            "inlineRole",
            inline(),
        ),
        (
            json!([
                {"op": "replace", "path": "/name", "value": "tf"},
                {"op": "remove", "path": "/inlineRole"},
                {"op": "replace", "path": "/customRoleIds", "value": ["tf-role"]},
            ]),
            "customRoleIds",
            json!([role]),
        ),
        (
            json!([
                {"op": "replace", "path": "/name", "value": "tf"},
                {"op": "replace", "path": "/role", "value": "writer"},
                {"op": "remove", "path": "/customRoleIds"},
            ]),
            "role",
            json!("writer"),
        ),
    ] {
        api.patch(&path, &patch).await.expect(200);
        let read = api.get(&path).await.expect(200).json;
        assert_eq!(read[field], expected);
        for other in ["role", "inlineRole", "customRoleIds"] {
            if other != field {
                unset(&read, other);
            }
        }
    }
    let remove = json!([{"op": "remove", "path": "/inlineRole"}]);
    api.patch(&path, &remove)
        .await
        .expect_error(422, "patch_failed", "/inlineRole");
}

#[tokio::test]
async fn service_tokens_and_expiries_are_read_as_they_were_asked_for() {
    let (_server, api) = provider().await;
    make_role(&api, "tf-role", &["*"], &["proj/*"]).await;
    let expiry = in_seconds(3_600);
    for (scope, field) in [
        (json!({"customRoleIds": ["tf-role"]}), "customRoleIds"),
        (json!({"inlineRole": inline()}), "inlineRole"),
    ] {
        let mut form = json!({"name": "tf", "serviceToken": true, "expiry": expiry, "defaultApiVersion": 20_191_212});
        form.as_object_mut()
            .unwrap()
            .extend(scope.as_object().unwrap().clone());
        let made = api.post("/api/v2/tokens", &form).await.expect(201);
        let path = format!("/api/v2/tokens/{}", made.text("/_id"));
        let read = api.get(&path).await.expect(200).json;
        assert_eq!(read["serviceToken"], true);
        assert_eq!(read["expiry"], expiry);
        assert_eq!(read["defaultApiVersion"], 20_191_212);
        assert_eq!(read[field].as_array().unwrap().len(), 1);
        unset(&read, "role");
        // A change of the scope makes a new token: the provider never sends it, and the server refuses it.
        let scope = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
        assert!([409, 422].contains(&api.patch(&path, &scope).await.status));
        // Old versions of the provider reset a token by a change of `expire`.
        let reset = api
            .post(&format!("{path}/reset"), &json!({}))
            .await
            .expect(200);
        assert!(reset.text("/token").starts_with("api-"));
        api.delete(&path).await.expect(204);
    }
}
