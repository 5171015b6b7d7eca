//! `POST /api/v2/tokens`.

use serde_json::{Value, json};

use crate::support::{Server, in_seconds, make_role, make_token};

const PATH: &str = "/api/v2/tokens";

#[tokio::test]
async fn a_new_token_has_the_vendors_shape_and_its_whole_secret_once() {
    let server = Server::start().await;
    let owner = server.owner();
    let expiry = in_seconds(3_600);
    let form =
        json!({"name": "n", "description": "d", "role": "writer", "expiry": expiry, "unknown": 1});
    let made = owner.post(PATH, &form).await.expect(201);
    let secret = made.text("/token");
    let groups: Vec<usize> = secret.split('-').map(str::len).collect();
    assert_eq!(groups, [3, 8, 4, 4, 4, 12], "{secret}");
    for pointer in ["/_id", "/ownerId", "/memberId", "/_member/_id"] {
        assert_eq!(made.text(pointer).len(), 24, "{pointer}");
    }
    for pointer in ["/creationDate", "/lastModified"] {
        assert!(made.integer(pointer) > 1_600_000_000_000, "{pointer}");
    }
    let id = made.text("/_id");
    assert_eq!(made.text("/_links/self/href"), format!("{PATH}/{id}"));
    assert_eq!(made.text("/_links/parent/href"), PATH);
    assert_eq!(made.text("/role"), "writer");
    assert_eq!(made.json["serviceToken"], json!(false));
    assert_eq!(made.integer("/defaultApiVersion"), 20240415);
    assert_eq!(made.integer("/expiry"), expiry);
    assert_eq!(made.json["customRoleIds"], Value::Null);
    assert!(made.position() > 0);
    let again = owner.get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!(again.text("/token"), secret[secret.len() - 4..]);
}

#[tokio::test]
async fn custom_roles_are_named_by_key_or_id_and_come_back_as_ids() {
    let server = Server::start().await;
    let owner = server.owner();
    let one = make_role(&owner, "one", &["*"], &["proj/*"]).await;
    let two = make_role(&owner, "two", &["*"], &["proj/*"]).await;
    let made = owner
        .post(PATH, &json!({"customRoleIds": ["one", two, "one"]}))
        .await
        .expect(201);
    assert_eq!(made.json["customRoleIds"], json!([one, two]));
    assert_eq!(made.json["role"], Value::Null);
    let policy =
        json!([{"effect": "allow", "notResources": ["proj/secret"], "actions": ["update*"]}]);
    let made = owner
        .post(PATH, &json!({"inlineRole": policy}))
        .await
        .expect(201);
    assert_eq!(made.json["inlineRole"], policy);
    assert_eq!(made.json["role"], Value::Null);
}

