//! `GET /api/v2/events`, as pages and as a stream.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Api, Server, databases, make_token, run};

const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream.
struct Stream {
    response: Response,
    text: String,
}

/// What a stream gave: id, type and data.
#[derive(Debug)]
struct Given {
    id: i64,
    kind: String,
    data: Value,
}

impl Stream {
    async fn open(api: &Api, query: &str, last: Option<i64>) -> Self {
        let mut request = api
            .request(Method::GET, &format!("/api/v2/events{query}"))
            .header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last.to_string());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let media = response.headers()["content-type"].to_str().unwrap();
        assert!(media.starts_with("text/event-stream"), "{media}");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event; none when the stream has ended.
    async fn next(&mut self) -> Option<Given> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let lines = block.lines();
                    let mut values = lines.filter_map(|line| line.strip_prefix(name));
                    values.next().map(|value| value.trim_start().to_owned())
                };
                let Some(id) = field("id:") else { continue };
                return Some(Given {
                    id: id.parse().unwrap(),
                    kind: field("event:").unwrap(),
                    data: serde_json::from_str(&field("data:").unwrap()).unwrap(),
                });
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("something within the time").ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn pages_go_on_from_their_cursor_and_hold_all_events_of_the_account_once() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada, _) = server.member("ada@acme.test", "writer").await;
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "t"})).await;
    owner
        .post_nothing(&format!("/api/v2/tokens/{id}/reset"))
        .await
        .expect(200);
    let other = [
        "account",
        "create",
        "--name",
        "Other",
        "--owner-email",
        "o@other.test",
    ];
    assert!(run(&server.data(), &other).0);
    make_token(&owner, json!({"role": "reader", "name": "last"})).await;

    let mut path = "/api/v2/events?limit=2".to_owned();
    let mut seen: Vec<Value> = Vec::new();
    loop {
        let page = owner.get(&path).await.expect(200).json;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        path = page["_links"]["next"]["href"].as_str().unwrap().to_owned();
        if items.is_empty() {
            assert_eq!(page["_links"]["self"]["href"], path.as_str());
            break;
        }
        seen.extend(items.iter().cloned());
    }
    let kinds: Vec<&str> = seen.iter().map(|e| e["type"].as_str().unwrap()).collect();
    let expected = [
        "account.created",
        "member.invited",
        "token.created",
        "member.invited",
        "token.created",
        "token.reset",
        "token.created",
    ];
    assert_eq!(kinds, expected);
    let positions: Vec<i64> = seen
        .iter()
        .map(|e| e["position"].as_i64().unwrap())
        .collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    assert!(
        positions[6] > positions[5] + 1,
        "another account's stand between"
    );
    let made = &seen[4];
    assert_eq!(made["resourceId"], id.as_str());
    assert_eq!(
        (&made["kind"], &made["version"], &made["actor"]),
        (&json!("token"), &json!(1), &json!("token"))
    );
    assert_eq!(made["data"]["name"], "t");
    assert_eq!(seen[0]["actor"], "operator");
    assert_eq!(seen[3]["resourceId"], ada.as_str());
    assert_eq!(seen[3]["data"]["email"], "ada@acme.test");
    assert_eq!(made["hash"].as_str().unwrap().len(), 64);

    // Nothing that a secret or a password is compared with.
    let all = serde_json::to_string(&seen).unwrap();
    assert!(!all.contains("digest") && !all.contains("argon2") && !all.contains("other.test"));
    // The log has digests to be left out.
    let stored = databases(&server.data()).await;
    let has = |(_, value): &(String, Vec<u8>)| value.windows(7).any(|part| part == b"\xa6digest");
    assert!(stored.iter().any(has));
}

#[tokio::test]
async fn a_stream_gives_what_was_and_what_comes_and_goes_on_after_the_last_one() {
    let mut server = Server::start().await;
    let owner = server.owner();
    let mut stream = Stream::open(&owner, "", None).await;
    let first: Vec<Given> = [
        stream.next().await,
        stream.next().await,
        stream.next().await,
    ]
    .into_iter()
    .map(Option::unwrap)
    .collect();
    assert_eq!(first[0].kind, "account.created");
    assert_eq!(first.iter().map(|e| e.id).collect::<Vec<_>>(), [1, 2, 3]);
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "while it looks"})).await;
    let given = stream.next().await.unwrap();
    assert_eq!((given.id, given.kind.as_str()), (4, "token.created"));
    assert_eq!(given.data["resourceId"], id.as_str());
    assert_eq!(given.data["data"]["name"], "while it looks");
    // As a page gives it.
    let page = owner.get("/api/v2/events?after=3").await.expect(200).json;
    assert_eq!(page["items"], json!([given.data]));

    // The server dies; the client comes back with what it saw last.
    server.kill();
    assert!(stream.next().await.is_none());
    server.start_again().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "meanwhile"})).await;
    let mut stream = Stream::open(&owner, "?after=1", Some(4)).await;
    let given = stream.next().await.unwrap();
    assert_eq!(
        (given.id, given.data["resourceId"].as_str()),
        (5, Some(id.as_str()))
    );
}

#[tokio::test]
async fn a_stream_ends_when_its_reader_may_not_look_any_more() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "admin").await;
    let (deleted, secret) = make_token(&owner, json!({"role": "admin", "name": "d"})).await;
    let (reset, reset_secret) = make_token(&owner, json!({"role": "admin", "name": "r"})).await;
    let head = server.position().await;
    let after = format!("?after={head}");
    let anonymous = server.anonymous();
    let mut of_deleted = Stream::open(&anonymous.token(&secret), &after, None).await;
    let mut of_reset = Stream::open(&anonymous.token(&reset_secret), &after, None).await;
    let mut of_member = Stream::open(&ada, &after, None).await;
    make_token(&owner, json!({"role": "reader", "name": "seen"})).await;
    for stream in [&mut of_deleted, &mut of_reset, &mut of_member] {
        assert_eq!(stream.next().await.unwrap().data["data"]["name"], "seen");
    }
    owner
        .delete(&format!("/api/v2/tokens/{deleted}"))
        .await
        .expect(204);
    assert!(of_deleted.next().await.is_none());
    owner
        .post_nothing(&format!("/api/v2/tokens/{reset}/reset"))
        .await
        .expect(200);
    let last = of_reset.next().await.unwrap();
    assert_eq!(last.kind, "token.deleted", "what was before the reset");
    assert!(of_reset.next().await.is_none());
    let role = json!([{"op": "replace", "path": "/role", "value": "writer"}]);
    owner
        .patch(&format!("/api/v2/members/{ada_id}"), &role)
        .await
        .expect(200);
    while let Some(given) = of_member.next().await {
        assert_ne!(given.kind, "member.downgraded");
    }
    ada.get("/api/v2/events").await.expect(403);
}

#[tokio::test]
async fn what_is_no_cursor_is_refused() {
    let server = Server::start().await;
    let owner = server.owner();
    for (query, message) in [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
    ] {
        let answer = owner.get(&format!("/api/v2/events?{query}")).await;
        let said = answer.expect(400).text("/message");
        assert!(said.contains(message), "{query}: {said}");
    }
    let request = owner.with("Last-Event-ID", "four");
    let answer = request.get("/api/v2/events").await.expect(400);
    assert!(answer.text("/message").starts_with("Last-Event-ID: "));
    // Beyond the end there is nothing yet.
    let page = owner.get("/api/v2/events?after=999").await.expect(200);
    assert_eq!(page.json["items"], json!([]));
    assert_eq!(page.integer("/position"), 999);
}
