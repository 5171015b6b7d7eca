//! What each plan includes, and that what exists goes on.

use serde_json::{Value, json};

use crate::support::{Server, make_token, run};

/// Puts the account on a plan, and waits until the server knows.
async fn change(server: &Server, plan: &str) {
    let before = server.position().await;
    let (success, _, error) = run(&server.data(), &["account", "plan", plan]);
    assert!(success, "{error}");
    while server.position().await == before {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn policy() -> Value {
    json!([{"effect": "allow", "actions": ["view*"], "resources": ["member/*"]}])
}

/// What only the enterprise plan includes: path and body.
fn enterprise() -> Vec<(&'static str, Value)> {
    vec![
        (
            "/api/v2/roles",
            json!({"key": "new", "name": "New", "policy": policy()}),
        ),
        ("/api/v2/tokens", json!({"inlineRole": policy()})),
        ("/api/v2/tokens", json!({"customRoleIds": ["old"]})),
        (
            "/api/v2/tokens",
            json!({"role": "reader", "serviceToken": true}),
        ),
        (
            "/api/v2/members",
            json!([{"email": "new@acme.test", "customRoles": ["old"]}]),
        ),
    ]
}

#[tokio::test]
async fn a_plan_gates_what_is_made_and_leaves_what_exists() {
    let server = Server::start().await;
    let owner = server.owner();
    let role = json!({"key": "old", "name": "Old", "policy": policy()});
    owner.post("/api/v2/roles", &role).await.expect(201);
    let (_, secret) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    let service_api = server.anonymous().token(&secret);
    let (_, admin) = server.member("admin@acme.test", "admin").await;

    change(&server, "pro").await;
    let position = server.position().await;
    for (path, form) in enterprise() {
        let answer = owner.post(path, &form).await;
        answer.expect_error(
            403,
            "forbidden",
            "need the plan enterprise; this account is on pro",
        );
    }
    let edit = json!([{"op": "replace", "path": "/policy", "value": []}]);
    owner.patch("/api/v2/roles/old", &edit).await.expect_error(
        403,
        "forbidden",
        "need the plan enterprise",
    );
    assert_eq!(server.position().await, position);
    make_token(&owner, json!({"role": "reader"})).await;
    service_api.get("/api/v2/members").await.expect(200);
    owner.get("/api/v2/roles/old").await.expect(200);

    change(&server, "starter").await;
    for api in [&owner, &service_api] {
        let answer = api.get("/api/v2/tokens").await;
        answer.expect_error(403, "forbidden", "REST API need the plan pro or higher");
    }
    // The console goes on, so that somebody can see what there is.
    admin.get("/api/v2/tokens").await.expect(200);

    change(&server, "enterprise").await;
    for (path, form) in enterprise() {
        owner.post(path, &form).await.expect(201);
    }
    service_api.get("/api/v2/members").await.expect(200);
}
