//! Calls from pages of other origins.

use serde_json::json;

use crate::support::{Answer, Api, Server};

const PAGE: &str = "https://app.example.com";

async fn preflight(api: &Api, path: &str) -> Answer {
    let asking = api.with("Access-Control-Request-Method", "PATCH").with(
        "Access-Control-Request-Headers",
        "authorization,content-type",
    );
    Api::send(asking.request(reqwest::Method::OPTIONS, path)).await
}

/// The words of a header that lists.
fn listed(answer: &Answer, name: &str) -> Vec<String> {
    let value = answer.header(name).unwrap_or_default();
    value
        .split(',')
        .map(|word| word.trim().to_lowercase())
        .collect()
}

#[tokio::test]
async fn a_browser_that_asks_first_is_answered_without_a_credential() {
    let server = Server::start().await;
    let page = server.anonymous().with("Origin", PAGE);
    for path in [
        "/api/v2",
        "/api/v2/tokens",
        "/api/v2/members/me",
        "/api/v2/nothing",
    ] {
        let answer = preflight(&page, path).await.expect(204);
        assert_eq!(answer.body, "");
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(answer.header("access-control-max-age"), Some("300"));
        let headers = listed(&answer, "access-control-allow-headers");
        for name in [
            "authorization",
            "content-type",
            "ld-api-version",
            "idempotency-key",
        ] {
            assert!(headers.contains(&name.to_owned()), "{name}: {headers:?}");
        }
        let methods = listed(&answer, "access-control-allow-methods");
        for name in ["options", "get", "delete", "patch"] {
            assert!(methods.contains(&name.to_owned()), "{name}: {methods:?}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let nobody = preflight(&server.anonymous(), "/api/v2/tokens").await;
    let nobody = nobody.expect(204);
    assert_eq!(nobody.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn every_answer_of_the_api_can_be_read_by_the_page_that_asked() {
    let server = Server::start().await;
    let owner = server.owner();
    let page = owner.with("Origin", PAGE);
    let form = json!({"role": "reader"});
    let wrong = page.with("LD-API-Version", "1");
    for answer in [
        page.get("/api/v2/tokens").await.expect(200),
        page.post("/api/v2/tokens", &form).await.expect(201),
        page.post("/api/v2/tokens", &json!({})).await.expect(400),
        page.token("wrong").get("/api/v2/tokens").await.expect(401),
        page.get("/api/v2/nothing").await.expect(404),
        wrong.get("/api/v2/tokens").await.expect(400),
    ] {
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert!(listed(&answer, "vary").contains(&"origin".to_owned()));
        let exposed = listed(&answer, "access-control-expose-headers");
        for name in [
            "x-keyledger-position",
            "x-ratelimit-reset",
            "x-ratelimit-global-remaining",
            "x-ratelimit-route-remaining",
            "retry-after",
        ] {
            assert!(exposed.contains(&name.to_owned()), "{name}: {exposed:?}");
        }
    }
    let answer = owner.get("/api/v2/tokens").await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn a_cookie_does_not_work_from_another_origin_and_signing_in_has_no_cors() {
    let server = Server::start().await;
    let (_, session) = server.member("a@example.com", "admin").await;
    let foreign = session.with("Origin", PAGE);
    let refused = foreign.get("/api/v2/members/me").await;
    let refused = refused.expect_error(403, "forbidden", "Origin");
    assert_eq!(refused.header("access-control-allow-credentials"), None);
    let form = json!({"email": "a@example.com", "password": "the password of a@example.com"});
    for answer in [
        foreign.post("/session", &form).await.expect(403),
        preflight(&foreign, "/session").await.expect(405),
        server.anonymous().get("/health/live").await.expect(200),
    ] {
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}
