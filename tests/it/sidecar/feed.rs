//! The feed itself: for whom it is, and what it gives.

use keyledger_embedded::{credential, pepper_file};
use serde_json::json;

use super::FEED;
use crate::support::{Server, make_token, stored_events};

#[tokio::test]
async fn it_is_for_those_who_have_the_pepper_and_gives_what_is_stored() {
    let server = Server::start_with(&[FEED]).await;
    server.invite("grace@feed.test", "reader").await;
    let peppers = pepper_file::load(&server.data().join("pepper")).unwrap();
    let key = format!("Feed {}", credential(&peppers.current));
    let api = server.anonymous().with("Authorization", &key);
    let head = api.get("/feed/v1/head").await.expect(200);
    assert_eq!(head.integer("/position"), server.position().await);
    let page = api
        .get("/feed/v1/events?after=0&limit=1000")
        .await
        .expect(200);
    assert_eq!(
        page.header("Content-Type"),
        Some("application/vnd.keyledger.events")
    );
    let stored = stored_events(&server.data()).await;
    for event in &stored {
        assert!(page.body.contains(&event.kind), "{}", event.kind);
    }
    // What events say of persons is sealed, as it is stored.
    assert!(!page.body.contains("grace@feed.test"));
    for api in [
        server.owner(),
        server.anonymous(),
        server.anonymous().with("Authorization", "Feed 00"),
        server.anonymous().token(&credential(&peppers.current)),
    ] {
        api.get("/feed/v1/events?after=0&limit=1").await.expect(401);
        api.get("/feed/v1/head").await.expect(401);
        api.post("/feed/v1/uses", &json!([])).await.expect(401);
    }
    api.get("/feed/v1/events").await.expect(400);
    api.get("/feed/v1/uses").await.expect(405);
    let use_of = |token: &str| json!([{"account": "0123456789abcdef01234567", "token": token, "member": null, "at_ms": 1}]);
    let wrong = api.post("/feed/v1/uses", &use_of("x")).await;
    wrong.expect_error(400, "invalid_request", "/0/token");
    api.post("/feed/v1/uses", &use_of("0123456789abcdef01234567"))
        .await
        .expect(204);
}

#[tokio::test]
async fn uses_are_taken_all_or_none() {
    let server = Server::start_with(&[FEED]).await;
    let owner = server.owner();
    let account = owner
        .get("/api/v2/caller-identity")
        .await
        .expect(200)
        .text("/accountId");
    let (id, _) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    let peppers = pepper_file::load(&server.data().join("pepper")).unwrap();
    let key = format!("Feed {}", credential(&peppers.current));
    let api = server.anonymous().with("Authorization", &key);
    let used =
        |token: &str| json!({"account": account, "token": token, "member": null, "at_ms": 7});
    let wrong = api
        .post("/feed/v1/uses", &json!([used(&id), used("x")]))
        .await;
    wrong.expect_error(400, "invalid_request", "/1/token");
    let path = format!("/api/v2/tokens/{id}");
    assert_eq!(owner.get(&path).await.expect(200).integer("/lastUsed"), 0);
    api.post("/feed/v1/uses", &json!([used(&id)]))
        .await
        .expect(204);
    assert_eq!(owner.get(&path).await.expect(200).integer("/lastUsed"), 7);
}

#[tokio::test]
async fn a_server_that_is_not_told_to_feed_has_none() {
    let server = Server::start().await;
    let peppers = pepper_file::load(&server.data().join("pepper")).unwrap();
    let key = format!("Feed {}", credential(&peppers.current));
    let api = server.anonymous().with("Authorization", &key);
    api.get("/feed/v1/head").await.expect(404);
}
