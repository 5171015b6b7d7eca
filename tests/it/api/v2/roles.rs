//! `/api/v2/roles`.

mod details;

use serde_json::{Value, json};

use crate::support::{Server, make_role, make_token};

const PATH: &str = "/api/v2/roles";

#[tokio::test]
async fn a_role_is_made_read_listed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    let policy = json!([
        {"effect": "allow", "resources": ["proj/*:env/*;qa_*:/flag/*", "acct"], "actions": ["*"]},
        {"effect": "deny", "notResources": ["proj/a"], "notActions": ["view*"]},
    ]);
    let form = json!({"key": "ops.team_1-x", "name": "Ops", "description": "d", "policy": policy, "basePermissions": "reader", "resourceCategory": "any"});
    let made = owner.post(PATH, &form).await.expect(201);
    assert_eq!(made.json["policy"], policy);
    assert_eq!(
        (
            made.text("/basePermissions"),
            made.text("/resourceCategory")
        ),
        ("reader".into(), "any".into())
    );
    assert_eq!(
        made.text("/_links/self/href"),
        format!("{PATH}/ops.team_1-x")
    );
    let id = made.text("/_id");
    for by in ["ops.team_1-x", id.as_str()] {
        assert_eq!(
            owner.get(&format!("{PATH}/{by}")).await.expect(200).json,
            made.json
        );
    }
    let list = owner.get(PATH).await.expect(200);
    assert_eq!(
        (list.items("key"), list.integer("/totalCount")),
        (vec!["ops.team_1-x".to_owned()], 1)
    );
    owner
        .post(PATH, &form)
        .await
        .expect_error(409, "conflict", "already");
    owner
        .delete(&format!("{PATH}/ops.team_1-x"))
        .await
        .expect(204);
    owner
        .get(&format!("{PATH}/{id}"))
        .await
        .expect_error(404, "not_found", "unknown role");
    owner.post(PATH, &form).await.expect(201);
}

#[tokio::test]
async fn both_forms_of_a_patch_change_a_role_and_its_tokens_follow() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "maker", &["createRole"], &["role/*"]).await;
    let (_, secret) = make_token(&owner, json!({"customRoleIds": ["maker"]})).await;
    let maker = server.anonymous().token(&secret);
    let role = |key: &str| json!({"key": key, "name": key, "policy": []});
    maker.post(PATH, &role("a")).await.expect(201);
    let statement = json!({"effect": "deny", "actions": ["*"], "resources": ["role/b*"]});
    let patch = json!({"comment": "why", "patch": [
        {"op": "add", "path": "/policy/-", "value": statement},
        {"op": "replace", "path": "/name", "value": "Maker"},
    ]});
    let answer = owner
        .patch(&format!("{PATH}/maker"), &patch)
        .await
        .expect(200);
    assert_eq!(answer.text("/name"), "Maker");
    assert_eq!(answer.json["policy"][1], statement);
    maker
        .post(PATH, &role("b"))
        .await
        .expect_error(403, "forbidden", "createRole on role/b");
    maker.post(PATH, &role("c")).await.expect(201);
    let bare = json!([{"op": "replace", "path": "/basePermissions", "value": "reader"}]);
    owner
        .patch(&format!("{PATH}/maker"), &bare)
        .await
        .expect(200);
    maker.get(PATH).await.expect(200);
    // A policy that went missing would take its denies along.
    for gone in [
        json!([{"op": "remove", "path": "/policy"}]),
        json!([{"op": "replace", "path": "/policy", "value": null}]),
    ] {
        owner
            .patch(&format!("{PATH}/maker"), &gone)
            .await
            .expect_error(400, "invalid_request", "/policy: a role needs");
    }
    owner.delete(&format!("{PATH}/maker")).await.expect(204);
    // A deleted role grants nothing; the token stays.
    maker
        .post(PATH, &role("d"))
        .await
        .expect_error(403, "forbidden", "createRole");
    maker.get("/api/v2/caller-identity").await.expect(200);
}

#[tokio::test]
async fn deleting_a_members_only_role_never_gives_the_base_role_back() {
    let server = Server::start().await;
    let owner = server.owner();
    let role = make_role(&owner, "narrow", &["viewMember"], &["member/*"]).await;
    let (id, session) = server.member("a@example.com", "admin").await;
    let patch = json!([{"op": "replace", "path": "/customRoles", "value": ["narrow"]}]);
    owner
        .patch(&format!("/api/v2/members/{id}"), &patch)
        .await
        .expect(200);
    session.get("/api/v2/members").await.expect(200);
    session
        .get(PATH)
        .await
        .expect_error(403, "forbidden", "viewRole");
    owner.delete(&format!("{PATH}/narrow")).await.expect(204);
    session
        .get("/api/v2/members")
        .await
        .expect_error(403, "forbidden", "viewMember");
    let member = owner
        .get(&format!("/api/v2/members/{id}"))
        .await
        .expect(200);
    assert_eq!(member.json["customRoles"], json!([role]));
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told_to_the_character() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    for (statement, message) in [
        (
            json!({"effect": "allow", "resources": ["proj/*:;x"], "actions": ["*"]}),
            "/policy/0/resources/0: unexpected ';' at character 8",
        ),
        (
            json!({"effect": "allow", "resources": ["proj/*"], "actions": ["up date"]}),
            "/policy/0/actions/0: ",
        ),
        (
            json!({"effect": "allow", "resources": ["proj/${user}"], "actions": ["*"]}),
            "/policy/0/resources/0: ",
        ),
        (json!({"effect": "allow", "actions": ["*"]}), "/policy/0"),
        (
            json!({"effect": "allow", "resources": ["a/b"], "notResources": ["a/c"], "actions": ["*"]}),
            "/policy/0",
        ),
        (
            json!({"effect": "perhaps", "resources": ["a/b"], "actions": ["*"]}),
            "/policy/0/effect: unknown variant",
        ),
    ] {
        let form = json!({"key": "k", "name": "n", "policy": [statement]});
        owner
            .post(PATH, &form)
            .await
            .expect_error(400, "invalid_request", message);
    }
    for (key, message) in [
        ("", "/key: must not be empty"),
        ("a b", "/key: has a character"),
        ("admin", "/key: is the name of a built-in"),
        ("0123456789abcdef01234567", "/key: looks like the id"),
    ] {
        let form = json!({"key": key, "name": "n", "policy": []});
        owner
            .post(PATH, &form)
            .await
            .expect_error(400, "invalid_request", message);
    }
    let missing = owner.post(PATH, &json!({"key": "k", "name": "n"})).await;
    missing.expect_error(400, "invalid_request", "missing field `policy`");
    assert_eq!(server.position().await, before);
    assert_eq!(
        owner.get(PATH).await.json["items"],
        Value::Array(Vec::new())
    );
}
