//! `POST /api/v2/what-if`.

use serde_json::{Value, json};

use crate::support::{Api, Server, make_role, make_token};

async fn asked(api: &Api, form: Value) -> Value {
    api.post("/api/v2/what-if", &form).await.expect(200).json
}

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

fn of<'v>(answer: &'v Value, token: &str) -> &'v Value {
    let items = answer["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["tokenId"] == token);
    found.unwrap_or_else(|| panic!("{token} is not in {answer}"))
}

/// Whether a token may do what an example says.
async fn may(api: &Api, token: &str, example: &Value) -> bool {
    // Examples have no character that a query would take for its own but the semicolon, braces and quotes.
    let encoded = |name: &str| {
        let text = example[name].as_str().unwrap();
        text.chars()
            .map(|one| match one {
                ';' => "%3B".to_owned(),
                '{' => "%7B".to_owned(),
                '}' => "%7D".to_owned(),
                other => other.to_string(),
            })
            .collect::<String>()
    };
    let (action, resource) = (encoded("action"), encoded("resource"));
    let path = format!("/api/v2/tokens/{token}/explanation?action={action}&resource={resource}");
    api.get(&path).await.expect(200).json["allowed"] == true
}

#[tokio::test]
async fn every_token_that_would_change_is_named_with_an_example_that_is_true() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["*"], &["proj/web", "proj/api"]).await;
    let (personal, _) =
        make_token(&owner, json!({"customRoleIds": ["ops"], "name": "follows"})).await;
    let live = json!({"customRoleIds": ["ops"], "serviceToken": true, "roleBinding": "live"});
    let (live, _) = make_token(&owner, live).await;
    let (frozen, _) = make_token(
        &owner,
        json!({"customRoleIds": ["ops"], "serviceToken": true}),
    )
    .await;
    make_token(&owner, json!({"role": "reader"})).await;
    let position = server.position().await;
    let policy =
        json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/web", "proj/new"]}]);
    let patch = replace("/policy", policy.clone());
    let answer = asked(&owner, json!({"role": "ops", "patch": patch})).await;
    assert_eq!(answer["totalCount"], 2, "{answer}");
    for token in [&personal, &live] {
        let change = of(&answer, token);
        assert_eq!(change["change"], "moved");
        assert_eq!(
            change["more"]["resource"]
                .as_str()
                .unwrap()
                .split([':', ';'])
                .next(),
            Some("proj/new")
        );
        assert!(may(&owner, token, &change["less"]).await);
        assert!(!may(&owner, token, &change["more"]).await);
    }
    assert_eq!(of(&answer, &personal)["name"], "follows");
    assert_eq!(of(&answer, &live)["serviceToken"], true);
    // Nothing was written, and when it is, it is as it was said.
    assert_eq!(server.position().await, position);
    owner
        .patch("/api/v2/roles/ops", &replace("/policy", policy))
        .await
        .expect(200);
    for token in [&personal, &live] {
        let change = of(&answer, token);
        assert!(!may(&owner, token, &change["less"]).await);
        assert!(may(&owner, token, &change["more"]).await);
    }
    let gone = asked(&owner, json!({"role": "ops", "delete": true})).await;
    assert_eq!(gone["totalCount"], 2);
    assert_eq!(of(&gone, &personal)["change"], "lost");
    let same = asked(
        &owner,
        json!({"role": "ops", "patch": replace("/name", json!("Ops"))}),
    )
    .await;
    assert_eq!(same["totalCount"], 0);
    assert!(
        !may(
            &owner,
            &frozen,
            &json!({"action": "viewProject", "resource": "proj/new"})
        )
        .await
    );
}

#[tokio::test]
async fn a_member_may_be_demoted_or_removed_in_thought() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "admin").await;
    let (writer, _) = make_token(&ada, json!({"role": "writer"})).await;
    let (reader, _) = make_token(&ada, json!({"role": "reader"})).await;
    let (service, _) = make_token(&ada, json!({"role": "writer", "serviceToken": true})).await;
    let (bob_id, _) = server.member("bob@acme.test", "reader").await;
    let demoted = json!({"member": ada_id, "patch": replace("/role", json!("reader"))});
    let answer = asked(&owner, demoted).await;
    assert_eq!(answer["totalCount"], 1);
    assert_eq!(of(&answer, &writer)["change"], "narrowed");
    let removed = asked(&owner, json!({"member": ada_id, "delete": true})).await;
    assert_eq!(removed["totalCount"], 2);
    assert_eq!(of(&removed, &reader)["change"], "lost");
    assert!(!removed["items"].to_string().contains(&service));
    let page = "/api/v2/what-if?limit=1&offset=1";
    let page = owner
        .post(page, &json!({"member": ada_id, "delete": true}))
        .await
        .expect(200);
    assert_eq!(page.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(page.integer("/totalCount"), 2);
    // Bob has no token: nothing would change.
    let promoted = json!({"member": bob_id, "patch": replace("/role", json!("admin"))});
    assert_eq!(asked(&owner, promoted).await["totalCount"], 0);
}

#[tokio::test]
async fn whoever_may_not_make_the_change_may_not_ask_and_unseen_tokens_are_counted() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["*"], &["proj/web"]).await;
    make_token(&owner, json!({"customRoleIds": ["ops"]})).await;
    let (bob_id, bob) = server.member("bob@acme.test", "writer").await;
    let form = json!({"role": "ops", "delete": true});
    bob.post("/api/v2/what-if", &form).await.expect(403);
    make_role(&owner, "keeper", &["viewRole", "deleteRole"], &["role/*"]).await;
    owner
        .patch(
            &format!("/api/v2/members/{bob_id}"),
            &replace("/customRoles", json!(["keeper"])),
        )
        .await
        .expect(200);
    let answer = asked(&bob, form).await;
    assert_eq!(
        (&answer["totalCount"], &answer["hiddenCount"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(answer["items"], json!([]));
    for (form, status) in [
        (json!({"role": "none", "delete": true}), 404),
        (
            json!({"member": "000000000000000000000000", "delete": true}),
            404,
        ),
        (json!({"role": "ops", "member": "me", "delete": true}), 400),
        (json!({"role": "ops"}), 400),
        (json!({"role": "ops", "delete": true, "patch": []}), 400),
        (
            json!({"role": "ops", "patch": replace("/nothing", json!(1))}),
            400,
        ),
        (
            json!({"role": "ops", "patch": replace("/policy", json!([{"effect": "allow"}]))}),
            400,
        ),
    ] {
        let answer = owner.post("/api/v2/what-if", &form).await;
        assert_eq!(answer.status, status, "{form}: {}", answer.body);
    }
}
