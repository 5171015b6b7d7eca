//! `lastUsed` of tokens.

use serde_json::json;

use crate::support::{Api, Server, in_seconds, make_token};

async fn last_used(owner: &Api, id: &str) -> i64 {
    let token = owner.get(&format!("/api/v2/tokens/{id}")).await.expect(200);
    token.integer("/lastUsed")
}

#[tokio::test]
async fn a_use_is_noted_on_every_path_and_survives_a_restart() {
    let mut server = Server::start().await;
    let owner = server.owner();
    let form = json!({"name": "ci", "role": "reader", "serviceToken": true});
    let made = owner.post("/api/v2/tokens", &form).await.expect(201);
    assert_eq!(made.integer("/lastUsed"), 0);
    let (id, secret) = (made.text("/_id"), made.text("/token"));
    // Looking at a token is no use of it.
    assert_eq!(last_used(&owner, &id).await, 0);
    let ci = server.anonymous().token(&secret);
    let mut before = in_seconds(0) - 1;
    // A call that is refused or makes no sense is a use as well.
    for status in [200, 403, 400, 404] {
        let answer = match status {
            200 => ci.get("/api/v2/caller-identity").await,
            403 => ci.post("/api/v2/tokens", &json!({"role": "reader"})).await,
            400 => ci.get("/api/v2/tokens?limit=0").await,
            _ => ci.get("/api/v2/roles/none").await,
        };
        answer.expect(status);
        let now = last_used(&owner, &id).await;
        assert!(now > before, "{status}: {now} {before}");
        before = now;
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    let list = owner.get("/api/v2/tokens").await.expect(200);
    assert_eq!(list.integer("/items/0/lastUsed"), before);
    // Written at the latest a second later.
    tokio::time::sleep(std::time::Duration::from_millis(2_000)).await;
    server.kill();
    server.start_again().await;
    assert_eq!(last_used(&server.owner(), &id).await, before);
    // A secret that does not work uses nothing.
    owner_deletes_and_nothing_moves(&server, &id, &secret, before).await;
}

async fn owner_deletes_and_nothing_moves(server: &Server, id: &str, secret: &str, before: i64) {
    let owner = server.owner();
    owner
        .post_nothing(&format!("/api/v2/tokens/{id}/reset"))
        .await
        .expect(200);
    server
        .anonymous()
        .token(secret)
        .get("/api/v2/tokens")
        .await
        .expect(401);
    assert_eq!(last_used(&owner, id).await, before);
}

#[tokio::test]
async fn members_are_seen_when_signed_in_and_by_their_personal_tokens() {
    let server = Server::start().await;
    let owner = server.owner();
    let ada = server.invite("ada@acme.test", "admin").await;
    let seen = async || {
        owner
            .get(&format!("/api/v2/members/{ada}"))
            .await
            .expect(200)
    };
    assert_eq!(seen().await.integer("/_lastSeen"), 0);
    let session = server.sign_in("ada@acme.test").await;
    session.get("/api/v2/members/me").await.expect(200);
    let first = seen().await;
    assert!(first.integer("/_lastSeen") > 0);
    assert!(first.json.get("_lastSeenMetadata").is_none());
    let (token, secret) = make_token(&session, json!({"role": "reader"})).await;
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    server
        .anonymous()
        .token(&secret)
        .get("/api/v2/roles")
        .await
        .expect(200);
    let second = seen().await;
    assert!(second.integer("/_lastSeen") > first.integer("/_lastSeen"));
    assert_eq!(second.text("/_lastSeenMetadata/tokenId"), token);
    // A service token acts for itself, not for whoever made it.
    let (_, service) = make_token(&session, json!({"role": "reader", "serviceToken": true})).await;
    let last = seen().await.integer("/_lastSeen");
    server
        .anonymous()
        .token(&service)
        .get("/api/v2/roles")
        .await
        .expect(200);
    assert_eq!(seen().await.integer("/_lastSeen"), last);
}
