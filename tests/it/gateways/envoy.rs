//! Envoy with `ext_authz`.

use std::path::{Path, PathBuf};

use super::proxy::Proxy;
use super::scenario;
use super::service::Service;
use crate::support::Server;

const GRPC: &str = include_str!("../../../docs/gateways/envoy-grpc.yaml");
const HTTP: &str = include_str!("../../../docs/gateways/envoy-http.yaml");

/// Envoy itself, as `make test-deps` installed it.
fn program() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-deps/tools/lib");
    let pythons = std::fs::read_dir(&tools).expect("`make test-deps` was run");
    let found = pythons
        .filter_map(Result::ok)
        .map(|python| python.path().join("site-packages/envoy/_bin/envoy"))
        .find(|envoy| envoy.exists());
    found.unwrap_or_else(|| panic!("Envoy is not in {}: run `make test-deps`", tools.display()))
}

async fn start(configuration: &str, keyledger: u16, service: &Service) -> Proxy {
    let fills = [
        ("\"{keyledger}\"", keyledger.to_string()),
        ("\"{service}\"", service.port.to_string()),
    ];
    // Two at once on one machine must not share memory.
    let arguments = [
        "--use-dynamic-base-id",
        "--concurrency",
        "1",
        "--log-level",
        "warning",
        "-c",
    ];
    let named = |port: u16| port.to_string();
    let yaml = configuration.replace("\"{listen}\"", "{listen}");
    Proxy::start(&program(), &arguments, &yaml, &fills, named).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envoy_over_http_lets_through_what_is_allowed_and_nothing_else() {
    let (mut server, service): (Server, _) = (super::server().await, Service::start().await);
    let proxy = start(HTTP, server.port(), &service).await;
    scenario::allowed_and_denied(&server, &proxy, &service).await;
    scenario::revoked_under_load(&server, &proxy).await;
    // Envoy refuses when nobody answers it.
    scenario::restarted(&mut server, &proxy, &[403]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envoy_over_grpc_lets_through_what_is_allowed_and_nothing_else() {
    let ((mut server, port), service) = (super::server_with_grpc().await, Service::start().await);
    let proxy = start(GRPC, port, &service).await;
    scenario::allowed_and_denied(&server, &proxy, &service).await;
    scenario::revoked_under_load(&server, &proxy).await;
    // Envoy's own route says what it is about, whatever its path looks like.
    let (_, secret) = super::viewer(&server).await;
    let api = proxy.api().token(&format!("Bearer {secret}"));
    api.get("/hinted/a%2fb").await.expect(200);
    let (_, reader) = crate::support::make_token(
        &server.owner(),
        serde_json::json!({"inlineRole": [{"effect": "deny", "actions": ["*"], "resources": ["*"]}]}),
    )
    .await;
    let denied = proxy
        .api()
        .token(&reader)
        .get("/hinted/x")
        .await
        .expect(403);
    assert_eq!(
        denied.header("X-Keyledger-Reason"),
        Some("denied_by_statement")
    );
    scenario::restarted(&mut server, &proxy, &[403]).await;
}
