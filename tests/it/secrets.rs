//! No secret, password or cookie is in any file that the server writes.

use std::path::Path;

use serde_json::json;

use crate::support::{Server, databases, in_seconds, make_token, password};

/// Every file below a folder, with its bytes.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_secret_reaches_a_file_or_a_log_line() {
    let owner_password = "a password that the owner has";
    let env = [
        ("KEYLEDGER_LOG", "debug"),
        ("KEYLEDGER_OWNER_EMAIL", "o@example.com"),
        ("KEYLEDGER_OWNER_PASSWORD", owner_password),
    ];
    let mut server = Server::start_with(&env).await;
    let owner = server.owner();
    let mut secrets = vec![server.owner_secret().to_owned(), owner_password.to_owned()];
    server.invite("findable@example.com", "writer").await;
    secrets.push(password("findable@example.com"));
    let cookie = server.cookie("findable@example.com").await;
    secrets.push(cookie.split_once('=').unwrap().1.to_owned());
    let session = server
        .anonymous()
        .with("Cookie", &cookie)
        .with("Origin", &server.url());
    let form = json!({"email": "o@example.com", "password": owner_password});
    server.anonymous().post("/session", &form).await.expect(204);
    for index in 0..5 {
        let form = json!({"role": "reader", "name": format!("findable token {index}")});
        let (id, secret) = make_token(&session, form).await;
        secrets.push(secret);
        let keyed = session.with("Idempotency-Key", &format!("key-{index}"));
        let reset = format!("/api/v2/tokens/{id}/reset?expiry={}", in_seconds(600));
        secrets.push(keyed.post_nothing(&reset).await.expect(200).text("/token"));
        let clone = session
            .post_nothing(&format!("/api/v2/tokens/{id}/clone"))
            .await;
        secrets.push(clone.expect(201).text("/token"));
    }
    // Wrong credentials and bad bodies are where secrets leak into errors.
    let wrong = "api-wrongwro-ngwr-4ong-wron-gwrongwrongw";
    secrets.push(wrong.to_owned());
    server
        .anonymous()
        .token(wrong)
        .get("/api/v2/tokens")
        .await
        .expect(401);
    let form = json!({"email": "findable@example.com", "password": "a wrong password here"});
    secrets.push("a wrong password here".to_owned());
    server.anonymous().post("/session", &form).await.expect(401);
    let form = json!([{"email": "bad", "password": "a password in a bad form"}]);
    secrets.push("a password in a bad form".to_owned());
    let answer = owner.post("/api/v2/members", &form).await.expect(400);
    assert!(!answer.body.contains("bad form"));
    owner
        .get(&format!("/api/v2/tokens?token={}", secrets[0]))
        .await
        .expect(200);
    let bearer = format!("Bearer {}", secrets[0]);
    let itself = server.anonymous().token(&bearer);
    itself.get("/api/v2/caller-identity").await.expect(200);
    // What is sent where it does not belong stays out as well: a secret in place of an id,
    // a body that is no form.
    let misplaced = server.owner_secret().to_owned();
    for path in [
        format!("/api/v2/tokens/{misplaced}"),
        format!("/api/v2/members/{misplaced}"),
        format!("/api/v2/roles/{misplaced}"),
        format!("/{misplaced}"),
    ] {
        owner.get(&path).await.expect(404);
    }
    owner.post("/session", &json!(misplaced)).await.expect(400);
    owner
        .post("/api/v2/tokens", &json!({"expiry": misplaced}))
        .await
        .expect(400);
    // Once more over a restart: what a start logs and writes counts too.
    server.kill();
    server.start_again().await;
    server.owner().get("/api/v2/tokens").await.expect(200);

    let mut found = Vec::new();
    files(server.data().parent().unwrap(), &mut found);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    for part in [
        "log.db",
        "log.db-wal",
        "projections.db",
        "sessions.db",
        "stderr.0",
        "stderr.1",
        "pepper",
    ] {
        assert!(
            names.iter().any(|name| name.contains(part)),
            "no {part} in {names:?}"
        );
    }
    assert!(secrets.len() >= 20);
    let line = format!("owner token: {}\n", server.owner_secret());
    for (name, bytes) in &mut found {
        if name.ends_with("stdout.0") {
            assert_eq!(String::from_utf8_lossy(bytes), line);
            bytes.clear();
        }
    }
    // The values as well, payloads of events among them: in a file they may be spread over pages.
    let values = databases(&server.data()).await;
    let mut leaks = Vec::new();
    for (name, bytes) in found.iter().chain(&values) {
        for secret in &secrets {
            // Neither as it was sent nor without the prefix.
            let bare = secret.strip_prefix("api-").unwrap_or(secret);
            if contains(bytes, bare) {
                leaks.push(format!("{secret} is in {name}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    // The search does find what is there.
    let holds = |part: &str, text: &str| {
        found
            .iter()
            .any(|(name, bytes)| name.contains(part) && contains(bytes, text))
    };
    assert!(holds("log.db", "findable token 3") && holds("stderr", "/api/v2/tokens"));
    let value = |place: &str, text: &str| {
        values
            .iter()
            .any(|(name, bytes)| name.ends_with(place) && contains(bytes, text))
    };
    assert!(value(":event.payload", "findable token 3"));
    // Hashes of passwords are sealed with the person.
    assert!(!value(":event.payload", "$argon2id$"));
    assert!(value(":command_receipt.idempotency_key", "key-3"));
    assert!(values.iter().any(|(name, _)| name.contains("sessions.db")));
}
