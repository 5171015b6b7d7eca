//! PyPI `schemathesis` against `openapi.yaml`: whatever is sent, no server error, no status and no body that the
//! document does not have.
//!
//! `KEYLEDGER_SCHEMATHESIS_SEED` sets another seed than the one of CI, `KEYLEDGER_SCHEMATHESIS_EXAMPLES` how many
//! requests each operation gets.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::{Server, password};

/// Requests in all, at least.
const REQUESTS_MIN: u64 = 10_000;
/// What cannot succeed here: nobody invents the code of an invitation, or a browser's origin.
const NEVER_SUCCEED: [&str; 2] = ["postInvitation", "deleteSession"];

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_the_answer_is_in_the_document() {
    let server = Server::start().await;
    let email = "fuzz@acme.test";
    server.invite(email, "reader").await;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let tools = format!("{root}/target/test-deps/tools");
    let folder = tempfile::tempdir().unwrap();
    let tally = folder.path().join("tally.json");
    let seed = setting("KEYLEDGER_SCHEMATHESIS_SEED", "20261125");
    let examples = setting("KEYLEDGER_SCHEMATHESIS_EXAMPLES", "300");
    let mut command = Command::new(format!("{tools}/bin/st"));
    command
        .args([
            "run",
            &format!("{root}/openapi.yaml"),
            "--url",
            &server.url(),
        ])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args([
            "--seed",
            &seed,
            "--max-examples",
            &examples,
            "--workers",
            "2",
        ])
        .args(["--generation-database", "none", "--no-shrink", "--no-color"])
        .args(["--generation-with-security-parameters", "false"])
        .args([
            "--continue-on-failure",
            "--warnings",
            "off",
            "--suppress-health-check",
            "all",
        ])
        .args([
            "--header",
            &format!("Authorization: {}", server.owner_secret()),
        ])
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", format!("{root}/tests/it/schemathesis"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BASE", server.url())
        .env("TOKEN", server.owner_secret())
        .env("EMAIL", email)
        .env("PASSWORD", password(email))
        .env("TALLY", &tally)
        .current_dir(folder.path());
    let output = tokio::task::spawn_blocking(move || command.output().expect("schemathesis runs"))
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("schemathesis with seed {seed}");
    assert!(
        output.status.success(),
        "seed {seed}:\n{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tally = std::fs::read_to_string(tally).expect("a tally");
    let tally: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&tally).unwrap();
    let total: u64 = tally.values().flat_map(BTreeMap::values).sum();
    println!("{total} requests");
    for (operation, statuses) in &tally {
        println!("  {operation}: {statuses:?}");
    }
    assert!(total >= REQUESTS_MIN, "only {total} requests");
    let document = std::fs::read_to_string(format!("{root}/openapi.yaml")).unwrap();
    let operations: Vec<&str> = document
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("operationId: "))
        .collect();
    for operation in operations {
        let statuses = tally
            .get(operation)
            .unwrap_or_else(|| panic!("{operation} was not called"));
        let success = statuses.keys().any(|status| status.starts_with('2'));
        let never = NEVER_SUCCEED.contains(&operation);
        assert!(success != never, "{operation}: {statuses:?}");
    }
    // The server is as well as before.
    server.owner().get("/api/v2/members/me").await.expect(200);
}
