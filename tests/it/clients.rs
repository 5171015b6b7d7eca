//! LaunchDarkly's own clients, unmodified, against the real server.

mod documented;
mod generated;
mod python;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::Server;

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.expect("tests/ is in the repository").join(path)
}

/// What `make test-deps` installed.
fn installed(path: &str) -> PathBuf {
    let path = repository("target/test-deps").join(path);
    assert!(
        path.exists(),
        "{} is missing: run `make test-deps`",
        path.display()
    );
    path
}

/// Python with LaunchDarkly's client.
fn python() -> Command {
    let mut command = Command::new(installed("venv/bin/python"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Node with LaunchDarkly's client.
fn node() -> Command {
    let modules = installed("npm/node_modules");
    installed("npm/node_modules/launchdarkly-api-typescript");
    let mut command = Command::new("node");
    command.env("NODE_PATH", modules);
    command
}

/// A script of these tests.
fn script(path: &str) -> PathBuf {
    repository("tests/it/clients").join(path)
}

/// Runs a client's script against a server, requires success, and gives what it prints.
fn printed(mut command: Command, server: &Server, env: &[(&str, &str)]) -> String {
    let output = command
        .env("BASE", server.url())
        .env("TOKEN", server.owner_secret())
        .envs(env.iter().copied())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}: run `make test-deps`"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{error}");
    printed
}

/// Runs a client's script as [`printed`], and gives the JSON of its last line.
fn drive(command: Command, server: &Server, env: &[(&str, &str)]) -> Value {
    let printed = printed(command, server, env);
    let last = printed.lines().last().expect("a result");
    serde_json::from_str(last).expect("the result is JSON")
}
