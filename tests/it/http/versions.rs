//! `LD-API-Version`.

use serde_json::json;

use crate::support::{Api, Server, make_role, make_token};

const VERSION: &str = "LD-API-Version";
const VALID: &str = "20160426, 20191212, 20210729, 20220603, 20240415 and beta";

#[tokio::test]
async fn a_call_uses_the_version_that_it_asks_for() {
    let server = Server::start().await;
    let owner = server.owner();
    for version in [20160426, 20191212, 20210729, 20220603, 20240415] {
        let asking = owner.with(VERSION, &version.to_string());
        let answer = asking.get("/api/v2/versions").await.expect(200);
        assert_eq!(answer.integer("/currentVersion"), version);
        assert_eq!(answer.integer("/latestVersion"), 20240415);
        assert_eq!(answer.json["beta"], json!(false));
    }
    let beta = owner.with(VERSION, "beta");
    let answer = beta.get("/api/v2/versions").await.expect(200);
    assert_eq!(answer.integer("/currentVersion"), 20240415);
    assert_eq!(answer.json["beta"], json!(true));
}

#[tokio::test]
async fn a_call_that_asks_for_none_uses_the_default_of_its_token() {
    let mut server = Server::start().await;
    let owner = server.owner();
    let form = json!({"role": "admin", "defaultApiVersion": 20191212});
    let (id, secret) = make_token(&owner, form).await;
    let old = server.anonymous().token(&secret);
    let used = async |api: &Api| {
        let answer = api.get("/api/v2/versions").await.expect(200);
        answer.integer("/currentVersion")
    };
    assert_eq!(used(&old).await, 20191212);
    assert_eq!(used(&old.with(VERSION, "20210729")).await, 20210729);
    assert_eq!(used(&owner).await, 20240415);
    let patch = json!([{"op": "replace", "path": "/defaultApiVersion", "value": 20220603}]);
    let path = format!("/api/v2/tokens/{id}");
    owner.patch(&path, &patch).await.expect(200);
    assert_eq!(used(&old).await, 20220603);
    // Another patch leaves it as it is, and so does a start from the log.
    let patch = json!([{"op": "replace", "path": "/name", "value": "n"}]);
    owner.patch(&path, &patch).await.expect(200);
    assert_eq!(used(&old).await, 20220603);
    server.kill();
    server.start_again().await;
    let old = server.anonymous().token(&secret);
    assert_eq!(used(&old).await, 20220603);
    // A sign-in has no token: the latest.
    let (_, session) = server.member("a@example.com", "reader").await;
    assert_eq!(used(&session).await, 20240415);
}

#[tokio::test]
async fn an_unknown_version_is_refused_everywhere_with_those_that_there_are() {
    let server = Server::start().await;
    let owner = server.owner();
    for wrong in ["", "20240416", "2024-04-15", "BETA", "v2", "latest", "0"] {
        owner
            .with(VERSION, wrong)
            .get("/api/v2/versions")
            .await
            .expect_error(400, "invalid_request", VALID);
    }
    let wrong = owner.with(VERSION, "20250101");
    for path in [
        "",
        "/tokens",
        "/members/me",
        "/roles",
        "/openapi.json",
        "/nothing",
    ] {
        let answer = wrong.get(&format!("/api/v2{path}")).await;
        answer.expect_error(400, "invalid_request", "LD-API-Version: \"20250101\"");
    }
    // What is refused writes nothing.
    let before = server.position().await;
    let form = json!({"role": "reader"});
    wrong.post("/api/v2/tokens", &form).await.expect(400);
    assert_eq!(server.position().await, before);
    // Outside of the API the header means nothing.
    wrong.get("/health/live").await.expect(200);
}

#[tokio::test]
async fn two_versions_are_refused_even_when_they_agree() {
    let server = Server::start().await;
    let twice = server
        .owner()
        .request(reqwest::Method::GET, "/api/v2/tokens")
        .header(VERSION, "20240415")
        .header(VERSION, "20240415");
    let answer = Api::send(twice).await;
    answer.expect_error(400, "invalid_request", "more than once");
}

#[tokio::test]
async fn before_20240415_lists_of_tokens_and_roles_come_as_a_whole() {
    let server = Server::start().await;
    let owner = server.owner();
    for index in 0..30 {
        make_role(&owner, &format!("r{index}"), &["*"], &["proj/*"]).await;
        make_token(&owner, json!({"role": "reader"})).await;
    }
    for (path, total, page) in [("/api/v2/tokens", 31, 25), ("/api/v2/roles", 30, 20)] {
        for version in ["20160426", "20191212", "20210729", "20220603"] {
            let old = owner.with(VERSION, version);
            let whole = old.get(path).await.expect(200);
            assert_eq!(whole.items("_id").len(), total);
            assert_eq!(whole.json["_links"].as_object().unwrap().len(), 1);
            assert_eq!(whole.text("/_links/self/href"), path);
            // Whoever asks for a page gets one.
            let asked = old.get(&format!("{path}?limit=3")).await.expect(200);
            assert_eq!(asked.items("_id").len(), 3);
            assert!(
                asked
                    .text("/_links/next/href")
                    .ends_with("limit=3&offset=3")
            );
            let rest = old.get(&format!("{path}?offset=10")).await.expect(200);
            assert_eq!(rest.items("_id").len(), total - 10);
        }
        for version in ["20240415", "beta"] {
            let answer = owner.with(VERSION, version).get(path).await.expect(200);
            assert_eq!(answer.items("_id").len(), page);
            assert_eq!(answer.integer("/totalCount"), total as i64);
        }
    }
}
