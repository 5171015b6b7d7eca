//! `GET /api/v2/tokens/{id}`.

use serde_json::{Value, json};

use crate::support::{Server, make_token};

#[tokio::test]
async fn who_sees_which_token() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, ariel) = server.member("ariel@example.com", "writer").await;
    let (_, other) = server.member("other@example.com", "writer").await;
    let (personal, _) = make_token(&ariel, json!({"role": "reader"})).await;
    let (service, _) = make_token(&ariel, json!({"role": "reader", "serviceToken": true})).await;
    let path = |id: &str| format!("/api/v2/tokens/{id}");
    ariel.get(&path(&personal)).await.expect(200);
    owner.get(&path(&personal)).await.expect(200);
    other.get(&path(&service)).await.expect(200);
    let refused = other.get(&path(&personal)).await;
    refused.expect_error(403, "forbidden", &format!(":token/{personal}"));
    owner
        .get(&path("000000000000000000000000"))
        .await
        .expect_error(404, "not_found", "unknown token");
    owner
        .get(&path("nonsense"))
        .await
        .expect_error(404, "not_found", "unknown token");
}

#[tokio::test]
async fn the_effective_permission_is_there_when_it_is_asked_for() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, session) = server.member("m@example.com", "writer").await;
    let (id, _) = make_token(&session, json!({"role": "writer"})).await;
    let path = format!("/api/v2/tokens/{id}");
    assert_eq!(
        owner.get(&path).await.expect(200).json["_effectivePermission"],
        Value::Null
    );
    let expanded = format!("{path}?expand=effectivePermission");
    let answer = owner.get(&expanded).await.expect(200);
    assert_eq!(answer.text("/_effectivePermission/role"), "writer");
    let from: Vec<&Value> = answer.json["_effectivePermission"]["allOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| &layer["from"])
        .collect();
    assert_eq!(from, ["scope", "member"]);
    let patch = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    owner
        .patch(&format!("/api/v2/members/{member}"), &patch)
        .await
        .expect(200);
    assert_eq!(
        owner
            .get(&expanded)
            .await
            .text("/_effectivePermission/role"),
        "reader"
    );
    let patch = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
    owner
        .patch(&format!("/api/v2/members/{member}"), &patch)
        .await
        .expect(200);
    // It widens back up to its scope, and no further.
    assert_eq!(
        owner
            .get(&expanded)
            .await
            .text("/_effectivePermission/role"),
        "writer"
    );
    owner
        .delete(&format!("/api/v2/members/{member}"))
        .await
        .expect(204);
    assert_eq!(
        owner
            .get(&expanded)
            .await
            .text("/_effectivePermission/status"),
        "deactivated"
    );
}
