//! Clients that are generated from `openapi.yaml` here and now: the document is good enough that they are
//! complete, that their types hold, and that a story written with them reads well.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{drive, installed, node, repository, script};
use crate::support::Server;

/// Runs a tool to its end and requires success; gives what it said.
fn tool(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

fn python_client(folder: &Path) {
    let tools = installed("tools/bin");
    let path = std::env::var("PATH").unwrap();
    let said = tool(
        Command::new(tools.join("openapi-python-client"))
            .args(["generate", "--meta", "none", "--fail-on-warning", "--path"])
            .arg(repository("openapi.yaml"))
            .arg("--output-path")
            .arg(folder.join("keyledger_client"))
            // It formats what it generates with a tool of its own folder.
            .env("PATH", format!("{}:{path}", tools.display())),
    );
    // A part of the document that it cannot take is left out with a warning.
    assert!(
        !said.contains("WARNING") && !said.contains("nable to"),
        "{said}"
    );
}

#[tokio::test]
async fn a_python_client_is_complete_typed_and_works() {
    let folder = tempfile::tempdir().unwrap();
    python_client(folder.path());
    let document = std::fs::read_to_string(repository("openapi.yaml")).unwrap();
    let operations = document.matches("operationId: ").count();
    let made = tool(
        Command::new("find")
            .arg(folder.path().join("keyledger_client/api"))
            .args([
                "-mindepth",
                "2",
                "-name",
                "*.py",
                "-not",
                "-name",
                "__init__.py",
            ]),
    );
    assert_eq!(made.lines().count(), operations, "{made}");
    let story = script("generated/story.py");
    tool(
        Command::new(installed("tools/bin/mypy"))
            .args(["--strict", "--follow-imports=silent"])
            .arg(&story)
            .env("MYPYPATH", folder.path())
            .current_dir(folder.path()),
    );
    let server = Server::start().await;
    let mut command = Command::new(installed("tools/bin/python"));
    command
        .arg(story)
        .env("PYTHONPATH", folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let result = drive(command, &server, &[]);
    assert_eq!(result["left"], json!(1));
}

#[tokio::test]
async fn typescript_types_hold_and_work() {
    let folder = tempfile::tempdir().unwrap();
    let modules = installed("npm/node_modules");
    std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).unwrap();
    std::fs::copy(script("generated/story.ts"), folder.path().join("story.ts")).unwrap();
    tool(
        Command::new("node")
            .arg(modules.join("openapi-typescript/bin/cli.js"))
            .arg(repository("openapi.yaml"))
            .arg("-o")
            .arg(folder.path().join("schema.d.ts")),
    );
    tool(
        Command::new("node")
            .arg(modules.join("typescript/bin/tsc"))
            .args([
                "--strict",
                "--noUncheckedIndexedAccess",
                "--noPropertyAccessFromIndexSignature",
            ])
            .args([
                "--module",
                "commonjs",
                "--moduleResolution",
                "node10",
                "--esModuleInterop",
            ])
            .args([
                "--target",
                "es2022",
                "--lib",
                "es2022,dom",
                "--types",
                "node",
                "story.ts",
            ])
            .current_dir(folder.path()),
    );
    let server = Server::start().await;
    let mut command = node();
    command.arg(folder.path().join("story.js"));
    let result = drive(command, &server, &[]);
    assert_eq!(result["left"], json!(1));
}
