//! What every gateway must do: let through, refuse, stop at once, fail closed and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use super::proxy::Proxy;
use super::service::Service;
use super::viewer;
use crate::support::{Api, Server};

const FLAG: &str = "/flags/dark-mode";

/// Who called, as the service sees it.
pub(super) async fn allowed_and_denied(server: &Server, proxy: &Proxy, service: &Service) {
    let (id, secret) = viewer(server).await;
    let bearer = proxy
        .api()
        .with("Authorization", &format!("Bearer {secret}"));
    // What a client says of itself does not get through.
    let forged = bearer
        .with("X-Token-Id", "forged")
        .with("X-Subject", "member/forged")
        .with("X-Original-URI", "/files/x")
        .with("X-Forwarded-Uri", "/files/x");
    for api in [&bearer, &forged] {
        let answer = api.get(&format!("{FLAG}?x=1")).await.expect(200);
        assert_eq!(answer.json["uri"], format!("{FLAG}?x=1"));
        let headers = &answer.json["headers"];
        assert_eq!(headers["x-token-id"], id);
        assert_eq!(headers["x-subject"], format!("service-token/{id}"));
        assert_eq!(headers["x-decision-id"].as_str().map(str::len), Some(24));
        assert_eq!(headers["x-account"].as_str().map(str::len), Some(24));
        assert_eq!(headers["authorization"], Value::Null, "the secret went on");
    }
    let before = service.asked();
    let refused = bearer.request(Method::PUT, FLAG).body("{}");
    Api::send(refused).await.expect(403);
    for path in [
        "/files/x",
        "/other",
        "/flags/a%2fb",
        "/flags/a%3bb",
        "/flags/a%5cb",
    ] {
        bearer.get(path).await.expect(403);
    }
    let nobody = proxy.api().get(FLAG).await.expect(401);
    let challenge = nobody.header("www-authenticate").unwrap();
    assert_eq!(challenge, "Bearer realm=\"keyledger\"");
    let wrong = proxy
        .api()
        .token("Bearer api-wrong")
        .get(FLAG)
        .await
        .expect(401);
    let challenge = wrong.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    // A position that the log has not reached: refused, and never let through.
    let far = (server.position().await + 1_000).to_string();
    let early = bearer.with("X-Keyledger-Min-Position", &far);
    early.get(FLAG).await.expect(403);
    assert_eq!(service.asked(), before, "a refused request got through");
}

/// How many clients call at once.
const CLIENTS: usize = 8;
/// Calls before the token is deleted.
const WARM: u64 = 400;

/// A token is deleted while many clients call with it: after the deletion is acknowledged nobody is let through.
pub(super) async fn revoked_under_load(server: &Server, proxy: &Proxy) {
    let (id, doomed) = viewer(server).await;
    let (_, lasting) = viewer(server).await;
    let revoked = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicBool::new(false));
    let calls = Arc::new(AtomicU64::new(0));
    let refused = Arc::new(AtomicU64::new(0));
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        // Every fourth has another token, which goes on working.
        let lives = number % 4 == 0;
        let secret = if lives { &lasting } else { &doomed };
        let api = proxy
            .api()
            .with("Authorization", &format!("Bearer {secret}"));
        let (revoked, done) = (Arc::clone(&revoked), Arc::clone(&done));
        let (calls, refused) = (Arc::clone(&calls), Arc::clone(&refused));
        clients.push(tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                let late = revoked.load(Ordering::SeqCst);
                let status = api.get(FLAG).await.status;
                calls.fetch_add(1, Ordering::SeqCst);
                match status {
                    200 => assert!(lives || !late, "let through after it was revoked"),
                    401 => {
                        assert!(!lives, "a token that works was refused");
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                    other => panic!("status {other}"),
                }
            }
        }));
    }
    while calls.load(Ordering::SeqCst) < WARM {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(!clients.iter().any(|client| client.is_finished()));
    }
    assert_eq!(refused.load(Ordering::SeqCst), 0);
    let path = format!("/api/v2/tokens/{id}");
    server.owner().delete(&path).await.expect(204);
    revoked.store(true, Ordering::SeqCst);
    while refused.load(Ordering::SeqCst) < WARM {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(!clients.iter().any(|client| client.is_finished()));
    }
    done.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.expect("no client saw anything wrong");
    }
}

/// How long a gateway may take to find a server again.
const BACK: Duration = Duration::from_secs(30);

/// The server dies and comes back: meanwhile nobody is let through.
pub(super) async fn restarted(server: &mut Server, proxy: &Proxy, meanwhile: &[u16]) {
    let (_, secret) = viewer(server).await;
    let api = proxy
        .api()
        .with("Authorization", &format!("Bearer {secret}"));
    api.get(FLAG).await.expect(200);
    server.kill();
    for _ in 0..20 {
        let status = api.get(FLAG).await.status;
        assert!(meanwhile.contains(&status), "{status}");
    }
    server.start_again_there().await;
    let start = Instant::now();
    while api.get(FLAG).await.status != 200 {
        assert!(
            start.elapsed() < BACK,
            "the gateway does not find the server again"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    proxy.api().get(FLAG).await.expect(401);
}
