//! `kill -9` in the middle of many writers: nothing acknowledged is lost, and nothing is half there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::support::{Answer, Api, Server, run, stored_events};

const WRITERS: usize = 64;
const ROUNDS: usize = 3;

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

/// Sends one write; none when the server is gone or does not know what became of it.
async fn attempt(api: &Api, method: Method, path: &str, body: Option<&Value>) -> Option<Answer> {
    let request = api.request(method, path);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = Api::try_send(request).await.ok()?;
    if answer.status == 503 {
        return None;
    }
    assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    Some(answer)
}

async fn note(seen: &Mutex<Seen>, answer: &Answer, id: &str, kind: &'static str) {
    let position = answer.position();
    let id = id.to_owned();
    seen.lock()
        .await
        .writes
        .push(Acknowledged { position, id, kind });
}

/// Creates, resets and deletes tokens and invites members until the server is gone.
async fn write(writer: usize, round: usize, api: Api, seen: Arc<Mutex<Seen>>) -> Option<()> {
    for count in 0.. {
        let name = format!("w{writer}-r{round}-{count}");
        if count % 8 == 7 {
            let form = json!([{"email": format!("{name}@example.com")}]);
            let invited = attempt(&api, Method::POST, "/api/v2/members", Some(&form)).await?;
            let id = invited.text("/items/0/_id");
            note(&seen, &invited, &id, "member.invited").await;
            seen.lock().await.members.insert(id);
            continue;
        }
        let form = json!({"role": "reader", "name": name});
        let made = attempt(&api, Method::POST, "/api/v2/tokens", Some(&form)).await?;
        let id = made.text("/_id");
        note(&seen, &made, &id, "token.created").await;
        let known = Known {
            secret: Some(made.text("/token")),
            ..Known::default()
        };
        seen.lock().await.tokens.insert(id.clone(), known);
        let path = format!("/api/v2/tokens/{id}");
        if count % 3 == 1 {
            let reset = format!("{path}/reset");
            unsure(&seen, &id, true).await;
            let answer = attempt(&api, Method::POST, &reset, None).await?;
            note(&seen, &answer, &id, "token.reset").await;
            let mut seen = seen.lock().await;
            let known = seen.tokens.get_mut(&id)?;
            let old = known.secret.replace(answer.text("/token"));
            known.dead.extend(old);
            known.unsure = false;
        }
        if count % 5 == 4 {
            unsure(&seen, &id, true).await;
            let answer = attempt(&api, Method::DELETE, &path, None).await?;
            note(&seen, &answer, &id, "token.deleted").await;
            let mut seen = seen.lock().await;
            let known = seen.tokens.get_mut(&id)?;
            known.dead.extend(known.secret.take());
            known.deleted = true;
            known.unsure = false;
        }
    }
    None
}

async fn unsure(seen: &Mutex<Seen>, id: &str, unsure: bool) {
    if let Some(known) = seen.lock().await.tokens.get_mut(id) {
        known.unsure = unsure;
    }
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
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        let running = writers.iter().filter(|writer| !writer.is_finished());
        assert_eq!(running.count(), WRITERS, "the kill comes among all writers");
        server.kill();
        for writer in writers {
            writer.await.expect("no writer saw a wrong answer");
        }
        let seen = seen.lock().await;
        let made: BTreeSet<&str> = seen.writes[before..].iter().map(|one| one.kind).collect();
        assert_eq!(made.len(), 4, "every kind of write happened: {made:?}");
        assert!(
            seen.writes.len() > before + 2 * WRITERS,
            "too few writes to mean anything"
        );
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
