//! `kill -9` in the middle of many writers: nothing acknowledged is lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::sync::Mutex;

use crate::support::{Api, Server, run};

const WRITERS: usize = 64;
const ROUNDS: usize = 3;

/// What one writer was told.
#[derive(Debug, Clone)]
enum Acknowledged {
    Created {
        id: String,
        secret: String,
        position: i64,
    },
    Deleted {
        id: String,
        position: i64,
    },
    Invited {
        id: String,
        position: i64,
    },
}

impl Acknowledged {
    fn position(&self) -> i64 {
        match self {
            Self::Created { position, .. }
            | Self::Deleted { position, .. }
            | Self::Invited { position, .. } => *position,
        }
    }
}

/// Writes until the server is gone, and notes each answer.
async fn write(
    writer: usize,
    round: usize,
    api: Api,
    seen: Arc<Mutex<Vec<Acknowledged>>>,
    stop: Arc<AtomicBool>,
) {
    for count in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let (created, path) = if count % 8 == 7 {
            (false, "/api/v2/members")
        } else {
            (true, "/api/v2/tokens")
        };
        let name = format!("w{writer}-r{round}-{count}");
        let form = if created {
            json!({"role": "reader", "name": name})
        } else {
            json!([{"email": format!("{name}@example.com")}])
        };
        let Ok(answer) = Api::try_send(api.request(Method::POST, path).json(&form)).await else {
            return;
        };
        if answer.status != 201 {
            assert_eq!(answer.status, 503, "{}", answer.body);
            continue;
        }
        let position = answer.position();
        let one = if created {
            Acknowledged::Created {
                id: answer.text("/_id"),
                secret: answer.text("/token"),
                position,
            }
        } else {
            Acknowledged::Invited {
                id: answer.text("/items/0/_id"),
                position,
            }
        };
        seen.lock().await.push(one.clone());
        if let (Acknowledged::Created { id, .. }, true) = (&one, count % 5 == 4) {
            let path = format!("/api/v2/tokens/{id}");
            let Ok(answer) = Api::try_send(api.request(Method::DELETE, &path)).await else {
                // It may have happened or not: nothing is known of this token.
                seen.lock()
                    .await
                    .retain(|other| other.position() != position);
                return;
            };
            if answer.status == 204 {
                let mut seen = seen.lock().await;
                seen.retain(|other| other.position() != position);
                seen.push(Acknowledged::Deleted {
                    id: id.clone(),
                    position: answer.position(),
                });
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_command_survives_kill_9_among_64_writers() {
    let mut server = Server::start().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    for round in 0..ROUNDS {
        let stop = Arc::new(AtomicBool::new(false));
        let before = seen.lock().await.len();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                tokio::spawn(write(
                    writer,
                    round,
                    server.owner(),
                    Arc::clone(&seen),
                    Arc::clone(&stop),
                ))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        server.kill();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.expect("no writer saw a wrong answer");
        }
        assert!(
            seen.lock().await.len() > before + WRITERS,
            "too few writes to mean anything"
        );
        server.start_again().await;

        let (success, printed, error) = run(&server.data(), &["verify-log"]);
        assert!(success, "{error}");
        let field = |name: &str| -> i64 {
            let line = printed.lines().find_map(|line| line.strip_prefix(name));
            line.expect("a line").trim().parse().expect("a number")
        };
        assert_eq!(field("events"), field("position"), "positions are dense");
        check(&server, &seen.lock().await, field("position")).await;
    }
}

/// Everything that was acknowledged is there.
async fn check(server: &Server, seen: &[Acknowledged], head: i64) {
    let owner = server.owner();
    let mut positions = BTreeSet::new();
    for one in seen {
        assert!(
            one.position() <= head,
            "position {} was acknowledged, the log ends at {head}",
            one.position()
        );
        assert!(
            positions.insert(one.position()),
            "two commands were told one position"
        );
        match one {
            Acknowledged::Created { id, secret, .. } => {
                let token = owner.get(&format!("/api/v2/tokens/{id}")).await.expect(200);
                assert!(secret.ends_with(&token.text("/token")));
                let itself = server.anonymous().token(secret);
                assert_eq!(
                    itself
                        .get("/api/v2/caller-identity")
                        .await
                        .expect(200)
                        .text("/tokenId"),
                    *id
                );
            }
            Acknowledged::Deleted { id, .. } => {
                owner.get(&format!("/api/v2/tokens/{id}")).await.expect(404);
            }
            Acknowledged::Invited { id, .. } => {
                owner
                    .get(&format!("/api/v2/members/{id}"))
                    .await
                    .expect(200);
            }
        }
    }
    // The SQL projections agree with the log.
    let total = owner
        .get("/api/v2/tokens?limit=1")
        .await
        .expect(200)
        .integer("/totalCount");
    let created = seen
        .iter()
        .filter(|one| matches!(one, Acknowledged::Created { .. }))
        .count();
    assert!(total > i64::try_from(created).unwrap());
}
