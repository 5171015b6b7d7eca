//! What gateways are answered, without one: statuses, headers, and whom is believed.

use serde_json::json;

use super::{ROUTES, viewer};
use crate::support::{Answer, Api, Server, make_token};

/// Asks as nginx would.
async fn nginx(api: &Api, method: &str, target: &str) -> Answer {
    let api = api
        .with("X-Original-Method", method)
        .with("X-Original-URI", target);
    api.get("/forward-auth/nginx").await
}

#[tokio::test]
async fn the_three_gateways_say_the_same_in_their_own_words() {
    let server = super::server().await;
    let (id, secret) = viewer(&server).await;
    let api = server.anonymous().token(&format!("Bearer {secret}"));
    let traefik = |method: &str, uri: &str| {
        let api = api
            .with("X-Forwarded-Method", method)
            .with("X-Forwarded-Uri", uri)
            .with("X-Forwarded-Host", "acme.example");
        async move { api.get("/forward-auth/traefik").await }
    };
    let envoy = |method: &str, target: &str| {
        let path = format!("/forward-auth/envoy{target}");
        let request = api.request(method.parse().unwrap(), &path);
        async move { Api::send(request).await }
    };
    for (method, target, status, reason) in [
        ("GET", "/flags/a", 200, None),
        ("HEAD", "/flags/a", 200, None),
        ("PUT", "/flags/a", 403, Some("not_allowed_by_scope")),
        ("GET", "/nothing", 403, Some("no_route")),
        ("GET", "/flags/a:b", 403, Some("no_resource")),
        ("GET", "/flags/a%2fb", 403, Some("ambiguous_path")),
    ] {
        let answers = [
            nginx(&api, method, target).await,
            traefik(method, target).await,
            envoy(method, target).await,
        ];
        for answer in answers {
            let answer = answer.expect(status);
            assert_eq!(answer.header("X-Keyledger-Reason"), reason, "{target}");
            assert_eq!(
                answer.header("X-Token-Id"),
                (status == 200).then_some(id.as_str())
            );
            let challenge = answer.header("WWW-Authenticate");
            let said = challenge.is_some_and(|text| text.contains("insufficient_scope"));
            assert_eq!(said, status == 403);
        }
    }
    let allowed = envoy("GET", "/flags/a").await;
    let removed = allowed.header("x-envoy-auth-headers-to-remove");
    assert_eq!(removed, Some("authorization"));
    assert_eq!(allowed.body, "");
}

#[tokio::test]
async fn a_personal_token_is_its_member_and_an_expired_one_is_told_so() {
    let server = super::server().await;
    let owner = server.owner();
    let identity = owner.get("/api/v2/caller-identity").await.expect(200);
    let answer = nginx(&owner, "GET", "/flags/a").await.expect(200);
    let subject = format!("member/{}", identity.text("/memberId"));
    assert_eq!(answer.header("X-Subject"), Some(subject.as_str()));
    let decision = answer.header("X-Decision-Id").map(str::len);
    assert_eq!(decision, Some(24));
    assert_eq!(answer.position(), server.position().await);
    let (id, gone) = make_token(&owner, json!({"role": "reader"})).await;
    owner
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    let answer = nginx(&server.anonymous().token(&gone), "GET", "/nothing").await;
    // Whether the path means anything is nothing to somebody without a token.
    let answer = answer.expect(401);
    assert_eq!(answer.header("X-Keyledger-Reason"), Some("unknown"));
    assert_eq!(answer.json["code"], "unknown");
}

#[tokio::test]
async fn a_gateway_header_that_is_missing_or_there_twice_is_refused() {
    let server = super::server().await;
    let api = server.owner();
    let missing = api.get("/forward-auth/nginx").await.expect(403);
    assert_eq!(
        missing.header("X-Keyledger-Reason"),
        Some("bad_gateway_header")
    );
    // Those of another family mean nothing.
    let other = api
        .with("X-Forwarded-Method", "GET")
        .with("X-Forwarded-Uri", "/flags/a");
    other.get("/forward-auth/nginx").await.expect(403);
    other.get("/forward-auth/traefik").await.expect(200);
    let twice = api
        .request(reqwest::Method::GET, "/forward-auth/nginx")
        .header("X-Original-Method", "GET")
        .header("X-Original-URI", "/flags/a")
        .header("X-Original-URI", "/files/secret");
    let twice = Api::send(twice).await.expect(403);
    assert_eq!(
        twice.header("X-Keyledger-Reason"),
        Some("bad_gateway_header")
    );
    let two_tokens = api
        .request(reqwest::Method::GET, "/forward-auth/envoy/flags/a")
        .header("Authorization", "Bearer other");
    Api::send(two_tokens).await.expect(401);
    api.get("/forward-auth/elsewhere").await.expect(404);
    api.get("/forward-auth/envoyx").await.expect(404);
}

#[tokio::test]
async fn who_is_no_gateway_is_not_believed() {
    let env = [
        ("KEYLEDGER_GATEWAY_ROUTES", ROUTES),
        ("KEYLEDGER_GATEWAY_PEERS", "192.0.2.0/24"),
    ];
    let server = Server::start_with(&env).await;
    let answer = nginx(&server.owner(), "GET", "/flags/a").await.expect(403);
    assert_eq!(answer.header("X-Keyledger-Reason"), Some("untrusted_peer"));
}

#[tokio::test]
async fn tokens_of_other_accounts_are_let_through_by_nobody() {
    let server = super::server().await;
    let (_, theirs) = crate::cli::create_account(&server, "Other", "owner@other.test");
    let stranger = server.anonymous().token(&theirs);
    stranger.eventually("/api/v2/caller-identity", 200).await;
    let answer = nginx(&stranger, "GET", "/flags/a").await.expect(401);
    assert_eq!(answer.header("X-Keyledger-Reason"), Some("unknown"));
    assert_eq!(answer.header("X-Account"), None);
}

#[tokio::test]
async fn without_a_mapping_nothing_is_allowed() {
    let server = Server::start().await;
    let answer = nginx(&server.owner(), "GET", "/flags/a").await.expect(403);
    assert_eq!(answer.header("X-Keyledger-Reason"), Some("no_route"));
}

#[test]
fn a_mapping_that_is_wrong_keeps_the_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("routes.toml");
    std::fs::write(
        &file,
        "[[route]]\npath = \"a\"\naction = \"a\"\nresource = \"acct\"\n",
    )
    .unwrap();
    let arguments = ["serve", "--gateway-routes", file.to_str().unwrap()];
    let (success, _, stderr) = crate::support::run(&folder.path().join("data"), &arguments);
    assert!(!success);
    assert!(stderr.contains("route 1: path: begins with /"), "{stderr}");
}
