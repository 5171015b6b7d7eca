//! The service behind a gateway: it says what it was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Endpoint, Request, Response, Server};
use serde_json::{Map, Value, json};

/// A running service.
pub(super) struct Service {
    pub(super) port: u16,
    asked: Arc<AtomicU64>,
}

struct Echo(Arc<AtomicU64>);

impl Endpoint for Echo {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let mut headers = Map::new();
        for (name, value) in request.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.insert(name.to_string(), Value::String(value));
        }
        let uri = request.uri().to_string();
        let body = json!({"method": request.method().as_str(), "uri": uri, "headers": headers});
        Ok(Response::builder()
            .content_type("application/json")
            .body(body.to_string()))
    }
}

impl Service {
    /// Starts one on a port of the system's choice.
    pub(super) async fn start() -> Self {
        let asked = Arc::new(AtomicU64::new(0));
        let listener = TcpListener::bind("127.0.0.1:0");
        let acceptor = listener.into_acceptor().await.expect("a port");
        let addresses = acceptor.local_addr();
        let port = addresses[0].as_socket_addr().expect("a TCP port").port();
        tokio::spawn(Server::new_with_acceptor(acceptor).run(Echo(Arc::clone(&asked))));
        Self { port, asked }
    }

    /// How many requests got through to it.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}
