//! `kill -9` in the middle of many writers: nothing acknowledged is lost, and nothing is half there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::support::{Answer, Api, Server, run, stored_events};

const WRITERS: usize = 64;
const ROUNDS: usize = 3;
/// How many writes are acknowledged before the kill.
const ENOUGH: usize = 8 * WRITERS;
/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// One write that was acknowledged.
#[derive(Debug, Clone)]
struct Acknowledged {
    position: i64,
    /// The token or member that it was about.
    id: String,
    /// The event that it must have left.
    kind: &'static str,
}

/// What is known of one token after the last answer about it.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The secret that works, unless deleted.
    secret: Option<String>,
    /// Secrets that a reset ended.
    dead: Vec<String>,
    deleted: bool,
    /// A request about it was cut off or its outcome is not known: it may have happened or not.
    unsure: bool,
}

#[derive(Debug, Default)]
struct Seen {
    writes: Vec<Acknowledged>,
    tokens: BTreeMap<String, Known>,
    members: BTreeSet<String>,
}

/// The server is gone in the middle of a request.
struct Gone;

/// Sends one write. None: it was refused for the moment, or it is not known what became of it.
async fn attempt(
    api: &Api,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Option<Answer>, Gone> {
    let request = api.request(method, path);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = Api::try_send(request).await.map_err(|_| Gone)?;
    if answer.status == 503 {
        return Ok(None);
    }
    assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    Ok(Some(answer))
}

impl Seen {
    fn note(&mut self, answer: &Answer, id: &str, kind: &'static str) {
        self.writes.push(Acknowledged {
            position: answer.position(),
            id: id.to_owned(),
            kind,
        });
    }

    fn token(&mut self, id: &str) -> &mut Known {
        self.tokens.entry(id.to_owned()).or_default()
    }
}

/// Creates, resets and deletes tokens and invites members until the server is gone.
async fn write(writer: usize, round: usize, api: Api, seen: Arc<Mutex<Seen>>) -> Gone {
    for count in 0.. {
        if let Err(gone) = write_one(writer, round, count, &api, &seen).await {
            return gone;
        }
    }
    Gone
}

async fn write_one(
    writer: usize,
    round: usize,
    count: usize,
    api: &Api,
    seen: &Mutex<Seen>,
) -> Result<(), Gone> {
    let name = format!("w{writer}-r{round}-{count}");
    let turn = writer + count;
    if turn % 8 == 7 {
        let form = json!([{"email": format!("{name}@example.com")}]);
        let answer = attempt(api, Method::POST, "/api/v2/members", Some(&form)).await?;
        if let Some(invited) = answer {
            let id = invited.text("/items/0/_id");
            let mut seen = seen.lock().await;
            seen.note(&invited, &id, "member.invited");
            seen.members.insert(id);
        }
        return Ok(());
    }
    let form = json!({"role": "reader", "name": name});
    let answer = attempt(api, Method::POST, "/api/v2/tokens", Some(&form)).await?;
    let Some(made) = answer else { return Ok(()) };
    let id = made.text("/_id");
    {
        let mut seen = seen.lock().await;
        seen.note(&made, &id, "token.created");
        seen.token(&id).secret = Some(made.text("/token"));
    }
    let path = format!("/api/v2/tokens/{id}");
    if turn % 3 == 1 {
        seen.lock().await.token(&id).unsure = true;
        let reset = format!("{path}/reset");
        let answer = attempt(api, Method::POST, &reset, None).await?;
        let Some(answer) = answer else { return Ok(()) };
        let mut seen = seen.lock().await;
        seen.note(&answer, &id, "token.reset");
        let known = seen.token(&id);
        let old = known.secret.replace(answer.text("/token"));
        known.dead.extend(old);
        known.unsure = false;
    }
    if turn % 5 == 4 {
        seen.lock().await.token(&id).unsure = true;
        let answer = attempt(api, Method::DELETE, &path, None).await?;
        let Some(answer) = answer else { return Ok(()) };
        let mut seen = seen.lock().await;
        seen.note(&answer, &id, "token.deleted");
        let known = seen.token(&id);
        let old = known.secret.take();
        known.dead.extend(old);
        known.deleted = true;
        known.unsure = false;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_command_survives_kill_9_among_64_writers() {
    let mut server = Server::start().await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    for round in 0..ROUNDS {
        let before = seen.lock().await.writes.len();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(writer, round, server.owner(), Arc::clone(&seen))))
            .collect();
        // Until there is enough to lose, however slow the machine is.
        let start = Instant::now();
        while seen.lock().await.writes.len() < before + ENOUGH {
            assert!(
                start.elapsed() < PATIENCE,
                "too few writes to mean anything"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let running = writers.iter().filter(|writer| !writer.is_finished());
        assert_eq!(running.count(), WRITERS, "the kill comes among all writers");
        server.kill();
        for writer in writers {
            writer.await.expect("no writer saw a wrong answer");
        }
        let seen = seen.lock().await;
        let made: BTreeSet<&str> = seen.writes[before..].iter().map(|one| one.kind).collect();
        assert_eq!(made.len(), 4, "every kind of write happened: {made:?}");
        // The files alone, before any server has mended them.
        stored(&server, &seen).await;
        server.start_again().await;
        stored(&server, &seen).await;
        served(&server, &seen).await;
        agree(&server).await;
    }
}

/// Every acknowledged write is an event at its position, and the positions have no gap.
async fn stored(server: &Server, seen: &Seen) {
    let (success, printed, error) = run(&server.data(), &["verify-log"]);
    assert!(success && printed.contains("the log is whole"), "{error}");
    let events = stored_events(&server.data()).await;
    let positions = events.iter().map(|event| event.position);
    assert!(
        positions.eq(1..=i64::try_from(events.len()).unwrap()),
        "positions are dense"
    );
    let mut positions = BTreeSet::new();
    for one in &seen.writes {
        assert!(positions.insert(one.position), "{} twice", one.position);
        let index = usize::try_from(one.position - 1).unwrap();
        let event = events
            .get(index)
            .unwrap_or_else(|| panic!("{one:?} is lost; the log ends at {}", events.len()));
        assert_eq!(
            (event.about.as_str(), event.kind.as_str()),
            (one.id.as_str(), one.kind),
            "position {}",
            one.position
        );
    }
}

/// Every acknowledged write is what the API answers.
async fn served(server: &Server, seen: &Seen) {
    let owner = server.owner();
    let works = async |secret: &str| {
        let itself = server.anonymous().token(secret);
        itself.get("/api/v2/caller-identity").await
    };
    for (id, known) in seen.tokens.iter().filter(|(_, known)| !known.unsure) {
        let found = owner.get(&format!("/api/v2/tokens/{id}")).await;
        match &known.secret {
            Some(secret) => {
                assert!(secret.ends_with(&found.expect(200).text("/token")));
                assert_eq!(works(secret).await.expect(200).text("/tokenId"), *id);
            }
            None => {
                assert!(known.deleted);
                found.expect(404);
            }
        }
        for dead in &known.dead {
            works(dead).await.expect(401);
        }
    }
    for id in &seen.members {
        owner
            .get(&format!("/api/v2/members/{id}"))
            .await
            .expect(200);
    }
}

/// The tables that lists are read from hold exactly what a fold of the log holds.
async fn agree(server: &Server) {
    let owner = server.owner();
    let (success, printed, error) = run(&server.data(), &["replay"]);
    assert!(success, "{error}");
    for (path, word) in [
        ("/api/v2/tokens?showAll=true&limit=1000", "token "),
        ("/api/v2/members?limit=1000", "member "),
    ] {
        let folded: BTreeSet<String> = printed
            .lines()
            .filter(|line| !line.ends_with(" deleted") && !line.ends_with(" removed"))
            .filter_map(|line| line.strip_prefix(word))
            .filter(|line| !line.ends_with(" deleted") && !line.ends_with(" removed"))
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        let total = i64::try_from(folded.len()).unwrap();
        let mut listed = BTreeSet::new();
        let mut next = Some(path.to_owned());
        while let Some(href) = next {
            let page = owner.get(&href).await.expect(200);
            assert_eq!(page.integer("/totalCount"), total, "{path}");
            listed.extend(page.items("_id"));
            let link = page.json["_links"]["next"]["href"].as_str();
            next = link.map(str::to_owned);
        }
        assert_eq!(listed, folded, "{path}");
    }
}
