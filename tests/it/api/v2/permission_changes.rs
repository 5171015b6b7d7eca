//! `GET /api/v2/permission-changes`.

use serde_json::{Value, json};

use crate::support::{Api, Server, in_seconds, make_role, make_token};

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

async fn changes(api: &Api, query: &str) -> Value {
    api.get(&format!("/api/v2/permission-changes?{query}"))
        .await
        .expect(200)
        .json
}

fn of<'v>(answer: &'v Value, token: &str) -> &'v Value {
    let items = answer["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["tokenId"] == token);
    found.unwrap_or_else(|| panic!("{token} is not in {answer}"))
}

fn causes(change: &Value) -> Vec<(&str, i64)> {
    let causes = change["causes"].as_array().unwrap().iter();
    causes
        .map(|cause| {
            (
                cause["type"].as_str().unwrap(),
                cause["position"].as_i64().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn each_token_that_changed_is_there_with_how_and_why() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["*"], &["proj/web"]).await;
    let (ada_id, ada) = server.member("ada@acme.test", "writer").await;
    let (narrowed, _) = make_token(&ada, json!({"role": "writer", "name": "hers"})).await;
    let (widened, _) = make_token(&owner, json!({"customRoleIds": ["ops"]})).await;
    let (lost, _) = make_token(&owner, json!({"role": "reader"})).await;
    let (frozen, _) = make_token(
        &owner,
        json!({"customRoleIds": ["ops"], "serviceToken": true}),
    )
    .await;
    let start = server.position().await;
    let members = format!("/api/v2/members/{ada_id}");
    let up = owner
        .patch(&members, &replace("/role", json!("admin")))
        .await
        .expect(200)
        .position();
    let down = owner
        .patch(&members, &replace("/role", json!("reader")))
        .await
        .expect(200)
        .position();
    let policy = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*"]}]);
    let edited = owner
        .patch("/api/v2/roles/ops", &replace("/policy", policy))
        .await
        .expect(200)
        .position();
    let deleted = owner
        .delete(&format!("/api/v2/tokens/{lost}"))
        .await
        .expect(204)
        .position();
    let (gained, _) = make_token(&owner, json!({"role": "reader"})).await;
    owner
        .post_nothing(&format!("/api/v2/tokens/{frozen}/reset"))
        .await
        .expect(200);

    let answer = changes(&owner, &format!("from={start}")).await;
    assert_eq!(answer["totalCount"], 4, "{answer}");
    let one = of(&answer, &narrowed);
    assert_eq!(
        (&one["change"], &one["name"]),
        (&json!("narrowed"), &json!("hers"))
    );
    // Widened up to its scope there was nothing to widen: the policies changed all the same.
    assert_eq!(
        causes(one),
        [("member.promoted", up), ("member.downgraded", down)]
    );
    assert!(one["more"].is_null() && one["less"]["action"].is_string());
    let one = of(&answer, &widened);
    assert_eq!(one["change"], "widened");
    assert_eq!(causes(one), [("role.updated", edited)]);
    let one = of(&answer, &lost);
    assert_eq!(
        (&one["change"], &one["statusAfter"]),
        (&json!("lost"), &json!("deleted"))
    );
    assert_eq!(causes(one), [("token.deleted", deleted)]);
    let one = of(&answer, &gained);
    assert_eq!(
        (&one["change"], &one["statusBefore"]),
        (&json!("gained"), &Value::Null)
    );
    assert_eq!(one["causes"][0]["type"], "token.created");

    let part = changes(&owner, &format!("from={start}&to={up}")).await;
    assert_eq!(part["totalCount"], 1, "{part}");
    assert_eq!(
        part["items"],
        json!([]),
        "what the scope cuts off did not change"
    );
    let page = changes(&owner, &format!("from={start}&limit=2&offset=2")).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        page["_links"]["prev"]["href"],
        format!("/api/v2/permission-changes?from={start}&limit=2&offset=0")
    );
    let none = changes(&owner, &format!("from={deleted}&to={deleted}")).await;
    assert_eq!(none["totalCount"], 0);
}

#[tokio::test]
async fn what_only_the_time_ended_has_no_cause() {
    let server = Server::start().await;
    let owner = server.owner();
    let expiry = in_seconds(0) + 600;
    let (id, _) = make_token(&owner, json!({"role": "reader", "expiry": expiry})).await;
    let start = server.position().await;
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    let answer = changes(&owner, &format!("from={start}")).await;
    let one = of(&answer, &id);
    assert_eq!(
        (&one["change"], &one["statusAfter"]),
        (&json!("lost"), &json!("expired"))
    );
    assert_eq!(one["causes"], json!([]));
}

#[tokio::test]
async fn moments_must_be_in_order_and_the_caller_an_administrator() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, writer) = server.member("ada@acme.test", "writer").await;
    let path = "/api/v2/permission-changes";
    writer.get(&format!("{path}?from=1")).await.expect(403);
    for (query, message) in [
        ("from=2&to=1", "to: is before from"),
        ("from=999", "position 999 has not happened yet"),
        ("from=1&to=999", "position 999 has not happened yet"),
        ("from=then", "\"then\" is no moment"),
        ("from=1&limit=101", "limit: is 1 to 100"),
    ] {
        owner
            .get(&format!("{path}?{query}"))
            .await
            .expect_error(400, "invalid_request", message);
    }
    owner.get(path).await.expect(400);
}
