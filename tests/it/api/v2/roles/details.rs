//! Patches by merging, `_access`, `assignedTo`, and what deleting a role in use does.

use serde_json::{Value, json};

use crate::support::{Api, Server, make_role, make_token};

#[tokio::test]
async fn a_role_is_patched_by_merging_too() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["view*"], &["member/*"]).await;
    let policy = json!([{"effect": "deny", "actions": ["*"], "resources": ["acct"]}]);
    let merge = json!({"comment": "why", "merge": {"name": "Operators", "policy": policy, "description": null}});
    let done = owner.patch("/api/v2/roles/ops", &merge).await.expect(200);
    assert_eq!(done.text("/name"), "Operators");
    assert_eq!(done.json["policy"], policy);
    let entry = owner.get("/api/v2/auditlog?spec=role/ops&limit=1").await;
    assert_eq!(entry.text("/items/0/comment"), "why");
    let position = server.position().await;
    for (body, message) in [
        (json!({"merge": {"key": "x"}}), "\"key\" cannot be patched"),
        (json!({"merge": []}), "merge: must be an object"),
        (json!({"merge": {"name": 5}}), "/name: "),
        (
            json!({"merge": {"policy": null}}),
            "/policy: a role needs a policy",
        ),
        (json!({"merge": {}, "patch": []}), "patch, merge: give one"),
    ] {
        let answer = owner.patch("/api/v2/roles/ops", &body).await;
        answer.expect_error(400, "invalid_request", message);
    }
    assert_eq!(server.position().await, position);
    // Tokens and members know no merging: at the vendor they do not either.
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let answer = owner.patch(&path, &json!({"merge": {"name": "x"}})).await;
    answer.expect_error(400, "invalid_request", "patch: must be an array");
}

fn actions(role: &Value, which: &str) -> Vec<String> {
    let entries = role["_access"][which].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_role_says_what_the_caller_may_do_with_it_and_why() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["view*"], &["member/*"]).await;
    let role = owner.get("/api/v2/roles/ops").await.expect(200).json;
    assert_eq!(actions(&role, "denied"), [""; 0]);
    assert!(actions(&role, "allowed").contains(&"deleteRole".to_owned()));
    assert_eq!(
        role["_access"]["allowed"][0]["reason"],
        json!({"effect": "allow", "actions": ["*"], "resources": ["*"]})
    );
    // A member whose custom role allows some of it and denies some.
    let policy = json!([
        {"effect": "allow", "actions": ["view*", "update*"], "resources": ["role/*"]},
        {"effect": "deny", "actions": ["updatePolicy"], "resources": ["role/ops"]},
    ]);
    let form = json!({"key": "half", "name": "Half", "policy": policy});
    owner.post("/api/v2/roles", &form).await.expect(201);
    let (id, member) = server.member("m@acme.test", "reader").await;
    let patch = json!([{"op": "replace", "path": "/customRoles", "value": ["half"]}]);
    owner
        .patch(&format!("/api/v2/members/{id}"), &patch)
        .await
        .expect(200);
    let list = member.get("/api/v2/roles").await.expect(200);
    let role = &list.json["items"][0];
    assert_eq!(actions(role, "denied"), ["deleteRole", "updatePolicy"]);
    let denied = &role["_access"]["denied"];
    assert_eq!(
        denied[0]["reason"],
        json!({"effect": "deny", "actions": ["deleteRole"], "resources": ["role/ops"]})
    );
    assert_eq!(
        denied[1]["reason"],
        json!({"effect": "deny", "actions": ["updatePolicy"], "resources": ["role/ops"], "role_name": "Half"})
    );
    assert_eq!(role["_access"]["allowed"][0]["reason"]["role_name"], "Half");
}

#[tokio::test]
async fn a_role_says_how_many_have_it() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["view*"], &["member/*"]).await;
    make_role(&owner, "none", &["view*"], &["member/*"]).await;
    let forms = json!([{"email": "a@acme.test", "customRoles": ["ops"]}, {"email": "b@acme.test", "customRoles": ["ops"]}]);
    let made = owner.post("/api/v2/members", &forms).await.expect(201);
    owner
        .post(
            "/api/v2/teams",
            &json!({"key": "web", "name": "Web", "customRoleKeys": ["ops"]}),
        )
        .await
        .expect(201);
    let assigned = async |path: &str| owner.get(path).await.expect(200).json;
    assert_eq!(
        assigned("/api/v2/roles/ops").await["assignedTo"],
        json!({"membersCount": 2, "teamsCount": 1})
    );
    let list = assigned("/api/v2/roles").await;
    assert_eq!(list["items"][0]["assignedTo"]["membersCount"], 2);
    assert_eq!(
        list["items"][1]["assignedTo"],
        json!({"membersCount": 0, "teamsCount": 0})
    );
    owner
        .delete(&format!("/api/v2/members/{}", made.text("/items/0/_id")))
        .await
        .expect(204);
    owner.delete("/api/v2/teams/web").await.expect(204);
    assert_eq!(
        assigned("/api/v2/roles/ops").await["assignedTo"],
        json!({"membersCount": 1, "teamsCount": 0})
    );
}

#[tokio::test]
async fn deleting_a_role_in_use_takes_what_it_gave_but_not_from_frozen_tokens() {
    let server = Server::start().await;
    let owner = server.owner();
    let id = make_role(&owner, "ops", &["viewRole", "createAccessToken"], &["*"]).await;
    make_role(&owner, "seen", &["viewProject"], &["proj/x"]).await;
    let (member, session) = server.member("m@acme.test", "admin").await;
    let path = format!("/api/v2/members/{member}");
    let patch = json!([{"op": "replace", "path": "/customRoles", "value": ["ops"]}]);
    owner.patch(&path, &patch).await.expect(200);
    let anonymous = server.anonymous();
    let token = async |api: &Api, form: Value| anonymous.token(&make_token(api, form).await.1);
    let personal = token(&session, json!({"customRoleIds": ["ops"]})).await;
    let frozen = token(
        &owner,
        json!({"customRoleIds": ["ops"], "serviceToken": true}),
    )
    .await;
    let live = json!({"customRoleIds": ["ops"], "serviceToken": true, "roleBinding": "live"});
    let live = token(&owner, live).await;
    for api in [&session, &personal, &frozen, &live] {
        api.get("/api/v2/roles/seen").await.expect(200);
    }
    owner
        .delete(&format!("/api/v2/roles/{id}"))
        .await
        .expect(204);
    for api in [&session, &personal, &live] {
        api.get("/api/v2/roles/seen").await.expect(403);
    }
    frozen.get("/api/v2/roles/seen").await.expect(200);
    // It stays assigned, so that the base role, an admin's, does not come back.
    let shown = owner.get(&path).await.expect(200);
    assert_eq!(shown.json["customRoles"], json!([id]));
    session.get("/api/v2/members").await.expect(403);
}
