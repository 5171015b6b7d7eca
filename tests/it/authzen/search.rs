//! Search certification, core and properties (c-4).

use serde_json::{Value, json};

use super::{Fixture, record, user};

/// The results of a search, by a field.
async fn found(fixture: &Fixture, what: &str, body: &Value) -> Vec<String> {
    let answer = fixture
        .post(&format!("search/{what}"), body)
        .await
        .expect(200);
    let page = answer.json["page"].as_object().expect("a page");
    assert_eq!(page["next_token"], "", "more than a page");
    let results = answer.json["results"].as_array().expect("results");
    assert_eq!(page["count"], results.len());
    let field = if what == "action" { "name" } else { "id" };
    results
        .iter()
        .map(|one| {
            if what != "action" {
                assert_eq!(one["type"], body[what]["type"]);
            }
            one[field].as_str().expect("a text").to_owned()
        })
        .collect()
}

/// With a context, and with an id that means nothing, it is the same (c-4-2-2, c-4-2-3, c-4-3-2, c-4-3-3, c-4-4-2).
async fn same(fixture: &Fixture, what: &str, body: &Value, id: &str, expected: &[&str]) {
    let mut variants = vec![body.clone(), body.clone()];
    variants[1]["context"] = json!({"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"});
    if what != "action" {
        variants.push(body.clone());
        variants[2][what]["id"] = json!(id);
    }
    for body in variants {
        assert_eq!(found(fixture, what, &body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn subjects_resources_and_actions_are_found() {
    let fixture = Fixture::start().await;
    // c-4-2-1: the owner is `owner@keyledger.example`, which is no user of this template.
    let body = json!({"subject": {"type": "user"}, "action": {"name": "read"}, "resource": record("record-1")});
    same(&fixture, "subject", &body, "alice", &["alice", "bob"]).await;
    // c-4-2-4
    let archived =
        json!({"type": "record", "id": "record-2", "properties": {"status": "archived"}});
    let body = json!({"subject": {"type": "user", "properties": {"role": "admin"}}, "action": {"name": "write"},
        "resource": archived});
    assert_eq!(found(&fixture, "subject", &body).await, ["bob"]);
    // c-4-3-1
    let body = json!({"subject": user("alice"), "action": {"name": "read"}, "resource": {"type": "record"}});
    same(&fixture, "resource", &body, "record-2", &["record-1"]).await;
    // c-4-3-4
    let admin = json!({"type": "user", "id": "bob", "properties": {"role": "admin"}});
    let body =
        json!({"subject": admin, "action": {"name": "write"}, "resource": {"type": "record"}});
    assert_eq!(found(&fixture, "resource", &body).await, ["record-2"]);
    // c-4-4-1
    let body = json!({"subject": user("alice"), "resource": record("record-1")});
    same(&fixture, "action", &body, "", &["read", "write"]).await;
    // c-4-4-3
    let body = json!({"subject": admin, "resource": archived});
    assert_eq!(found(&fixture, "action", &body).await, ["read", "write"]);
}

#[tokio::test]
async fn what_nobody_knows_finds_nothing() {
    let fixture = Fixture::start().await;
    // c-4-6
    for (what, body) in [
        (
            "action",
            json!({"subject": user("nonexistent-user"), "resource": record("record-1")}),
        ),
        (
            "action",
            json!({"subject": {"type": "spaceship", "id": "x"}, "resource": record("record-1")}),
        ),
        (
            "subject",
            json!({"subject": {"type": "spaceship"}, "action": {"name": "read"}, "resource": record("record-1")}),
        ),
        (
            "subject",
            json!({"subject": {"type": "user"}, "action": {"name": "read"}, "resource": record("other")}),
        ),
        (
            "subject",
            json!({"subject": {"type": "user"}, "action": {"name": "read"}, "resource": {"type": "ship", "id": "x"}}),
        ),
        (
            "resource",
            json!({"subject": user("nobody"), "action": {"name": "read"}, "resource": {"type": "record"}}),
        ),
        (
            "resource",
            json!({"subject": user("alice"), "action": {"name": "read"}, "resource": {"type": "spaceship"}}),
        ),
    ] {
        assert_eq!(
            found(&fixture, what, &body).await,
            [] as [&str; 0],
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_a_search_needs_is_told_when_it_is_missing() {
    let fixture = Fixture::start().await;
    // c-4-7
    for (what, body, said) in [
        (
            "subject",
            json!({"subject": {"type": "user"}, "resource": record("record-1")}),
            "action",
        ),
        (
            "resource",
            json!({"action": {"name": "read"}, "resource": {"type": "record"}}),
            "subject",
        ),
        ("action", json!({"subject": user("alice")}), "resource"),
        (
            "subject",
            json!({"subject": {"type": "user"}, "action": {"name": "read"}, "resource": {"type": "record"}}),
            "resource.id",
        ),
        (
            "resource",
            json!({"subject": {"type": "user"}, "action": {"name": "read"}, "resource": {"type": "record"}}),
            "subject.id",
        ),
        (
            "action",
            json!({"subject": {"type": "user"}, "resource": record("record-1")}),
            "subject.id",
        ),
    ] {
        let answer = fixture
            .post(&format!("search/{what}"), &body)
            .await
            .expect(400);
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
}

#[tokio::test]
async fn pages_lead_to_each_other_and_to_no_other_search() {
    let fixture = Fixture::start().await;
    let body = json!({"subject": {"type": "user"}, "action": {"name": "read"}, "resource": record("record-1"),
        "page": {"limit": 1}});
    let first = fixture.post("search/subject", &body).await.expect(200);
    assert_eq!(first.json["results"], json!([user("alice")]));
    let token = first.text("/page/next_token");
    // c-4-5-2: without the limit, or with the same.
    for limit in [json!({"token": token}), json!({"token": token, "limit": 1})] {
        let mut next = body.clone();
        next["page"] = limit;
        let second = fixture.post("search/subject", &next).await.expect(200);
        assert_eq!(second.json["results"], json!([user("bob")]));
        assert_eq!(second.json["page"]["next_token"], "");
    }
    let mut other = body.clone();
    other["page"] = json!({"token": token});
    other["action"] = json!({"name": "write"});
    let mut limit = body.clone();
    limit["page"] = json!({"token": token, "limit": 2});
    let mut made_up = body.clone();
    made_up["page"] = json!({"token": "made-up"});
    for body in [other, limit, made_up] {
        let answer = fixture.post("search/subject", &body).await.expect(400);
        assert!(answer.body.contains("page.token"), "{}", answer.body);
    }
    let mut none = body.clone();
    none["page"] = json!({"limit": 0});
    let none = fixture.post("search/subject", &none).await.expect(200);
    assert_eq!(none.json["results"], json!([]));
}
