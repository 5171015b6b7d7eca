//! Basic certification, core and properties (c-2).

use serde_json::{Value, json};

use super::{Fixture, question, record, user};
use crate::support::Api;

#[tokio::test]
async fn the_eight_decisions_of_the_fixture() {
    let fixture = Fixture::start().await;
    let archived =
        json!({"type": "record", "id": "record-2", "properties": {"status": "archived"}});
    let admin = json!({"type": "user", "id": "bob", "properties": {"role": "admin"}});
    let delete = |soft: bool| json!({"name": "delete", "properties": {"soft": soft}});
    let named = |name: &str| json!({"name": name});
    let rules = [
        (user("alice"), named("read"), record("record-1"), true),
        (user("alice"), named("write"), record("record-1"), true),
        (user("bob"), named("read"), record("record-1"), true),
        (user("bob"), named("write"), record("record-1"), false),
        (user("alice"), named("write"), archived.clone(), false),
        (admin, named("write"), archived, true),
        (user("alice"), delete(true), record("record-1"), true),
        (user("alice"), delete(false), record("record-1"), false),
    ];
    for (number, (subject, action, resource, expected)) in rules.into_iter().enumerate() {
        let mut body = question(subject, action, resource);
        // c-2-6: the same each time, and whatever the context (c-1-6).
        for _ in 0..3 {
            assert_eq!(
                fixture.evaluate(&body).await,
                expected,
                "rule {}",
                number + 1
            );
            body["context"] = json!({"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"});
        }
    }
}

#[tokio::test]
async fn more_properties_and_unknown_fields_are_taken() {
    let fixture = Fixture::start().await;
    // c-2-2-8
    let body = json!({
        "subject": {"type": "user", "id": "alice", "properties": {"department": "Sales", "role": "manager"}},
        "action": {"name": "read", "properties": {"method": "GET"}},
        "resource": {"type": "record", "id": "record-1", "properties": {"status": "active", "owner": "bob"}},
    });
    assert!(fixture.evaluate(&body).await);
    // c-2-2-9
    let mut body = question(user("alice"), json!({"name": "read"}), record("record-1"));
    body["foo"] = json!("bar");
    body["futureField"] = json!({"nested": true});
    assert!(fixture.evaluate(&body).await);
    // c-2-3: a decision, and a context that is an object.
    let answer = fixture.post("evaluation", &body).await.expect(200);
    assert!(answer.json["context"].is_object());
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_400() {
    let fixture = Fixture::start().await;
    let good = question(user("alice"), json!({"name": "read"}), record("record-1"));
    let without = |pointer: &str, field: &str| {
        let mut body = good.clone();
        let entity = body.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        entity.remove(field).unwrap();
        body
    };
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let wrong = [
        // c-2-4-1, c-2-4-2
        (without("", "subject"), "subject"),
        (without("", "action"), "action"),
        (without("", "resource"), "resource"),
        (without("/subject", "type"), "subject.type"),
        (without("/subject", "id"), "subject.id"),
        (without("/action", "name"), "action.name"),
        (without("/resource", "type"), "resource.type"),
        (without("/resource", "id"), "resource.id"),
        // c-2-4-6
        (with("subject", json!("alice")), "subject"),
        (with("action", json!({"name": 123})), "action.name"),
        (with("resource", json!([])), "resource"),
        (with("context", json!("x")), "context"),
        (json!([]), "list"),
    ];
    for (body, said) in wrong {
        let answer = fixture.post("evaluation", &body).await.expect(400);
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
        assert_eq!(answer.json, Value::Null, "the body of an error is a text");
    }
    // c-2-4-3 to c-2-4-5
    for (media, body) in [
        ("text/plain", good.to_string()),
        ("application/json", "{".to_owned()),
        ("application/json", String::new()),
    ] {
        let request = fixture
            .asker
            .request(reqwest::Method::POST, "/access/v1/evaluation")
            .header("Content-Type", media)
            .body(body);
        Api::send(request).await.expect(400);
    }
}

#[tokio::test]
async fn the_id_of_a_request_comes_back() {
    let fixture = Fixture::start().await;
    let body = question(user("alice"), json!({"name": "read"}), record("record-1"));
    let id = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716";
    let api = fixture.asker.with("X-Request-ID", id);
    for (body, status) in [(&body, 200), (&json!({}), 400)] {
        let answer = api.post("/access/v1/evaluation", body).await.expect(status);
        assert_eq!(answer.header("X-Request-ID"), Some(id));
    }
    fixture.post("evaluation", &body).await.expect(200);
}
