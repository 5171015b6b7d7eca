//! LaunchDarkly's own clients, unmodified, against the real server.

mod python;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::Server;

/// What `make test-deps` installed.
fn installed(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = root.join("target/test-deps").join(path);
    assert!(
        path.exists(),
        "{} is missing: run `make test-deps`",
        path.display()
    );
    path
}

/// A script of these tests.
fn script(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("it/clients")
        .join(path)
}

/// Runs a client's script against a server, requires success, and gives the JSON of its last line.
fn drive(mut command: Command, server: &Server, env: &[(&str, &str)]) -> Value {
    let output = command
        .env("BASE", server.url())
        .env("TOKEN", server.owner_secret())
        .envs(env.iter().copied())
        .output()
        .expect("the client runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{error}");
    let last = printed.lines().last().expect("a result");
    serde_json::from_str(last).expect("the result is JSON")
}
