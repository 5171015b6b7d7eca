//! Nobody sees or touches anything of another account: what is another account's is answered exactly as what
//! nobody has.

use serde_json::Value;

use super::callers::Callers;
use super::operations::Operations;
use super::table::rows;
use crate::cli::create_account;
use crate::support::{Answer, Server};

/// An answer without the words that differ from one question to the next.
fn essence(answer: &Answer, named: &[String]) -> (u16, String) {
    let mut body = answer.json.clone();
    if let Value::Object(fields) = &mut body {
        // Each error has the id of its request, each decision one of its own, and the log goes on.
        fields.remove("id");
        fields.remove("decisionId");
        fields.remove("position");
    }
    let mut text = body.to_string();
    for name in named {
        text = text.replace(name.as_str(), "NAME");
    }
    (answer.status, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_another_accounts_is_answered_as_what_nobody_has() {
    let env = [("KEYLEDGER_OWNER_PASSWORD", super::callers::OWNER_PASSWORD)];
    let server = Server::start_with(&env).await;
    let callers = Callers::make(&server).await;
    let real = Operations::make(&server).await;
    let nothing = real.about_nothing();
    let (account, secret) = create_account(&server, "Other", "owner@other.test");
    let stranger = server.anonymous().token(&secret);
    stranger.eventually("/api/v2/caller-identity", 200).await;
    let caller = callers.get("owner");
    let mut tried = 0;
    for row in rows() {
        let found = real.attempt(&row.operation, &stranger, caller).await;
        let named = real.take_named();
        if named.is_empty() {
            // It is about nothing of anybody's: its own account answers.
            continue;
        }
        let unknown = nothing.attempt(&row.operation, &stranger, caller).await;
        let made_up = nothing.take_named();
        assert_eq!(
            essence(&found, &named),
            essence(&unknown, &made_up),
            "{}",
            row.operation
        );
        // Bulk changes name what is unknown in an answer that is none.
        let nobody = unknown.status == 404
            || unknown.status == 400
            || unknown.json["reason"] == "unknown"
            || unknown.json["errors"]
                .as_array()
                .is_some_and(|errors| !errors.is_empty())
            || unknown.status == 207;
        assert!(
            nobody,
            "{}: {} {}",
            row.operation, unknown.status, unknown.body
        );
        tried += 1;
    }
    assert!(tried >= 30, "only {tried} operations are about something");
    // Nothing in the first account was done by the stranger, and the lists of both are apart.
    let mut next = Some("/api/v2/auditlog?limit=20".to_owned());
    while let Some(path) = next {
        let page = server.owner().get(&path).await.expect(200);
        for entry in page.json["items"].as_array().unwrap() {
            assert_ne!(entry["member"]["email"], "owner@other.test", "{entry}");
            assert_ne!(entry["_accountId"], account, "{entry}");
        }
        let link = page
            .json
            .pointer("/_links/next/href")
            .and_then(Value::as_str);
        next = link.map(str::to_owned);
    }
    for (path, field) in [
        ("/api/v2/members?limit=1000", "_id"),
        ("/api/v2/roles?limit=1000", "_id"),
        ("/api/v2/teams?limit=100", "key"),
        ("/api/v2/tokens?showAll=true&limit=1000", "_id"),
    ] {
        let theirs = server.owner().get(path).await.expect(200).items(field);
        let own = stranger.get(path).await.expect(200).items(field);
        assert!(!theirs.is_empty(), "{path}");
        assert!(own.iter().all(|one| !theirs.contains(one)), "{path}");
    }
}
