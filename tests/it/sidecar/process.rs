//! The process: the same answers as the server, right after each write, and none when it cannot know.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{FEED, Sidecar};
use crate::support::{Api, Server, make_role, make_token};

const PATH: &str = "/api/v2/decisions";

/// A decision without its name and place.
fn essence(answer: &Value) -> Value {
    let mut answer = answer.clone();
    let fields = answer.as_object_mut().expect("an object");
    fields.remove("decisionId");
    fields.remove("position");
    answer
}

#[tokio::test]
async fn it_answers_as_its_server_does_right_after_each_write() {
    let server = Server::start_with(&[FEED]).await;
    let owner = server.owner();
    let sidecar = Sidecar::start(&server, &[]).await;
    let (member, signed_in) = server.member("ada@sidecar.test", "writer").await;
    make_role(&owner, "ops", &["*"], &["proj/web"]).await;
    let mut tokens = Vec::new();
    for form in [
        json!({"role": "reader"}),
        json!({"role": "writer", "serviceToken": true}),
        json!({"inlineRole": [{"effect": "deny", "actions": ["*"], "resources": ["*"]}]}),
    ] {
        tokens.push(make_token(&signed_in, form).await);
    }
    let (doomed, doomed_secret) = make_token(&owner, json!({"role": "admin"})).await;
    tokens.push((doomed.clone(), doomed_secret));
    let changes: [(&str, String, Value); 5] = [
        ("nothing", String::new(), json!(null)),
        ("delete", format!("/api/v2/tokens/{doomed}"), json!(null)),
        (
            "patch",
            format!("/api/v2/members/{member}"),
            json!([{"op": "replace", "path": "/role", "value": "no_access"}]),
        ),
        ("delete", format!("/api/v2/members/{member}"), json!(null)),
        ("nothing", String::new(), json!(null)),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for (verb, path, body) in changes {
        let position = match verb {
            "delete" => owner.delete(&path).await.expect(204).position(),
            "patch" => owner.patch(&path, &body).await.expect(200).position(),
            _ => server.position().await,
        };
        for (id, secret) in &tokens {
            for action in ["viewRole", "createRole"] {
                let by = |name: &str, value: &str| json!({name: value, "action": action, "resource": "role/x", "minPosition": position});
                for form in [by("tokenId", id), by("token", secret)] {
                    let there = owner.post(PATH, &form).await.expect(200);
                    let here = sidecar.api().token(server.owner_secret());
                    let here = here.post(PATH, &form).await.expect(200);
                    assert_eq!(essence(&here.json), essence(&there.json), "{form}");
                    assert!(here.position() >= position);
                    seen.insert(here.text("/reason"));
                }
            }
        }
    }
    let expected = [
        "allowed",
        "deactivated",
        "denied_by_statement",
        "not_allowed_by_ceiling",
        "not_allowed_by_scope",
        "unknown",
    ];
    assert_eq!(
        seen.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn a_gateway_asks_it_and_its_uses_reach_the_server() {
    let server = Server::start_with(&[FEED]).await;
    let owner = server.owner();
    let routes = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/gateways/routes.toml");
    let sidecar = Sidecar::start(&server, &[("KEYLEDGER_GATEWAY_ROUTES", routes)]).await;
    let (id, secret) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    let before = owner.get(&format!("/api/v2/tokens/{id}")).await.expect(200);
    assert_eq!(before.integer("/lastUsed"), 0);
    let api = sidecar
        .api()
        .token(&secret)
        .with("X-Original-Method", "GET");
    let api = api.with(
        "X-Keyledger-Min-Position",
        &server.position().await.to_string(),
    );
    let answer = api
        .with("X-Original-URI", "/files/a")
        .get("/forward-auth/nginx")
        .await;
    assert_eq!(answer.expect(200).header("X-Token-Id"), Some(id.as_str()));
    let start = Instant::now();
    while owner.get(&format!("/api/v2/tokens/{id}")).await.json["lastUsed"] == 0 {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "the use did not reach the server"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What only a server does.
    let form = json!({"action": "viewRole", "resource": "role/a", "asOf": 1});
    let answer = sidecar
        .api()
        .token(server.owner_secret())
        .post(PATH, &form)
        .await;
    answer.expect_error(400, "invalid_request", "asOf: is for the server");
    sidecar.api().get("/api/v2/tokens").await.expect(404);
    sidecar.api().get("/health/live").await.expect(200);
    sidecar.api().get("/health/ready").await.expect(200);
}

/// Asks until it is answered with a status.
async fn until(api: &Api, status: u16) -> Duration {
    let form = json!({"action": "viewRole", "resource": "role/a"});
    let start = Instant::now();
    while api.post(PATH, &form).await.status != status {
        assert!(start.elapsed() < Duration::from_secs(30), "never {status}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    start.elapsed()
}

#[tokio::test]
async fn it_answers_nothing_once_it_cannot_know_and_comes_back_by_itself() {
    let mut server = Server::start_with(&[FEED]).await;
    let (id, secret) = make_token(&server.owner(), json!({"role": "reader"})).await;
    let sidecar = Sidecar::start(&server, &[("KEYLEDGER_STALENESS_MAX_MS", "1500")]).await;
    let api = sidecar.api().token(&secret);
    until(&api, 200).await;
    // It hangs: as with a network that loses everything.
    server.signal("-STOP");
    until(&api, 503).await;
    sidecar.api().get("/health/ready").await.expect(503);
    let gateway = api
        .with("X-Original-Method", "GET")
        .with("X-Original-URI", "/");
    let gateway = gateway.get("/forward-auth/nginx").await.expect(403);
    assert_eq!(gateway.header("X-Keyledger-Reason"), Some("stale"));
    server.signal("-CONT");
    until(&api, 200).await;
    // It dies, and comes back where it was; what changed meanwhile is known.
    server.kill();
    until(&api, 503).await;
    server.start_again_there().await;
    until(&api, 200).await;
    server
        .owner()
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    until(&api, 401).await;
}
