//! Starts the real binary and speaks HTTP with it.

mod api;
mod log;
mod server;
mod shape;

pub use api::{Answer, Api};
pub use log::{databases, execute, query, stored_events};
pub use server::{Server, binary, password, port_in, run, run_with};
pub use shape::{collection, member, role, token};

use serde_json::{Value, json};

/// Makes a token and gives its id and secret.
pub async fn make_token(api: &Api, form: Value) -> (String, String) {
    let made = api.post("/api/v2/tokens", &form).await.expect(201);
    (made.text("/_id"), made.text("/token"))
}

/// Makes a custom role with a policy of one statement that allows actions on resources.
pub async fn make_role(api: &Api, key: &str, actions: &[&str], resources: &[&str]) -> String {
    let form = json!({
        "key": key,
        "name": key,
        "policy": [{"effect": "allow", "actions": actions, "resources": resources}],
    });
    api.post("/api/v2/roles", &form)
        .await
        .expect(201)
        .text("/_id")
}

/// A moment `seconds` from now, Unix milliseconds.
pub fn in_seconds(seconds: i64) -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_millis()).unwrap() + seconds * 1_000
}