#[tokio::test]
async fn a_member_makes_tokens_up_to_their_own_role() {
    let server = Server::start().await;
    for (role, allowed) in [("reader", 1), ("writer", 2), ("admin", 3)] {
        let (_, session) = server.member(&format!("{role}@example.com"), role).await;
        for (index, asked) in ["reader", "writer", "admin"].iter().enumerate() {
            for service in [false, true] {
                let form = json!({"role": asked, "serviceToken": service});
                let answer = session.post(PATH, &form).await;
                if index < allowed {
                    answer.expect(201);
                } else {
                    answer.expect_error(403, "forbidden", "above your own");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_token_makes_tokens_only_with_the_admin_scope_or_an_explicit_grant() {
    let server = Server::start().await;
    let owner = server.owner();
    for role in ["reader", "writer"] {
        let (_, secret) = make_token(&owner, json!({"role": role})).await;
        let refused = server
            .anonymous()
            .token(&secret)
            .post(PATH, &json!({"role": "reader"}))
            .await;
        refused.expect_error(
            403,
            "forbidden",
            "not allowed: createAccessToken on member/",
        );
    }
    let grant = json!([{"effect": "allow", "actions": ["createAccessToken"], "resources": ["member/*:token/*"]}]);
    let (_, secret) = make_token(&owner, json!({"inlineRole": grant})).await;
    let granted = server.anonymous().token(&secret);
    let made = granted
        .post(PATH, &json!({"role": "admin"}))
        .await
        .expect(201);
    // It is made, and it can do no more than the token that made it.
    let narrow = server.anonymous().token(&made.text("/token"));
    narrow
        .get("/api/v2/members")
        .await
        .expect_error(403, "forbidden", "viewMember");
    let service = granted
        .post(PATH, &json!({"role": "reader", "serviceToken": true}))
        .await;
    service.expect_error(403, "forbidden", "createAccessToken on service-token/");
}

#[tokio::test]
async fn a_custom_role_can_take_the_making_of_tokens_away() {
    let server = Server::start().await;
    let owner = server.owner();
    let policy = json!([{"effect": "deny", "actions": ["createAccessToken"], "resources": ["member/*:token/*"]}]);
    let form = json!({"key": "no-tokens", "name": "No tokens", "policy": policy, "basePermissions": "reader"});
    owner.post("/api/v2/roles", &form).await.expect(201);
    let (id, session) = server.member("c@example.com", "writer").await;
    session
        .post(PATH, &json!({"role": "reader"}))
        .await
        .expect(201);
    let patch = json!([{"op": "add", "path": "/customRoles/-", "value": "no-tokens"}]);
    owner
        .patch(&format!("/api/v2/members/{id}"), &patch)
        .await
        .expect(200);
    session
        .post(PATH, &json!({"role": "reader"}))
        .await
        .expect_error(403, "forbidden", "createAccessToken");
    // The deny names personal tokens; the reader's base still makes service tokens.
    session
        .post(PATH, &json!({"role": "reader", "serviceToken": true}))
        .await
        .expect(201);
}

#[tokio::test]
async fn role_binding_is_for_service_tokens_with_custom_roles() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "maker", &["createRole"], &["role/*"]).await;
    let form = |binding: &str| json!({"customRoleIds": ["maker"], "serviceToken": true, "roleBinding": binding});
    let live = owner.post(PATH, &form("live")).await.expect(201);
    assert_eq!(live.text("/roleBinding"), "live");
    let frozen = owner.post(PATH, &form("frozen")).await.expect(201);
    assert_eq!(frozen.text("/roleBinding"), "frozen");
    owner
        .post(PATH, &form("dried"))
        .await
        .expect_error(400, "invalid_request", "/roleBinding");
    let personal = json!({"customRoleIds": ["maker"], "roleBinding": "live"});
    owner
        .post(PATH, &personal)
        .await
        .expect_error(400, "invalid_request", "/roleBinding");

    let patch = json!([{"op": "replace", "path": "/policy/0/effect", "value": "deny"}]);
    owner.patch("/api/v2/roles/maker", &patch).await.expect(200);
    let role = |key: &str| json!({"key": key, "name": key, "policy": []});
    let call = |answer: &crate::support::Answer| server.anonymous().token(&answer.text("/token"));
    call(&live)
        .post("/api/v2/roles", &role("by-live"))
        .await
        .expect_error(403, "forbidden", "createRole");
    call(&frozen)
        .post("/api/v2/roles", &role("by-frozen"))
        .await
        .expect(201);
}

#[tokio::test]
async fn the_answer_names_what_the_ceiling_cuts_off_from_the_scope() {
    let server = Server::start().await;
    let (_, writer) = server.member("cut@acme.test", "writer").await;
    let all = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*", "role/*"]}]);
    let form = json!({"inlineRole": all, "serviceToken": true});
    let made = writer.post("/api/v2/tokens", &form).await.expect(201);
    // A writer may do everything with projects, and only look at roles.
    assert_eq!(made.text("/_cutOff/resource"), "role/x");
    let action = made.text("/_cutOff/action");
    assert_eq!(made.json["_cutOff"]["unsettled"], false);
    let token = server.anonymous().token(&made.text("/token"));
    assert!(!action.starts_with("view"), "{action}");
    token
        .post(
            "/api/v2/roles",
            &json!({"key": "x", "name": "X", "policy": []}),
        )
        .await
        .expect(403);
    // Nothing is cut off from what is within.
    let within = json!([{"effect": "allow", "actions": ["view*"], "resources": ["role/*"]}]);
    let made = writer
        .post(
            "/api/v2/tokens",
            &json!({"inlineRole": within, "serviceToken": true}),
        )
        .await;
    assert!(made.expect(201).json.get("_cutOff").is_none());
    let owner = server
        .owner()
        .post("/api/v2/tokens", &json!({"role": "admin"}))
        .await
        .expect(201);
    assert!(owner.json.get("_cutOff").is_none(), "{}", owner.body);
    // Policies that are too intricate are said to be, and the token is made.
    let stars: Vec<String> = ('a'..='z').map(|c| format!("proj/*{c}*")).collect();
    let intricate = json!([{"effect": "allow", "actions": ["view*"], "resources": stars}]);
    let made = writer
        .post(
            "/api/v2/tokens",
            &json!({"inlineRole": intricate, "serviceToken": true}),
        )
        .await;
    assert_eq!(made.expect(201).json["_cutOff"], json!({"unsettled": true}));
}
