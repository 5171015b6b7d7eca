//! Methods that a path does not take, and HEAD.

use reqwest::Method;
use serde_json::json;

use crate::support::{Api, Server, make_token};

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let token = format!("/api/v2/tokens/{id}");
    let brew = Method::from_bytes(b"BREW").unwrap();
    for (method, path, allowed) in [
        (Method::PUT, "/api/v2/tokens", "GET, HEAD, POST, OPTIONS"),
        (Method::DELETE, "/api/v2/tokens", "GET, HEAD, POST, OPTIONS"),
        (Method::POST, &token, "GET, HEAD, PATCH, DELETE, OPTIONS"),
        (Method::POST, "/api/v2", "GET, HEAD, OPTIONS"),
        (
            Method::TRACE,
            "/api/v2/roles/k",
            "GET, HEAD, PATCH, DELETE, OPTIONS",
        ),
        (brew, "/api/v2/roles", "GET, HEAD, POST, OPTIONS"),
        (Method::GET, &format!("{token}/reset"), "POST, OPTIONS"),
        (Method::HEAD, &format!("{token}/reset"), "POST, OPTIONS"),
        (Method::PUT, "/session", "POST, DELETE"),
        (Method::OPTIONS, "/health/live", "GET, HEAD"),
    ] {
        let answer = Api::send(owner.request(method.clone(), path)).await;
        let answer = answer.expect(405);
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        if method != Method::HEAD {
            answer.expect_error(405, "method_not_allowed", "does not take this method");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = Server::start().await;
    let owner = server.owner();
    for (api, path, status) in [
        (&owner, "/api/v2/tokens", 200),
        (&owner, "/api/v2", 200),
        (&owner, "/health/ready", 200),
        (&owner, "/api/v2/tokens/nothing", 404),
        (&server.anonymous(), "/api/v2/tokens", 401),
    ] {
        let get = api.get(path).await.expect(status);
        let head = Api::send(api.request(Method::HEAD, path)).await;
        let head = head.expect(status);
        assert_eq!(head.body, "");
        for name in ["content-type", "access-control-allow-origin"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
    }
    let (_, session) = server.member("a@example.com", "reader").await;
    let head = session.request(Method::HEAD, "/api/v2/members/me");
    Api::send(head).await.expect(200);
}
