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
    // Another credential has keys of its own.
    let (other, secret) = make_token(&owner, json!({"role": "admin"})).await;
    let itself = server
        .anonymous()
        .token(&secret)
        .with("Idempotency-Key", "delete");
    itself.delete(&format!("{PATH}/{other}")).await.expect(204);
    let long = owner.with("Idempotency-Key", &"x".repeat(201));
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

#[tokio::test]
async fn clones_and_patches_can_be_repeated_too() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "a"})).await;
    let clone = owner.with("Idempotency-Key", "clone");
    let path = format!("{PATH}/{id}/clone");
    let first = clone.post_nothing(&path).await.expect(201);
    let second = clone.post_nothing(&path).await.expect(201);
    assert_eq!(
        (&second.json, second.position()),
        (&first.json, first.position())
    );
    assert_eq!(second.header("Idempotent-Replayed"), Some("true"));

    let member = server.invite("a@example.com", "reader").await;
    owner
        .post(
            "/api/v2/roles",
            &json!({"key": "k", "name": "n", "policy": []}),
        )
        .await
        .expect(201);
    for (index, (path, patch)) in [
        (
            format!("{PATH}/{id}"),
            json!([{"op": "test", "path": "/name", "value": "a"}, {"op": "replace", "path": "/name", "value": "b"}]),
        ),
        (
            format!("/api/v2/members/{member}"),
            json!([{"op": "test", "path": "/role", "value": "reader"}, {"op": "replace", "path": "/role", "value": "writer"}]),
        ),
        (
            "/api/v2/roles/k".to_owned(),
            json!([{"op": "add", "path": "/policy/-", "value": {"effect": "allow", "actions": ["*"], "resources": ["proj/*"]}}]),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let keyed = owner.with("Idempotency-Key", &format!("patch-{index}"));
        let first = keyed.patch(&path, &patch).await.expect(200);
        let second = keyed.patch(&path, &patch).await.expect(200);
        assert_eq!(second.position(), first.position(), "{path}");
        assert_eq!(second.json, first.json, "{path}");
        assert_eq!(second.header("Idempotent-Replayed"), Some("true"), "{path}");
    }
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let server = Server::start().await;
    let keyed = server.owner().with("Idempotency-Key", "k");
    keyed
        .post(PATH, &json!({"role": "boss"}))
        .await
        .expect_error(400, "invalid_request", "/role");
    let made = keyed
        .post(PATH, &json!({"role": "reader"}))
        .await
        .expect(201);
    assert_eq!(made.header("Idempotent-Replayed"), None);
}

#[tokio::test]
async fn a_key_belongs_to_the_credential_that_used_it() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, ariel) = server.member("ariel@example.com", "writer").await;
    let (_, other) = server.member("other@example.com", "writer").await;
    let (_, secret) = make_token(&owner, json!({"role": "admin"})).await;
    let form = json!({"role": "reader"});
    let mut ids = std::collections::BTreeSet::new();
    for credential in [
        owner.clone(),
        ariel.clone(),
        other,
        server.anonymous().token(&secret),
    ] {
        let keyed = credential.with("Idempotency-Key", "k");
        let made = keyed.post(PATH, &form).await.expect(201);
        assert_eq!(made.header("Idempotent-Replayed"), None);
        let again = keyed.post(PATH, &form).await.expect(201);
        assert_eq!(again.json, made.json);
        ids.insert(made.text("/_id"));
    }
    assert_eq!(ids.len(), 4);
    // A second sign-in of the same member is the same credential.
    let second = server.sign_in("ariel@example.com").await;
    let repeated = second.with("Idempotency-Key", "k").post(PATH, &form).await;
    let repeated = repeated.expect(201);
    assert_eq!(repeated.header("Idempotent-Replayed"), Some("true"));
    // The path is a part of the request.
    let role = json!({"key": "k", "name": "n", "policy": []});
    let keyed = owner.with("Idempotency-Key", "k");
    keyed.post("/api/v2/roles", &role).await.expect_error(
        422,
        "idempotency_key_reused",
        "another request",
    );
}

#[tokio::test]
async fn a_repeated_request_is_answered_after_a_restart() {
    let mut server = Server::start().await;
    let form = json!({"role": "reader"});
    let keyed = server.owner().with("Idempotency-Key", "k");
    let first = keyed.post(PATH, &form).await.expect(201);
    server.kill();
    server.start_again().await;
    let keyed = server.owner().with("Idempotency-Key", "k");
    let second = keyed.post(PATH, &form).await.expect(201);
    assert_eq!(second.json, first.json);
    assert_eq!(second.header("Idempotent-Replayed"), Some("true"));
}

#[tokio::test]
async fn what_was_made_and_is_gone_is_still_the_answer_to_its_request() {
    let server = Server::start().await;
    let owner = server.owner();
    let invite = owner.with("Idempotency-Key", "invite");
    let form = json!([{"email": "a@example.com"}]);
    let invited = invite.post("/api/v2/members", &form).await.expect(201);
    let id = invited.text("/items/0/_id");
    owner
        .delete(&format!("/api/v2/members/{id}"))
        .await
        .expect(204);
    let again = invite.post("/api/v2/members", &form).await.expect(201);
    assert_eq!(again.text("/items/0/_id"), id);
    owner
        .get(&format!("/api/v2/members/{id}"))
        .await
        .expect(404);
    let create = owner.with("Idempotency-Key", "create");
    let made = create
        .post(PATH, &json!({"role": "reader"}))
        .await
        .expect(201);
    let id = made.text("/_id");
    owner.delete(&format!("{PATH}/{id}")).await.expect(204);
    let again = create.post(PATH, &json!({"role": "reader"})).await;
    assert_eq!(again.expect(201).text("/_id"), id);
    let secret = made.text("/token");
    let dead = server.anonymous().token(&secret);
    dead.get(PATH).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_different_requests_with_one_key_wins() {
    let server = Server::start().await;
    let keyed = server.owner().with("Idempotency-Key", "same");
    let before = server.position().await;
    let calls = (0..16).map(|index| {
        let keyed = keyed.clone();
        let form = json!({"role": "reader", "name": format!("n{index}")});
        tokio::spawn(async move { keyed.post(PATH, &form).await })
    });
    let mut made = 0;
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap();
        if answer.status == 201 {
            made += 1;
        } else {
            answer.expect_error(422, "idempotency_key_reused", "another request");
        }
    }
    assert_eq!((made, server.position().await), (1, before + 1));
}
