//! `keyledger member erase`: who somebody was is nowhere any more, and the log stays what it is.

use serde_json::{Value, json};

use crate::support::{Api, Server, databases, make_token, password, run, stored_events};

const EMAIL: &str = "Ada.Lovelace@analytical.test";
const PERSON: [&str; 3] = ["ada.lovelace", "augusta", "kingnoel"];

/// Where a part of the person is found in a data folder: in files as they are, and in values of databases.
async fn traces(server: &Server) -> Vec<String> {
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(server.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    all.extend(databases(&server.data()).await);
    let mut found = Vec::new();
    for (name, bytes) in all {
        let bytes = bytes.to_ascii_lowercase();
        for part in PERSON {
            if bytes
                .windows(part.len())
                .any(|seen| seen == part.as_bytes())
            {
                found.push(format!("{part} in {name}"));
            }
        }
    }
    found
}

/// Everything that REST says of the past and of what happened.
async fn said(owner: &Api, member: &str, at: i64) -> String {
    let mut all = String::new();
    for path in [
        format!("/api/v2/members/{member}?asOf={at}"),
        format!("/api/v2/members?asOf={at}"),
        format!("/api/v2/tokens?showAll=true&asOf={at}"),
        "/api/v2/auditlog?limit=20".to_owned(),
        "/api/v2/events?limit=1000".to_owned(),
        "/api/v2/permission-changes?from=1".to_owned(),
    ] {
        all.push_str(&owner.get(&path).await.expect(200).body.to_lowercase());
    }
    let log: Value = owner.get("/api/v2/auditlog?limit=20").await.json;
    for entry in log["items"].as_array().unwrap() {
        let id = entry["_id"].as_str().unwrap();
        let one = owner
            .get(&format!("/api/v2/auditlog/{id}"))
            .await
            .expect(200);
        all.push_str(&one.body.to_lowercase());
    }
    all
}

async fn person(server: &Server) -> (String, String) {
    let form = json!([{
        "email": EMAIL, "firstName": "Augusta", "lastName": "KingNoel", "role": "writer",
        "password": password(EMAIL),
    }]);
    let made = server
        .owner()
        .post("/api/v2/members", &form)
        .await
        .expect(201);
    let id = made.text("/items/0/_id");
    let ada = server.sign_in(EMAIL).await;
    let (token, _) = make_token(&ada, json!({"role": "writer", "name": "hers"})).await;
    (id, token)
}

#[tokio::test]
async fn an_erased_person_is_found_nowhere_and_the_log_is_whole() {
    let mut server = Server::start().await;
    let owner = server.owner();
    let (id, token) = person(&server).await;
    let at = server.position().await;
    let before = said(&owner, &id, at).await;
    assert!(PERSON.iter().all(|part| before.contains(part)));
    let everywhere = traces(&server).await;
    assert!(
        everywhere
            .iter()
            .any(|found| found.contains("projections.db"))
    );
    // The log never had them in the clear.
    assert!(
        !everywhere.iter().any(|found| found.contains("log.db")),
        "{everywhere:?}"
    );
    let data = server.data();
    let files = tempfile::tempdir().unwrap();
    let (noted, note, error) = run(&data, &["audit", "checkpoint"]);
    assert!(noted, "{error}");
    let checkpoint = files.path().join("note");
    std::fs::write(&checkpoint, note).unwrap();

    // Not while she is a member; then beside the server that runs.
    let (done, _, error) = run(&data, &["member", "erase", EMAIL]);
    assert!(
        !done && error.contains("remove the member first"),
        "{error}"
    );
    owner
        .delete(&format!("/api/v2/members/{id}"))
        .await
        .expect(204);
    let (done, out, error) = run(&data, &["member", "erase", &EMAIL.to_lowercase()]);
    assert!(done, "{error}");
    assert_eq!(out, format!("{id} is erased\n"));
    // The server follows what the command wrote.
    let position = stored_events(&data).await.len();
    let follow = owner.with("X-Keyledger-Min-Position", &position.to_string());
    let after = said(&follow, &id, at).await;
    for part in PERSON {
        assert!(!after.contains(part), "{part} is said");
    }
    let tombstone = format!("erased-{id}@erased.invalid");
    assert!(after.contains(&tombstone));
    assert!(after.contains("member.erased"));
    // What she could do is still known.
    let path = format!("/api/v2/tokens/{token}?asOf={at}");
    assert_eq!(owner.get(&path).await.expect(200).text("/role"), "writer");
    // Called again, by her id, it is done already.
    let (done, out, _) = run(&data, &["member", "erase", &id]);
    assert!(done && out == format!("{id} is erased\n"), "{out}");

    server.kill();
    server.start_again().await;
    let again = said(&server.owner(), &id, at).await;
    assert!(again.contains(&tombstone));
    assert_eq!(traces(&server).await, Vec::<String>::new());

    // Replayed, verified against what was signed before, rebuilt.
    let (done, state, error) = run(&data, &["replay"]);
    assert!(done && state.contains(&tombstone), "{error}");
    let (done, _, error) = run(&data, &["verify-log"]);
    assert!(done, "{error}");
    let exported = files.path().join("log.jsonl");
    let exported = exported.to_str().unwrap();
    assert!(run(&data, &["audit", "export", exported]).0);
    let (_, key, _) = run(&data, &["audit", "public-key"]);
    let checkpoint = checkpoint.to_str().unwrap();
    let verify = [
        "audit",
        "verify",
        exported,
        "--public-key",
        key.trim(),
        "--checkpoint",
        checkpoint,
    ];
    let (done, _, error) = run(&data, &verify);
    assert!(done, "{error}");
    let rows = databases(&data).await;
    let (done, _, error) = run(&data, &["projections", "rebuild", "tables"]);
    assert!(done, "{error}");
    let same = |rows: Vec<(String, Vec<u8>)>| -> Vec<(String, Vec<u8>)> {
        let audit =
            |(name, _): &(String, Vec<u8>)| name.contains("audit_entry") || name.contains("member");
        let mut rows: Vec<_> = rows
            .into_iter()
            .filter(audit)
            .filter(|(name, _)| name.contains("projections"))
            .collect();
        rows.iter_mut()
            .for_each(|(name, _)| *name = name.replace("projections-2", "projections"));
        rows.sort();
        rows.dedup();
        rows
    };
    assert_eq!(same(rows), same(databases(&data).await));

    // She may come back as somebody new, with a key of her own.
    let (back, _) = person(&server).await;
    assert_ne!(back, id);
    let now = server
        .owner()
        .get(&format!("/api/v2/members/{back}"))
        .await
        .expect(200);
    assert_eq!(now.text("/email"), EMAIL);
}

#[tokio::test]
async fn a_log_without_its_keys_is_refused() {
    let mut server = Server::start().await;
    server.kill();
    let (done, _, error) = run(&server.data(), &["member", "erase", "nobody@acme.test"]);
    assert!(!done && error.contains("no removed member"), "{error}");
    for name in ["keys.db", "keys.db-wal", "keys.db-shm"] {
        let _absent = std::fs::remove_file(server.data().join(name));
    }
    let (done, _, error) = run(&server.data(), &["member", "invite", "ada@acme.test"]);
    assert!(
        !done && error.contains("keys of its members are not"),
        "{error}"
    );
    let (done, _, error) = run(&server.data(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        !done && error.contains("keys of its members are not"),
        "{error}"
    );
    // Whoever only reads goes on: everybody is a tombstone.
    let (done, state, _) = run(&server.data(), &["replay"]);
    assert!(done && state.contains("@erased.invalid"), "{state}");
}
