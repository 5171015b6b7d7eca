//! What the web framework costs by itself: a greeting, and an echo of a JSON body.

use poem::listener::TcpListener;
use poem::web::Json;
use poem::{Route, Server, get, handler, post};
use serde::{Deserialize, Serialize};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As many fields as a question has.
#[derive(Serialize, Deserialize)]
struct Echo {
    token: String,
    action: String,
    resource: String,
}

#[handler]
fn hello() -> &'static str {
    "hello, world"
}

#[handler]
fn echo(Json(body): Json<Echo>) -> Json<Echo> {
    Json(body)
}

#[tokio::main]
async fn main() -> Result<(), std::io::Error> {
    let address = std::env::args().nth(1).expect("an address");
    let routes = Route::new()
        .at("/hello", get(hello))
        .at("/echo", post(echo));
    Server::new(TcpListener::bind(address)).run(routes).await
}
