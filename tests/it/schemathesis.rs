//! PyPI `schemathesis` against `openapi.yaml`: whatever is sent, no server error, no status and no body that the
//! document does not have.
//!
//! `KEYLEDGER_SCHEMATHESIS_SEED` sets another seed than the one of CI, `KEYLEDGER_SCHEMATHESIS_EXAMPLES` how many
//! requests each operation gets.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use serde_json::Value;

use crate::support::{Server, password};

/// Requests in all, at least.
const REQUESTS_MIN: u64 = 10_000;
/// What cannot succeed here: no header of the document is a browser's origin, and a token has no sign-ins.
const NEVER_SUCCEED: [&str; 3] = ["deleteSession", "getSessions", "deleteSessionById"];
/// One answer in so many is a success, at least: an operation that refuses everything is not looked into.
const SUCCESS_ONE_IN: u64 = 5;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_the_answer_is_in_the_document() {
    // A run that is refused for its speed would see nothing else.
    let unlimited = [
        "SIGN_INS_PER_IP",
        "SIGN_INS_PER_EMAIL",
        "FAILURES_PER_IP",
        "TOKEN",
        "ROUTE",
        "ACCOUNT",
    ];
    let unlimited = unlimited.map(|limit| format!("KEYLEDGER_RATE_{limit}"));
    let unlimited: Vec<(&str, &str)> = unlimited.iter().map(|name| (name.as_str(), "0")).collect();
    let server = Server::start_with(&unlimited).await;
    let email = "fuzz@acme.test";
    server.invite(email, "reader").await;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let tools = format!("{root}/target/test-deps/tools");
    let folder = tempfile::tempdir().unwrap();
    let tally = folder.path().join("tally.json");
    let seed = setting("KEYLEDGER_SCHEMATHESIS_SEED", "20261125");
    let examples = setting("KEYLEDGER_SCHEMATHESIS_EXAMPLES", "200");
    let mut command = Command::new(format!("{tools}/bin/st"));
    command
        .args([
            "--config-file",
            &format!("{root}/tests/it/schemathesis/schemathesis.toml"),
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
            // With two, Python's parser fails now and then, and the operation counts as passed.
            "--workers",
            "1",
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
    // Past the capture of the test's output: the seed is to be seen in every run.
    let _ = writeln!(std::io::stderr(), "schemathesis with seed {seed}");
    let output = tokio::task::spawn_blocking(move || command.output().expect("schemathesis runs"))
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "seed {seed}:\n{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tally = std::fs::read_to_string(tally).expect("a tally");
    let tally: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&tally).unwrap();
    let total: u64 = tally.values().flat_map(BTreeMap::values).sum();
    let _ = writeln!(std::io::stderr(), "schemathesis: {total} requests");
    for (operation, statuses) in &tally {
        println!("  {operation}: {statuses:?}");
    }
    assert!(total >= REQUESTS_MIN, "only {total} requests");
    let document = server.anonymous().get("/api/v2/openapi.json").await;
    let paths = &document.expect(200).json["paths"];
    let paths = paths.as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let examples: u64 = examples.parse().unwrap();
    let mut odd = Vec::new();
    for operation in operations {
        let id = operation["operationId"].as_str().unwrap();
        let statuses = tally.get(id).cloned().unwrap_or_default();
        let count = |start: char| -> u64 {
            let some = statuses
                .iter()
                .filter(|(status, _)| status.starts_with(start));
            some.map(|(_, count)| count).sum()
        };
        let (all, successes) = (statuses.values().sum::<u64>(), count('2'));
        // Where nothing can be varied, there are few requests.
        let varied = [&operation["parameters"], &operation["requestBody"]];
        let least = if varied.iter().all(|part| **part == Value::Null) {
            1
        } else {
            examples
        };
        let never = NEVER_SUCCEED.contains(&id);
        let succeeds = if never {
            successes == 0
        } else {
            successes * SUCCESS_ONE_IN >= all
        };
        if all < least || !succeeds || statuses.contains_key("429") {
            odd.push(format!("{id}: {statuses:?}"));
        }
    }
    assert_eq!(
        odd,
        [] as [&str; 0],
        "seed {seed}: too few requests, or blind ones"
    );
    // The server is as well as before.
    server.owner().get("/api/v2/members/me").await.expect(200);
}
