//! The examples of docs/clients.md run as they stand there, but for the address and the token.

use std::process::Command;

use super::{node, printed, python, repository};
use crate::support::Server;

/// The only block of a language in the document, for this server.
fn example(language: &str, server: &Server) -> String {
    let document = std::fs::read_to_string(repository("docs/clients.md")).expect("the document");
    let fence = format!("```{language}\n");
    let mut blocks = document.split(fence.as_str()).skip(1);
    let block = blocks.next().expect(language);
    assert!(blocks.next().is_none(), "two examples in {language}");
    let block = block.split("```").next().unwrap_or_default();
    for shown in ["http://127.0.0.1:8080", "api-…"] {
        assert!(block.contains(shown), "{shown} is not in {block}");
    }
    block
        .replace("http://127.0.0.1:8080", &server.url())
        .replace("api-…", server.owner_secret())
}

/// Each example makes a reader token and prints its id and secret.
async fn check(language: &str, flag: &str, mut command: Command) {
    let server = Server::start().await;
    command.args([flag, &example(language, &server)]);
    let printed = printed(command, &server, &[]);
    let listed = server.owner().get("/api/v2/tokens").await.expect(200);
    assert_eq!(listed.text("/items/0/name"), "ci");
    assert_eq!(listed.text("/items/0/role"), "reader");
    let (id, secret) = printed.trim().split_once(' ').expect("an id and a secret");
    assert_eq!(id, listed.text("/items/0/_id"));
    let caller = server.anonymous().token(secret);
    let caller = caller.get("/api/v2/caller-identity").await.expect(200);
    assert_eq!(caller.text("/tokenId"), id);
}

#[tokio::test]
async fn python_example() {
    check("python", "-c", python()).await;
}

#[tokio::test]
async fn javascript_example() {
    check("js", "-e", node()).await;
}
