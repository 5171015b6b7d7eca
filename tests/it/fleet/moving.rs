//! From one node with its files to a fleet: export, import, and the same hashes.

use keyledger_test_postgres::{connect, fresh_database};
use serde_json::json;
use sqlx::Executor as _;

use crate::support::{Server, make_token, run, run_with};

fn line<'a>(printed: &'a str, word: &str) -> &'a str {
    let found = printed.lines().find(|line| line.starts_with(word));
    found.unwrap_or_else(|| panic!("no {word} in {printed}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_moves_from_sqlite_to_postgres_with_equal_hashes() {
    let mut old = Server::start().await;
    let (member, ann) = old.member("ann@example.com", "writer").await;
    let (_, personal) = make_token(&ann, json!({"role": "reader", "name": "ann's"})).await;
    let (gone, dead) = make_token(&old.owner(), json!({"role": "reader"})).await;
    old.owner()
        .delete(&format!("/api/v2/tokens/{gone}"))
        .await
        .expect(204);
    let owner = old.owner_secret().to_owned();
    old.stop().await;
    let data = old.data();
    let file = data.join("export.jsonl");
    let file = file.to_str().unwrap();
    let (success, _, error) = run(&data, &["audit", "export", file]);
    assert!(success, "{error}");
    let (_, before, _) = run(&data, &["verify-log"]);

    let url = fresh_database().await;
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", url.as_str())];
    let keys = data.join("keys.db");
    let import = ["audit", "import", "--keys", keys.to_str().unwrap(), file];
    let (success, printed, error) = run_with(folder.path(), &env, &import);
    assert!(success, "{error}");
    assert_eq!(line(&printed, "keys"), "keys     2");
    let (success, after, error) = run_with(folder.path(), &env, &["verify-log"]);
    assert!(success, "{error}");
    for word in ["events", "streams", "position", "hash"] {
        assert_eq!(line(&before, word), line(&after, word));
    }
    // Once more: it is found to be there.
    let (success, _, error) = run_with(folder.path(), &env, &import);
    assert!(success, "{error}");

    std::fs::copy(data.join("pepper"), folder.path().join("pepper")).unwrap();
    let pepper = folder.path().join("pepper");
    let new = Server::start_anyhow(&[
        ("DATABASE_URL", &url),
        ("KEYLEDGER_PEPPER_FILE", pepper.to_str().unwrap()),
    ])
    .await;
    assert_eq!(new.stdout(), "", "it is no first start");
    for (secret, status) in [(&owner, 200), (&personal, 200), (&dead, 401)] {
        let itself = new.anonymous().token(secret);
        itself.get("/api/v2/caller-identity").await.expect(status);
    }
    let found = new
        .anonymous()
        .token(&owner)
        .get(&format!("/api/v2/members/{member}"))
        .await;
    assert_eq!(found.expect(200).text("/email"), "ann@example.com");
    new.sign_in("ann@example.com")
        .await
        .get("/api/v2/caller-identity")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_was_interrupted_goes_on_and_another_log_is_refused() {
    let mut old = Server::start().await;
    for _ in 0..5 {
        make_token(&old.owner(), json!({"role": "reader"})).await;
    }
    old.stop().await;
    let data = old.data();
    let whole = data.join("export.jsonl");
    let (success, _, error) = run(&data, &["audit", "export", whole.to_str().unwrap()]);
    assert!(success, "{error}");
    let text = std::fs::read_to_string(&whole).unwrap();
    // What is left of an export that was cut off is refused, but its events are there.
    let part = data.join("part.jsonl");
    let lines: Vec<&str> = text.lines().take(5).collect();
    std::fs::write(&part, lines.join("\n") + "\n").unwrap();
    let url = fresh_database().await;
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", url.as_str())];
    let import = |file: &std::path::Path| {
        run_with(
            folder.path(),
            &env,
            &["audit", "import", file.to_str().unwrap()],
        )
    };
    assert!(!import(&part).0);
    let (success, printed, error) = import(&whole);
    assert!(success, "{error}");
    assert_eq!(line(&printed, "events"), "events   8");

    let mut other = Server::start().await;
    for _ in 0..9 {
        make_token(&other.owner(), json!({"role": "reader"})).await;
    }
    other.stop().await;
    let theirs = other.data().join("export.jsonl");
    let (success, _, error) = run(
        &other.data(),
        &["audit", "export", theirs.to_str().unwrap()],
    );
    assert!(success, "{error}");
    let (success, _, error) = import(&theirs);
    assert!(
        !success && error.contains("the database holds another log"),
        "{error}"
    );
    let mut database = connect(&url).await;
    let count = database
        .fetch_one("SELECT count(*) FROM keyledger.event")
        .await
        .unwrap();
    assert_eq!(sqlx::Row::get::<i64, _>(&count, 0), 8);
}
