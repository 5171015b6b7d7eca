//! `launchdarkly_team_member`.

use serde_json::json;

use super::provider;
use crate::support::make_role;

#[tokio::test]
async fn a_member_lives_and_dies() {
    let (_server, api) = provider().await;
    let form = json!([{
        "email": "tf@acme.test", "firstName": "T", "lastName": "F", "role": "writer", "customRoles": [],
    }]);
    let made = api.post("/api/v2/members", &form).await.expect(201);
    let path = format!("/api/v2/members/{}", made.text("/items/0/_id"));
    let read = api.get(&path).await.expect(200).json;
    for field in ["email", "firstName", "lastName", "role", "customRoles"] {
        assert_eq!(read[field], form[0][field], "{field}");
    }
    let role = make_role(&api, "tf-role", &["*"], &["proj/*"]).await;
    // Role and custom roles always come together; the role is empty when there are custom roles only.
    for (base, custom, expected) in [
        ("reader", json!([]), json!([])),
        ("", json!(["tf-role"]), json!([role])),
        ("", json!([role]), json!([role])),
        ("writer", json!([]), json!([])),
    ] {
        let patch = json!([
            {"op": "replace", "path": "/role", "value": base},
            {"op": "replace", "path": "/customRoles", "value": custom},
        ]);
        api.patch(&path, &patch).await.expect(200);
        let read = api.get(&path).await.expect(200).json;
        assert_eq!(read["customRoles"], expected);
        if !base.is_empty() {
            assert_eq!(read["role"], base);
        }
    }
    // The data source looks a member up by e-mail.
    let found = api
        .get("/api/v2/members?filter=query:tf%40acme.test")
        .await
        .expect(200);
    assert_eq!(found.items("email"), ["tf@acme.test"]);
    api.delete(&path).await.expect(204);
    api.get(&path)
        .await
        .expect_error(404, "not_found", "unknown member");
}
