//! `q`, `kind`, `sort` and `expand=standing` of `GET /api/v2/tokens`.

use serde_json::json;

use crate::support::{Server, in_seconds, make_token};

const PATH: &str = "/api/v2/tokens";

#[tokio::test]
async fn tokens_are_found_by_name_member_ending_and_id() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, ariel) = server.member("ariel@example.com", "writer").await;
    let (id, secret) = make_token(&ariel, json!({"role": "reader", "name": "50%_off"})).await;
    let (service, _) = make_token(
        &owner,
        json!({"role": "reader", "name": "Nightly", "serviceToken": true}),
    )
    .await;
    let ending = &secret[secret.len() - 4..];
    let found = async |query: &str| {
        let path = format!("{PATH}?showAll=true&{query}");
        owner.get(&path).await.expect(200).items("_id")
    };
    for query in [
        "q=ARIEL",
        "q=%25_",
        "q=50",
        &format!("q={ending}"),
        &format!("q={id}"),
    ] {
        assert_eq!(found(query).await.join(" "), id, "{query}");
    }
    assert_eq!(found("q=nightly").await.join(" "), service);
    assert_eq!(found("kind=service").await.join(" "), service);
    assert!(
        found("q=0_o").await.is_empty(),
        "a sign is found as it stands"
    );
    assert!(found("kind=service&q=ariel").await.is_empty());
    // What one may not see is not found.
    let seen = server.member("reader@example.com", "reader").await.1;
    let list = seen
        .get(&format!("{PATH}?showAll=true&q=ariel"))
        .await
        .expect(200);
    assert_eq!(list.integer("/totalCount"), 0);
    for wrong in [
        "kind=other",
        "sort=color",
        "expand=all",
        "expand=standing&limit=500",
        "q=a&asOf=1",
    ] {
        owner.get(&format!("{PATH}?{wrong}")).await.expect(400);
    }
    let long = "x".repeat(300);
    owner.get(&format!("{PATH}?q={long}")).await.expect(400);
}

#[tokio::test]
async fn tokens_are_sorted_and_pages_keep_the_order() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, api) = server.member("a@example.com", "admin").await;
    let (b, _) = make_token(&api, json!({"role": "reader", "name": "beta"})).await;
    let (c, used) = make_token(&api, json!({"role": "reader", "name": "Gamma"})).await;
    let soon = json!({"role": "reader", "name": "Alpha", "expiry": in_seconds(600)});
    let (a, _) = make_token(&api, soon).await;
    server
        .anonymous()
        .token(&used)
        .get("/api/v2/caller-identity")
        .await
        .expect(200);
    let sorted = async |sort: &str| {
        let path = format!("{PATH}?sort={sort}");
        api.get(&path).await.expect(200).items("_id")
    };
    assert_eq!(sorted("name").await, [a.clone(), b.clone(), c.clone()]);
    assert_eq!(sorted("-name").await, [c.clone(), b.clone(), a.clone()]);
    assert_eq!(
        sorted("creationDate").await,
        [b.clone(), c.clone(), a.clone()]
    );
    assert_eq!(
        sorted("-creationDate").await,
        [a.clone(), c.clone(), b.clone()]
    );
    assert_eq!(sorted("expiry").await, [a.clone(), c.clone(), b.clone()]);
    assert_eq!(sorted("-expiry").await, [c.clone(), b.clone(), a.clone()]);
    assert_eq!(sorted("-lastUsed").await, [c.clone(), a.clone(), b.clone()]);
    assert_eq!(sorted("lastUsed").await, [a.clone(), b.clone(), c.clone()]);
    let first = api
        .get(&format!("{PATH}?sort=name&limit=2&q=a"))
        .await
        .expect(200);
    assert_eq!(first.items("_id"), [a, b]);
    let next = api.get(&first.text("/_links/next/href")).await.expect(200);
    assert_eq!(next.items("_id"), [c]);
    drop(owner);
}

#[tokio::test]
async fn a_standing_says_what_is_left_of_a_scope_and_why() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, api) = server.member("a@example.com", "writer").await;
    let (plain, _) = make_token(&api, json!({"role": "writer"})).await;
    let wide = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*"]}]);
    let (cut, _) = make_token(&api, json!({"inlineRole": wide})).await;
    let standing = async |id: &str| {
        let path = format!("{PATH}/{id}?expand=standing");
        owner.get(&path).await.expect(200).json["_standing"].clone()
    };
    let now = standing(&plain).await;
    assert_eq!(
        (&now["status"], &now["role"], &now["memberHas"]),
        (&json!("active"), &json!("writer"), &json!("writer"))
    );
    let path = format!("/api/v2/members/{member}");
    let lower = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    owner.patch(&path, &lower).await.expect(200);
    let lowered = standing(&plain).await;
    assert_eq!(
        (&lowered["role"], &lowered["memberHas"]),
        (&json!("reader"), &json!("reader"))
    );
    assert!(
        lowered["since"].as_i64() > now["since"].as_i64(),
        "{now} {lowered}"
    );
    let example = standing(&cut).await;
    assert!(example["role"].is_null(), "{example}");
    assert!(
        example["cutOff"]["resource"]
            .as_str()
            .unwrap()
            .starts_with("proj/"),
        "{example}"
    );
    // The list says the same.
    let list = owner
        .get(&format!(
            "{PATH}?showAll=true&expand=standing&q=a@example.com"
        ))
        .await;
    let list = list.expect(200);
    assert_eq!(list.json["items"][0]["_standing"], example);
    assert_eq!(list.json["items"][1]["_standing"], lowered);
    owner.delete(&path).await.expect(204);
    let gone = standing(&plain).await;
    assert_eq!(gone["status"], "deactivated");
    assert!(gone["memberHas"].is_null() && gone["since"].as_i64() > lowered["since"].as_i64());
}
