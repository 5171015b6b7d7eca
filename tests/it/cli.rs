//! The operator's commands, beside a running server.

use serde_json::json;

use crate::support::{Server, run};

/// The last word of the line that begins with `label`.
fn printed(output: &str, label: &str) -> String {
    let line = output.lines().find_map(|line| line.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label:?} in {output:?}"))
        .trim()
        .to_owned()
}

/// Makes a further account; gives its id and its owner's secret.
pub fn create_account(server: &Server, name: &str, email: &str) -> (String, String) {
    let arguments = ["account", "create", "--name", name, "--owner-email", email];
    let (success, output, error) = run(&server.data(), &arguments);
    assert!(success, "{error}");
    (
        printed(&output, "account:"),
        printed(&output, "owner token:"),
    )
}

#[tokio::test]
async fn a_further_account_is_served_at_once_and_is_apart() {
    let server = Server::start().await;
    let (id, secret) = create_account(&server, "Other", "owner@other.test");
    let owner = server.anonymous().token(&secret);
    let identity = owner.eventually("/api/v2/caller-identity", 200).await;
    assert_eq!(identity.text("/accountId"), id);
    assert_eq!(
        owner.get("/api/v2/members").await.items("email"),
        ["owner@other.test"]
    );
    let (_, list, _) = run(&server.data(), &["account", "list"]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains(&format!("{id}  enterprise")), "{list}");
    // An e-mail is in one account only.
    let arguments = [
        "account",
        "create",
        "--name",
        "Third",
        "--owner-email",
        "OWNER@other.test",
    ];
    let (success, _, error) = run(&server.data(), &arguments);
    assert!(!success);
    assert!(error.contains("has this e-mail"), "{error}");
    let invite = json!([{"email": "owner@other.test"}]);
    server
        .owner()
        .post("/api/v2/members", &invite)
        .await
        .expect_error(400, "email_taken_in_different_account", "another account");
}

#[tokio::test]
async fn where_there_are_several_accounts_one_must_be_named() {
    let server = Server::start().await;
    let (id, _) = create_account(&server, "Other", "owner@other.test");
    let (success, _, error) = run(&server.data(), &["account", "plan", "pro"]);
    assert!(
        !success && error.contains("--account") && error.contains(&id),
        "{error}"
    );
    let unknown = [
        "account",
        "plan",
        "pro",
        "--account",
        "ffffffffffffffffffffffff",
    ];
    let (success, _, error) = run(&server.data(), &unknown);
    assert!(!success && error.contains(&id), "{error}");
    let (success, output, error) = run(
        &server.data(),
        &["account", "plan", "pro", "--account", &id],
    );
    assert!(
        success && output.contains("on the plan pro"),
        "{output}{error}"
    );
    let (success, _, error) = run(&server.data(), &["account", "plan", "golden"]);
    assert!(
        !success && error.contains("starter, pro, enterprise"),
        "{error}"
    );
}

#[tokio::test]
async fn an_owner_who_lost_the_token_gets_another() {
    let server = Server::start().await;
    let (success, output, error) = run(&server.data(), &["token", "owner"]);
    assert!(success, "{error}");
    let again = server.anonymous().token(&printed(&output, "owner token:"));
    let me = again.eventually("/api/v2/members/me", 200).await;
    assert_eq!(me.text("/role"), "owner");
    // The other one goes on working, until somebody deletes it.
    server.owner().get("/api/v2/members/me").await.expect(200);
}

#[test]
fn a_folder_without_a_log_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [["account", "list"], ["token", "owner"], ["member", "link"]] {
        let mut arguments = arguments.to_vec();
        if arguments[1] == "link" {
            arguments.push("a@b.test");
        }
        let (success, _, error) = run(&folder.path().join("none"), &arguments);
        assert!(!success && error.contains("there is no log"), "{error}");
    }
    assert!(!folder.path().join("none").exists());
}
