//! Gateways in front of a service: real ones, with the configurations that `docs/gateways` shows.

mod contract;
mod envoy;
mod nginx;
mod proxy;
mod scenario;
mod service;

use serde_json::json;

use crate::support::{Server, make_token};

/// The mapping that the documents show.
const ROUTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/gateways/routes.toml");

/// A server that knows the mapping.
async fn server() -> Server {
    Server::start_with(&[("KEYLEDGER_GATEWAY_ROUTES", ROUTES)]).await
}

/// A server that knows the mapping and answers gRPC too, on the port that is given.
async fn server_with_grpc() -> (Server, u16) {
    let port = proxy::free_port();
    let listen = format!("127.0.0.1:{port}");
    let env = [
        ("KEYLEDGER_GATEWAY_ROUTES", ROUTES),
        ("KEYLEDGER_GRPC_LISTEN", &listen),
    ];
    (Server::start_with(&env).await, port)
}

/// A service token that may view flags and nothing else.
async fn viewer(server: &Server) -> (String, String) {
    let policy = json!([{
        "effect": "allow", "actions": ["viewFlag"], "resources": ["proj/web:env/production:flag/*"],
    }]);
    let form = json!({"inlineRole": policy, "serviceToken": true});
    make_token(&server.owner(), form).await
}
