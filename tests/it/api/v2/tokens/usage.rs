//! `GET /api/v2/tokens/{id}/usage` and `GET /api/v2/token-statistics`.

use serde_json::json;

use crate::support::{Server, in_seconds, make_token};

#[tokio::test]
async fn calls_are_counted_by_day() {
    let server = Server::start().await;
    let (_, api) = server.member("a@example.com", "admin").await;
    let (id, secret) = make_token(&api, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}/usage");
    let before = api.get(&path).await.expect(200);
    assert_eq!(before.json["items"], json!([]));
    let token = server.anonymous().token(&secret);
    for _ in 0..3 {
        token.get("/api/v2/caller-identity").await.expect(200);
    }
    // Written once a second.
    let mut seen = before;
    for _ in 0..100 {
        seen = api.get(&path).await.expect(200);
        if seen.json["items"] != json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let items = seen.json["items"].as_array().unwrap();
    // Midnight may have come between the calls.
    let calls: i64 = items.iter().filter_map(|day| day["calls"].as_i64()).sum();
    assert_eq!(calls, 3, "{items:?}");
    api.get(&format!("{path}?days=0")).await.expect(400);
    api.get(&format!("{path}?days=367")).await.expect(400);
}

#[tokio::test]
async fn tokens_are_counted_by_kind_age_and_state() {
    let env = [
        ("KEYLEDGER_DECISION_LOG_ALLOWED", "1"),
        ("KEYLEDGER_DECISION_LOG_DENIED", "1"),
    ];
    let server = Server::start_with(&env).await;
    let owner = server.owner();
    let (member, api) = server.member("a@example.com", "admin").await;
    make_token(&api, json!({"role": "reader"})).await;
    let (_, secret) = make_token(&api, json!({"role": "reader", "serviceToken": true})).await;
    let soon = json!({"role": "reader", "expiry": in_seconds(600)});
    make_token(&owner, soon).await;
    let ask = |action: &str| json!({"action": action, "resource": "member/a"});
    let token = server.anonymous().token(&secret);
    for action in ["viewMember", "deleteMember", "deleteMember"] {
        token
            .post("/api/v2/decisions", &ask(action))
            .await
            .expect(200);
    }
    owner
        .delete(&format!("/api/v2/members/{member}"))
        .await
        .expect(204);
    let path = "/api/v2/token-statistics";
    let mut found = owner.get(path).await.expect(200);
    // Decisions are written five times a second.
    for _ in 0..100 {
        if found.json["decisions"] != json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        found = owner.get(path).await.expect(200);
    }
    let found = found.json;
    assert_eq!(
        found["ages"][0],
        json!({"daysBelow": 7, "personal": 3, "service": 1})
    );
    assert_eq!(found["ages"].as_array().unwrap().len(), 6);
    assert_eq!(
        (
            &found["neverUsed"],
            &found["expiring"],
            &found["deactivated"],
            &found["expired"]
        ),
        (&json!(2), &json!(1), &json!(1), &json!(0))
    );
    let days = found["decisions"].as_array().unwrap();
    let sum = |name: &str| {
        days.iter()
            .filter_map(|day| day[name].as_i64())
            .sum::<i64>()
    };
    assert_eq!((sum("allowed"), sum("denied")), (1, 2), "{days:?}");
}
