//! Batch certification, core and properties (c-3).

use serde_json::{Value, json};

use super::{Fixture, question, record, user};

fn archived() -> Value {
    json!({"type": "record", "id": "record-2", "properties": {"status": "archived"}})
}

fn active() -> Value {
    json!({"type": "record", "id": "record-1", "properties": {"status": "active"}})
}

async fn decisions(fixture: &Fixture, body: &Value) -> Vec<bool> {
    let answer = fixture.post("evaluations", body).await.expect(200);
    assert_eq!(answer.json.get("decision"), None, "c-3-3-4");
    let list = answer.json["evaluations"].as_array().expect("evaluations");
    list.iter()
        .map(|one| one["decision"].as_bool().expect("a decision"))
        .collect()
}

#[tokio::test]
async fn many_evaluations_are_answered_in_order_with_defaults_from_the_top() {
    let fixture = Fixture::start().await;
    let alice = || user("alice");
    let admin = json!({"type": "user", "id": "bob", "properties": {"role": "admin"}});
    let (read, write) = (json!({"name": "read"}), json!({"name": "write"}));
    let cases = [
        // c-3-2-1: the second is ours to say.
        (
            json!({"subject": alice(), "action": read,
                "evaluations": [{"resource": record("record-1")}, {"resource": record("record-2")}]}),
            vec![true, false],
        ),
        // c-3-2-2
        (
            json!({"subject": user("bob"), "resource": record("record-1"),
                "evaluations": [{"action": read}, {"action": write}]}),
            vec![true, false],
        ),
        // c-3-2-3
        (
            json!({"subject": alice(), "action": write,
                "evaluations": [{"resource": active()}, {"resource": archived()}]}),
            vec![true, false],
        ),
        // c-3-2-4
        (
            json!({"action": write, "resource": archived(),
                "evaluations": [{"subject": alice()}, {"subject": admin}]}),
            vec![false, true],
        ),
        // c-3-2-5
        (
            json!({"evaluations": [
                question(alice(), read.clone(), record("record-1")),
                question(user("bob"), write.clone(), record("record-1")),
            ]}),
            vec![true, false],
        ),
        // c-3-2-6
        (
            json!({"subject": alice(), "action": read, "context": {"time": "2025-06-27T18:03-07:00"},
                "evaluations": [{"resource": record("record-1")},
                    {"resource": record("record-2"), "context": {"source": "batch-override"}}]}),
            vec![true, false],
        ),
        // c-3-2-7
        (
            json!({"subject": alice(), "action": write, "resource": active(),
                "evaluations": [{}, {"resource": archived()}]}),
            vec![true, false],
        ),
        // c-3-4-1
        (
            json!({"subject": alice(), "action": read, "options": {"evaluations_semantic": "execute_all"},
                "evaluations": [{"resource": record("record-1")}, {}]}),
            vec![true, false],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(decisions(&fixture, &body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn one_that_is_wrong_says_so_and_none_or_no_list_is_a_single_one() {
    let fixture = Fixture::start().await;
    let body = json!({"subject": user("alice"), "action": {"name": "read"},
        "evaluations": [{"resource": record("record-1")}, {}]});
    let answer = fixture.post("evaluations", &body).await.expect(200);
    let error = &answer.json["evaluations"][1]["context"]["error"];
    assert_eq!(error["status"], 400);
    assert_eq!(error["message"], "resource: is missing");
    // c-3-4-2, c-3-4-3
    let single = question(user("alice"), json!({"name": "read"}), record("record-1"));
    let mut empty = single.clone();
    empty["evaluations"] = json!([]);
    for body in [single, empty] {
        let answer = fixture.post("evaluations", &body).await.expect(200);
        assert_eq!(answer.json["decision"], true);
        assert_eq!(answer.json.get("evaluations"), None);
    }
    // A default that would be sub-merged is taken whole or not at all.
    let body = json!({"subject": user("alice"), "action": {"name": "read"}, "resource": record("record-1"),
        "evaluations": [{"resource": {"type": "record"}}]});
    assert_eq!(decisions(&fixture, &body).await, [false]);
}

#[tokio::test]
async fn the_three_semantics_end_where_they_say() {
    let fixture = Fixture::start().await;
    let one = |id: &str| json!({"resource": record(id)});
    let body = |semantic: &str, order: [&str; 3]| {
        json!({"subject": user("alice"), "action": {"name": "read"},
            "options": {"evaluations_semantic": semantic}, "evaluations": order.map(one)})
    };
    let (yes, no) = ("record-1", "record-2");
    for (semantic, order, expected) in [
        ("execute_all", [yes, no, yes], vec![true, false, true]),
        ("deny_on_first_deny", [yes, no, yes], vec![true, false]),
        ("permit_on_first_permit", [no, yes, no], vec![false, true]),
        (
            "permit_on_first_permit",
            [no, no, no],
            vec![false, false, false],
        ),
    ] {
        let body = body(semantic, order);
        assert_eq!(decisions(&fixture, &body).await, expected, "{semantic}");
    }
    fixture
        .post("evaluations", &body("other", [yes, no, yes]))
        .await
        .expect(400);
    let many = json!({"subject": user("alice"), "action": {"name": "read"},
        "evaluations": vec![one(yes); 1_001]});
    fixture.post("evaluations", &many).await.expect(400);
}
