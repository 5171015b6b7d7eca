//! `launchdarkly_custom_role`.

use serde_json::json;

use super::provider;

#[tokio::test]
async fn a_custom_role_lives_and_dies() {
    let (_server, api) = provider().await;
    let policy = json!([{"effect": "allow", "resources": ["proj/*:env/production:flag/*"], "actions": ["*"]}]);
    let form = json!({
        "key": "tf-role", "name": "TF", "description": "Made by Terraform", "policy": policy,
        "basePermissions": "reader",
    });
    let made = api.post("/api/v2/roles", &form).await.expect(201);
    assert_eq!(made.text("/key"), "tf-role");
    let path = "/api/v2/roles/tf-role";
    let read = api.get(path).await.expect(200).json;
    for field in ["name", "description", "policy", "basePermissions"] {
        assert_eq!(read[field], form[field], "{field}");
    }
    let next = json!([
        {"effect": "deny", "notResources": ["proj/mine"], "actions": ["*"]},
        {"effect": "allow", "resources": ["proj/*"], "notActions": ["deleteProject"]},
    ]);
    let patch = json!({"comment": "Terraform", "patch": [
        {"op": "replace", "path": "/name", "value": "TF renamed"},
        {"op": "replace", "path": "/description", "value": ""},
        {"op": "replace", "path": "/policy", "value": next},
        {"op": "replace", "path": "/basePermissions", "value": "no_access"},
    ]});
    api.patch(path, &patch).await.expect(200);
    let read = api.get(path).await.expect(200).json;
    assert_eq!(read["name"], "TF renamed");
    assert_eq!(read["policy"], next);
    assert_eq!(read["basePermissions"], "no_access");
    assert!(
        read.get("description").is_none_or(|text| text == ""),
        "{read}"
    );
    api.post("/api/v2/roles", &form)
        .await
        .expect_error(409, "conflict", "tf-role");
    api.delete(path).await.expect(204);
    api.get(path)
        .await
        .expect_error(404, "not_found", "unknown role");
}
