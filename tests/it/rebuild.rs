//! `keyledger projections rebuild tables` beside a server that goes on.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use crate::support::{Api, Server, binary, make_token, run};

/// Clients that make tokens all the time.
const CLIENTS: usize = 6;

/// Whatever a person would compare: all tokens and all entries, without the file's own facts.
async fn rows(server: &Server) -> Vec<String> {
    let options = SqliteConnectOptions::new()
        .filename(server.data().join("projections.db"))
        .read_only(true);
    let mut file = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar(
        "SELECT token_id || name || version || last_position FROM token \
         UNION ALL SELECT 'entry ' || position || resource || actor_kind FROM audit_entry ORDER BY 1",
    )
    .fetch_all(&mut file)
    .await
    .unwrap()
}

/// How many tokens there are.
async fn total(owner: &Api) -> i64 {
    let listed = owner.get("/api/v2/tokens?limit=1").await.expect(200);
    listed.integer("/totalCount")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_rebuilt_while_clients_write_and_read() {
    let server = Arc::new(Server::start().await);
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (server, stop) = (Arc::clone(&server), Arc::clone(&stop));
            tokio::spawn(async move {
                let owner = server.owner();
                let mut made = 0_i64;
                while !stop.load(Ordering::SeqCst) {
                    let name = format!("{client} {made}");
                    let (id, _) = make_token(&owner, json!({"role": "reader", "name": name})).await;
                    made += 1;
                    // What was written is read at once, by its id and in the list.
                    owner.get(&format!("/api/v2/tokens/{id}")).await.expect(200);
                    assert!(total(&owner).await > made);
                }
                made
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;

    // One that is killed in its beginnings, and one that goes on.
    let mut killed = Command::new(binary())
        .args(["projections", "rebuild", "tables"])
        .env("KEYLEDGER_DATA_DIR", server.data())
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    let data = server.data().to_owned();
    let rebuilt = move || run(&data, &["projections", "rebuild", "tables"]);
    let (done, out, error) = tokio::task::spawn_blocking(rebuilt).await.unwrap();
    assert!(done, "{error}");
    assert!(
        out.starts_with("generation ") && out.ends_with(" is in use\n"),
        "{out}"
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    stop.store(true, Ordering::SeqCst);
    let mut made = 0;
    for client in clients {
        made += client.await.unwrap();
    }
    assert!(made > CLIENTS as i64, "{made} tokens");

    // Nothing is missing, for REST and for analysts; and computed once more it is the same.
    let owner = server.owner();
    assert_eq!(total(&owner).await, made + 1);
    let before = rows(&server).await;
    let again = run(&server.data(), &["projections", "rebuild", "tables"]);
    assert!(again.0, "{}", again.2);
    assert_eq!(rows(&server).await, before);
    assert_eq!(total(&owner).await, made + 1);
    make_token(&owner, json!({"role": "reader", "name": "last"})).await;
    assert_eq!(total(&owner).await, made + 2);
}

#[tokio::test]
async fn a_server_starts_with_rebuilt_tables_and_removes_the_old_ones() {
    let mut server = Server::start().await;
    let owner = server.owner();
    make_token(&owner, json!({"role": "reader", "name": "kept"})).await;
    server.kill();
    let (done, out, error) = run(&server.data(), &["projections", "rebuild", "tables"]);
    assert!(done, "{error}");
    assert!(out.starts_with("generation 2 "), "{out}");
    let (done, out, _) = run(&server.data(), &["projections", "rebuild", "tables"]);
    assert!(done && out.starts_with("generation 3 "), "{out}");
    server.start_again().await;
    let owner = server.owner();
    assert_eq!(total(&owner).await, 2);
    let left: Vec<String> = std::fs::read_dir(server.data())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            name.starts_with("projections") && !name.contains("-wal") && !name.contains("-shm")
        })
        .collect();
    let has = |name: &str| left.iter().any(|found| found == name);
    assert!(
        has("projections.db") && has("projections-3.db") && !has("projections-2.db"),
        "{left:?}"
    );
    let (done, _, error) = run(&server.data(), &["projections", "rebuild", "views"]);
    assert!(!done && error.contains("tables"), "{error}");
}
