//! `keyledger audit`, beside a running server.

use serde_json::json;

use crate::support::{Server, make_role, make_token, run};

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

#[tokio::test]
async fn an_export_is_verified_offline_imported_and_proved() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, secret) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    server.invite("ada@acme.test", "writer").await;
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (exported, note, proof) = (path("log.jsonl"), path("note"), path("proof.json"));
    let print = |arguments: &[&str]| {
        let (done, printed, error) = audit(&server, arguments);
        assert!(done, "{arguments:?}: {error}");
        printed
    };
    std::fs::write(&note, print(&["checkpoint"])).unwrap();
    let key = print(&["public-key"]);
    let key = key.trim();
    assert_eq!(key, print(&["public-key"]).trim(), "the key stays");
    print(&["export", &exported]);
    let text = std::fs::read_to_string(&exported).unwrap();
    assert!(!text.contains(&secret));
    assert_eq!(text.lines().count() as i64, 1 + server.position().await);
    let vouched = [
        "verify",
        &exported,
        "--public-key",
        key,
        "--checkpoint",
        &note,
    ];
    assert!(print(&vouched).contains("the log is whole, as its key vouches"));
    let (done, _, error) = audit(&server, &["export", &exported]);
    assert!(!done && error.contains("exists"), "{error}");

    // One event alone.
    std::fs::write(&proof, print(&["prove", "3"])).unwrap();
    let verified = ["verify-proof", &proof, "--public-key", key];
    assert!(print(&verified).contains("position 3 of"));
    let forged = std::fs::read_to_string(&proof).unwrap();
    let place = forged.find("token.created").unwrap();
    let forged = format!("{}role.created{}", &forged[..place], &forged[place + 13..]);
    std::fs::write(&proof, forged).unwrap();
    let (done, _, error) = audit(&server, &verified);
    assert!(!done && error.contains("the record"), "{error}");

    // Changes are found, the first bad record is named.
    let lines: Vec<&str> = text.lines().collect();
    let cut = path("cut.jsonl");
    std::fs::write(&cut, lines[..4].join("\n")).unwrap();
    let (done, _, error) = audit(&server, &["verify", &cut]);
    assert!(
        !done && error.contains("position 4: missing: the header says"),
        "{error}"
    );
    let edited = text.replacen("\"time\":1", "\"time\":2", 1);
    std::fs::write(&cut, edited).unwrap();
    let (done, _, error) = audit(&server, &["verify", &cut]);
    assert!(!done && error.contains("position 1: "), "{error}");

    // Into an empty store: the same state, the same hashes, and it runs.
    let folder = tempfile::tempdir().unwrap();
    let import = |file: &str| {
        run(
            folder.path(),
            &[
                "audit",
                "import",
                file,
                "--public-key",
                key,
                "--checkpoint",
                &note,
            ],
        )
    };
    let (done, _, error) = import(&cut);
    assert!(!done && error.contains("position 1: "), "{error}");
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing half-made is left"
    );
    let (done, printed, error) = import(&exported);
    assert!(done && printed.contains("the log is there"), "{error}");
    let (done, _, error) = import(&exported);
    assert!(!done && error.contains("there is a log already"), "{error}");
    // Nobody has a name there until the keys are carried over.
    let (done, state, error) = run(folder.path(), &["replay"]);
    assert!(done && state.contains("@erased.invalid"), "{error}");
    assert!(!state.contains("ada@acme.test"));
    for name in ["keys.db", "keys.db-wal"] {
        std::fs::copy(server.data().join(name), folder.path().join(name)).unwrap();
    }
    for command in ["verify-log", "replay"] {
        let here = run(&server.data(), &[command]);
        assert!(here.0, "{}", here.2);
        assert_eq!(run(folder.path(), &[command]), here);
    }
    let again = path("again.jsonl");
    let (done, _, error) = run(folder.path(), &["audit", "export", &again]);
    assert!(done, "{error}");
    assert_eq!(std::fs::read_to_string(&again).unwrap(), text);
}

#[tokio::test]
async fn a_server_runs_on_an_imported_log_and_keeps_what_is_unique() {
    let mut server = Server::start().await;
    make_role(&server.owner(), "ops", &["view*"], &["*"]).await;
    server.invite("ada@acme.test", "writer").await;
    let files = tempfile::tempdir().unwrap();
    let exported = files.path().join("log.jsonl");
    let exported = exported.to_str().unwrap();
    assert!(audit(&server, &["export", exported]).0);
    server.kill();
    for name in [
        "log.db",
        "log.db-wal",
        "log.db-shm",
        "projections.db",
        "past.db",
    ] {
        let _absent = std::fs::remove_file(server.data().join(name));
    }
    let (done, _, error) = audit(&server, &["import", exported]);
    assert!(done, "{error}");
    server.start_again().await;
    let owner = server.owner();
    owner.get("/api/v2/roles/ops").await.expect(200);
    let again = json!([{"email": "Ada@acme.test", "role": "reader"}]);
    owner.post("/api/v2/members", &again).await.expect(400);
    let again = json!({"key": "ops", "name": "Ops", "policy": []});
    owner.post("/api/v2/roles", &again).await.expect(409);
    make_token(&owner, json!({"role": "reader"})).await;
    assert!(audit(&server, &["checkpoint"]).0);
}
