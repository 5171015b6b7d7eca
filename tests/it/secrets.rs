//! No secret, password or cookie is in any file that the server writes.

use std::path::Path;

use serde_json::json;

use crate::support::{Server, in_seconds, make_token};

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
    let server = Server::start_with(&[("KEYLEDGER_LOG", "debug")]).await;
    let owner = server.owner();
    let mut secrets = vec![server.owner_secret().to_owned()];
    let (_, session) = server.member("findable@example.com", "writer").await;
    secrets.push("the password of findable@example.com".to_owned());
    let cookie = session.request(reqwest::Method::GET, "/").build().unwrap();
    let cookie = cookie.headers()["cookie"].to_str().unwrap().to_owned();
    secrets.push(cookie.split_once('=').unwrap().1.to_owned());
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

    let mut found = Vec::new();
    files(server.data().parent().unwrap(), &mut found);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    for part in [
        "log.db",
        "log.db-wal",
        "projections.db",
        "sessions.db",
        "stderr.0",
        "pepper",
    ] {
        assert!(
            names.iter().any(|name| name.contains(part)),
            "no {part} in {names:?}"
        );
    }
    assert!(secrets.len() >= 20);
    for (name, bytes) in &found {
        for secret in &secrets {
            let owners_line = name.ends_with("stdout.0") && secret == server.owner_secret();
            assert!(
                owners_line || !contains(bytes, secret),
                "{secret} is in {name}"
            );
        }
    }
    // The search does find what is there.
    let holds = |part: &str, text: &str| {
        found
            .iter()
            .any(|(name, bytes)| name.contains(part) && contains(bytes, text))
    };
    assert!(holds("log.db", "findable token 3") && holds("stderr", "/api/v2/tokens"));
}
