//! `Idempotency-Key`.

use serde_json::json;

use crate::support::{Server, make_token};

const PATH: &str = "/api/v2/tokens";

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_with_the_same_secret() {
    let server = Server::start().await;
    let keyed = server.owner().with("Idempotency-Key", "k-1");
    let form = json!({"role": "reader", "name": "once"});
    let first = keyed.post(PATH, &form).await.expect(201);
    let second = keyed.post(PATH, &form).await.expect(201);
    assert_eq!(first.json, second.json);
    assert_eq!(first.position(), second.position());
    assert_eq!(first.header("Idempotent-Replayed"), None);
    assert_eq!(second.header("Idempotent-Replayed"), Some("true"));
    server
        .anonymous()
        .token(&second.text("/token"))
        .get(PATH)
        .await
        .expect(200);
    let other = keyed.post(PATH, &json!({"role": "writer"})).await;
    other.expect_error(422, "idempotency_key_reused", "another request");
    assert_eq!(server.position().await, first.position());

    // After a reset the old secret is nobody's, and is not shown again.
    let id = first.text("/_id");
    server
        .owner()
        .post_nothing(&format!("{PATH}/{id}/reset"))
        .await
        .expect(200);
    let third = keyed.post(PATH, &form).await.expect(201);
    assert_eq!(third.text("/name"), "once");
    server
        .anonymous()
        .token(&third.text("/token"))
        .get(PATH)
        .await
        .expect(401);
}

#[tokio::test]
async fn every_kind_of_write_can_be_repeated() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let reset = owner.with("Idempotency-Key", "reset");
    let path = format!("{PATH}/{id}/reset");
    let first = reset.post_nothing(&path).await.expect(200);
    assert_eq!(
        reset.post_nothing(&path).await.expect(200).text("/token"),
        first.text("/token")
    );
    let invite = owner.with("Idempotency-Key", "invite");
    let form = json!([{"email": "a@example.com"}]);
    let first = invite.post("/api/v2/members", &form).await.expect(201);
    assert_eq!(
        invite.post("/api/v2/members", &form).await.expect(201).json,
        first.json
    );
    let role = owner.with("Idempotency-Key", "role");
    let form = json!({"key": "k", "name": "n", "policy": []});
    let first = role.post("/api/v2/roles", &form).await.expect(201);
    assert_eq!(
        role.post("/api/v2/roles", &form).await.expect(201).json,
        first.json
    );
    let delete = owner.with("Idempotency-Key", "delete");
    let path = format!("{PATH}/{id}");
    let first = delete.delete(&path).await.expect(204).position();
    assert_eq!(delete.delete(&path).await.expect(204).position(), first);
    let long = owner.with("Idempotency-Key", &"x".repeat(256));
    long.delete(&path)
        .await
        .expect_error(400, "invalid_request", "Idempotency-Key");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_one_token() {
    let server = Server::start().await;
    let keyed = server.owner().with("Idempotency-Key", "same");
    let calls = (0..32).map(|_| {
        let keyed = keyed.clone();
        tokio::spawn(async move { keyed.post(PATH, &json!({"role": "reader"})).await })
    });
    let mut secrets = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        secrets.push(call.await.unwrap().expect(201).text("/token"));
    }
    secrets.dedup();
    assert_eq!(secrets.len(), 1);
    assert_eq!(server.owner().get(PATH).await.integer("/totalCount"), 2);
}
