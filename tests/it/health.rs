//! `/health`, and positions.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn live_and_ready_are_200_without_a_credential() {
    let server = Server::start().await;
    for path in ["/health/live", "/health/ready"] {
        let answer = server.anonymous().get(path).await.expect(200);
        assert_eq!(
            (answer.text("/status"), answer.integer("/position")),
            ("ok".into(), 3)
        );
    }
}

#[tokio::test]
async fn a_write_gives_its_position_and_a_read_can_wait_for_one() {
    let server = Server::start_with(&[("KEYLEDGER_WAIT_MAX_MS", "300")]).await;
    let owner = server.owner();
    let made = owner
        .post("/api/v2/tokens", &json!({"role": "reader"}))
        .await
        .expect(201);
    let position = made.position();
    assert_eq!(position, 4);
    let path = format!("/api/v2/tokens/{}", made.text("/_id"));
    owner
        .with("X-Keyledger-Min-Position", "4")
        .get(&path)
        .await
        .expect(200);
    let ahead = owner.with("X-Keyledger-Min-Position", "5").get(&path).await;
    let ahead = ahead.expect_error(503, "unavailable", "position 5 is not reached");
    assert_eq!(ahead.header("retry-after"), Some("1"));
    for junk in ["x", "-1", ""] {
        let answer = owner
            .with("X-Keyledger-Min-Position", junk)
            .get(&path)
            .await;
        answer.expect_error(400, "invalid_request", "X-Keyledger-Min-Position");
    }
}

#[tokio::test]
async fn a_read_that_is_ahead_waits_for_the_write() {
    let server = Server::start_with(&[("KEYLEDGER_WAIT_MAX_MS", "10000")]).await;
    let owner = server.owner();
    let ahead = (server.position().await + 1).to_string();
    let waiting = owner.with("X-Keyledger-Min-Position", &ahead);
    let waiting = tokio::spawn(async move { waiting.get("/api/v2/tokens").await });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "it answered before the write");
    let made = owner
        .post("/api/v2/tokens", &json!({"role": "reader"}))
        .await
        .expect(201);
    let seen = waiting.await.unwrap().expect(200);
    assert!(seen.items("_id").contains(&made.text("/_id")));
}

#[tokio::test]
async fn every_kind_of_write_gives_a_position_that_a_read_can_ask_for() {
    let server = Server::start().await;
    let owner = server.owner();
    let mut last = server.position().await;
    let mut rises = |answer: &crate::support::Answer| {
        let position = answer.position();
        assert!(position > last, "{position} after {last}");
        last = position;
    };
    let role = json!({"key": "k", "name": "n", "policy": []});
    let rename = json!([{"op": "replace", "path": "/name", "value": "renamed"}]);
    let promote = json!([{"op": "replace", "path": "/role", "value": "writer"}]);
    let made = owner
        .post("/api/v2/tokens", &json!({"role": "reader"}))
        .await
        .expect(201);
    let token = format!("/api/v2/tokens/{}", made.text("/_id"));
    rises(&made);
    rises(&owner.patch(&token, &rename).await.expect(200));
    rises(
        &owner
            .post_nothing(&format!("{token}/reset"))
            .await
            .expect(200),
    );
    rises(
        &owner
            .post_nothing(&format!("{token}/clone"))
            .await
            .expect(201),
    );
    rises(&owner.delete(&token).await.expect(204));
    let invited = owner
        .post("/api/v2/members", &json!([{"email": "a@example.com"}]))
        .await
        .expect(201);
    let member = format!("/api/v2/members/{}", invited.text("/items/0/_id"));
    rises(&invited);
    rises(&owner.patch(&member, &promote).await.expect(200));
    rises(&owner.delete(&member).await.expect(204));
    rises(&owner.post("/api/v2/roles", &role).await.expect(201));
    rises(&owner.patch("/api/v2/roles/k", &rename).await.expect(200));
    rises(&owner.delete("/api/v2/roles/k").await.expect(204));
    assert_eq!(server.position().await, last);
    let asked = last.to_string();
    let reader = owner.with("X-Keyledger-Min-Position", &asked);
    reader.get("/api/v2/tokens").await.expect(200);

    // What changes nothing writes nothing.
    let made = owner
        .post("/api/v2/tokens", &json!({"role": "reader", "name": "n"}))
        .await
        .expect(201);
    let same = json!([{"op": "replace", "path": "/name", "value": "n"}]);
    let path = format!("/api/v2/tokens/{}", made.text("/_id"));
    let unchanged = owner.patch(&path, &same).await.expect(200);
    assert_eq!(unchanged.position(), made.position());
}
