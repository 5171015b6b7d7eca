//! `keyledger audit`, beside a running server.

use serde_json::json;

use crate::support::{Server, make_token, run};

fn audit(server: &Server, arguments: &[&str]) -> (bool, String, String) {
    let arguments: Vec<&str> = ["audit"].iter().chain(arguments).copied().collect();
    run(&server.data(), &arguments)
}

#[tokio::test]
async fn an_auditor_asks_why_and_what_changed_on_the_command_line() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "writer").await;
    let (id, secret) = make_token(&ada, json!({"role": "writer", "name": "deploys"})).await;
    let before = server.position().await.to_string();
    let patch = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    let path = format!("/api/v2/members/{ada_id}");
    owner.patch(&path, &patch).await.expect(200);
    let question = ["explain", &id, "updateOn", "proj/web:env/live:flag/a"];
    let (done, printed, error) = audit(&server, &question);
    assert!(done, "{error}");
    for line in [
        "not allowed: updateOn on proj/web:env/live:flag/a\n",
        "the token is active\n",
        "Scope allows it\n",
        "Member refuses it\n",
        "nearest, but for another action: statement 0 of role reader: allow view* on all but",
        "member.downgraded member \"ada@acme.test\" by member",
        "<- changed the answer",
    ] {
        assert!(printed.contains(line), "{line:?} is not in {printed}");
    }
    assert!(!printed.contains(&secret));
    let then = [&question[..], &["--as-of", &before]].concat();
    let (done, printed, _) = audit(&server, &then);
    assert!(
        done && printed.starts_with("allowed: updateOn"),
        "{printed}"
    );

    let (done, printed, error) = audit(&server, &["changes", &before]);
    assert!(done, "{error}");
    for line in [
        &format!("1 tokens with other policies between position {before}"),
        &format!("token {id} \"deploys\" personal of member {ada_id}: Narrowed\n  - "),
        "member.downgraded",
    ] {
        assert!(printed.contains(line), "{line:?} is not in {printed}");
    }
    for (arguments, message) in [
        (vec!["changes", &before, "1"], "TO: is before FROM"),
        (vec!["changes", "never"], "FROM: \"never\" is no moment"),
        (vec!["explain", &id, "updateOn", ""], "RESOURCE: "),
        (
            vec!["explain", "000000000000000000000000", "updateOn", "proj/a"],
            "there was no token 000000000000000000000000 at that moment",
        ),
    ] {
        let (done, printed, error) = audit(&server, &arguments);
        assert!(
            !done && printed.is_empty() && error.contains(message),
            "{error}"
        );
    }
}
