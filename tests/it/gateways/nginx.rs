//! nginx with `auth_request`.

use std::path::Path;

use super::proxy::Proxy;
use super::scenario;
use super::service::Service;
use crate::support::Server;

const CONFIGURATION: &str = include_str!("../../../docs/gateways/nginx.conf");

async fn start(server: &Server, service: &Service) -> Proxy {
    let fills = [
        ("{keyledger}", format!("127.0.0.1:{}", server.port())),
        ("{service}", format!("127.0.0.1:{}", service.port)),
    ];
    let listen = |port| format!("127.0.0.1:{port}");
    let program = Path::new("/usr/sbin/nginx");
    Proxy::start(
        program,
        &["-e", "stderr", "-c"],
        CONFIGURATION,
        &fills,
        listen,
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_lets_through_what_is_allowed_and_nothing_else() {
    let (mut server, service) = (super::server().await, Service::start().await);
    let proxy = start(&server, &service).await;
    scenario::allowed_and_denied(&server, &proxy, &service).await;
    scenario::revoked_under_load(&server, &proxy).await;
    // nginx takes a fault of the one it asks for its own.
    scenario::restarted(&mut server, &proxy, &[500]).await;
}
