//! `asOf`: what was answered at a moment is answered again, whatever happened since.

use serde_json::{Value, json};

use crate::support::{Api, Server, in_seconds, make_role, run};

/// What is not kept for the past, and links, which repeat the question.
const LEFT_OUT: [&str; 4] = ["lastUsed", "_lastSeen", "_lastSeenMetadata", "_links"];

fn without(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
            fields.values_mut().for_each(without);
        }
        Value::Array(items) => items.iter_mut().for_each(without),
        _ => {}
    }
}

async fn asked(api: &Api, path: &str) -> Value {
    let answer = api.get(path).await;
    let mut json = answer.json;
    without(&mut json);
    if answer.status != 200 {
        // Each answer has an id of its own.
        json = json!({"status": answer.status, "message": json["message"]});
    }
    json
}

/// A moment with everything that was answered then.
struct Then {
    position: i64,
    at_ms: i64,
    answers: Vec<(String, Value)>,
}

struct Story {
    server: Server,
    owner: Api,
    paths: Vec<String>,
    moments: Vec<Then>,
}

impl Story {
    /// Notes what is answered now.
    async fn note(&mut self) {
        // Past the last event's own millisecond.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let position = self.server.position().await;
        let mut answers = Vec::new();
        for path in &self.paths {
            answers.push((path.clone(), asked(&self.owner, path).await));
        }
        self.moments.push(Then {
            position,
            at_ms: in_seconds(0),
            answers,
        });
        // The next event is later than this moment.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }

    async fn check(&self) {
        assert!(self.moments.len() > 5);
        for then in &self.moments {
            for (path, expected) in &then.answers {
                let sign = if path.contains('?') { '&' } else { '?' };
                for moment in [then.position, then.at_ms] {
                    let path = format!("{path}{sign}asOf={moment}");
                    assert_eq!(asked(&self.owner, &path).await, *expected, "{path}");
                }
            }
        }
    }
}

fn add(path: &str, value: &Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

#[tokio::test]
async fn every_read_answers_as_it_did() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["view*"], &["proj/*"]).await;
    let forms = json!([
        {"email": "ada@acme.test", "firstName": "Ada", "role": "admin"},
        {"email": "bob@acme.test", "role": "writer", "customRoles": ["ops"]},
    ]);
    let made = owner.post("/api/v2/members", &forms).await.expect(201);
    let (ada, bob) = (made.text("/items/0/_id"), made.text("/items/1/_id"));
    let token = |form: Value| {
        let owner = owner.clone();
        async move {
            owner
                .post("/api/v2/tokens", &form)
                .await
                .expect(201)
                .text("/_id")
        }
    };
    let mine = token(json!({"name": "mine", "role": "writer"})).await;
    let service =
        token(json!({"name": "ci", "customRoleIds": ["ops"], "serviceToken": true})).await;
    let team = json!({"key": "core", "name": "Core", "memberIDs": [bob.clone()]});
    owner.post("/api/v2/teams", &team).await.expect(201);

    let mut paths: Vec<String> = [
        "tokens",
        "tokens?showAll=true",
        "tokens?limit=1&offset=1",
        "members",
        "members?filter=query:acme&sort=-displayName",
        "members?filter=team:core",
        "roles",
        "roles?limit=1",
        "roles/ops",
        "teams?expand=members,roles,maintainers,roleAttributes",
        "teams/core?expand=members",
        "roles/later",
        "teams/later",
    ]
    .iter()
    .map(|path| format!("/api/v2/{path}"))
    .collect();
    paths.extend([&ada, &bob].map(|id| format!("/api/v2/members/{id}")));
    for id in [&mine, &service] {
        paths.push(format!("/api/v2/tokens/{id}"));
        paths.push(format!("/api/v2/tokens/{id}?expand=effectivePermission"));
    }
    let mut story = Story {
        server,
        owner: owner.clone(),
        paths,
        moments: Vec::new(),
    };
    story.note().await;
    let (tokens, members) = ("/api/v2/tokens", "/api/v2/members");
    owner
        .patch(&format!("{members}/{ada}"), &add("/role", &json!("reader")))
        .await
        .expect(200);
    story.note().await;
    owner
        .patch(&format!("{tokens}/{mine}"), &add("/role", &json!("admin")))
        .await
        .expect(200);
    make_role(&owner, "later", &["*"], &["*"]).await;
    story.note().await;
    let policy = json!([{"effect": "deny", "resources": ["proj/*"], "actions": ["*"]}]);
    owner
        .patch("/api/v2/roles/ops", &add("/policy", &policy))
        .await
        .expect(200);
    story.note().await;
    owner
        .instruct(
            "/api/v2/teams/core",
            &json!([{"kind": "addMembers", "values": [ada]}]),
        )
        .await
        .expect(200);
    owner
        .post("/api/v2/teams", &json!({"key": "later", "name": "Later"}))
        .await
        .expect(201);
    story.note().await;
    owner
        .post_nothing(&format!("{tokens}/{service}/reset"))
        .await
        .expect(200);
    owner.delete("/api/v2/roles/ops").await.expect(204);
    owner.delete("/api/v2/teams/later").await.expect(204);
    story.note().await;
    owner.delete(&format!("{tokens}/{mine}")).await.expect(204);
    owner.delete(&format!("{members}/{bob}")).await.expect(204);
    token(json!({"name": "new", "role": "reader"})).await;
    story.note().await;

    story.check().await;
    // And again by a server that has nothing in memory yet.
    story.server.kill();
    story.server.start_again().await;
    story.owner = story.server.owner();
    story.check().await;
}

#[tokio::test]
async fn who_may_look_is_settled_by_todays_rights() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "admin").await;
    let of_ada = ada
        .post("/api/v2/tokens", &json!({"role": "admin"}))
        .await
        .expect(201);
    let (id, position) = (of_ada.text("/_id"), of_ada.position());
    let (_, bob) = server.member("bob@acme.test", "reader").await;
    let past = format!("/api/v2/tokens/{id}?asOf={position}");
    owner.get(&past).await.expect(200);
    // Not even there yet at that time, and a reader today.
    bob.get(&past).await.expect(403);
    let listed = bob
        .get(&format!("/api/v2/tokens?asOf={position}"))
        .await
        .expect(200);
    assert_eq!(listed.json["items"], json!([]));
    owner
        .patch(
            &format!("/api/v2/members/{ada_id}"),
            &add("/role", &json!("no_access")),
        )
        .await
        .expect(200);
    // She was an administrator then, and is not any more.
    ada.get(&format!("/api/v2/roles?asOf={position}"))
        .await
        .expect(403);
}

#[tokio::test]
async fn a_moment_that_has_not_come_or_is_none_is_refused() {
    let server = Server::start().await;
    let owner = server.owner();
    for (as_of, message) in [
        (
            "999999",
            "position 999999 has not happened yet; the last one is",
        ),
        ("99999999999999", "99999999999999 ms is in the future"),
        ("yesterday", "\"yesterday\" is no moment"),
        ("", "\"\" is no moment"),
        (
            "2026-11-25",
            "is a position, Unix milliseconds, or a time such as",
        ),
    ] {
        let answer = owner.get(&format!("/api/v2/members?asOf={as_of}")).await;
        answer.expect_error(400, "invalid_request", message);
        if !message.contains("future") {
            let (done, _, error) = run(&server.data(), &["replay", "--as-of", as_of]);
            assert!(!done && error.contains(message), "{error}");
        }
    }
    let seen = owner.get("/api/v2/members?asOf=1&sort=lastSeen").await;
    seen.expect_error(400, "invalid_request", "lastSeen");
    // Before anything: nothing.
    let none = owner.get("/api/v2/members?asOf=0").await.expect(200);
    assert_eq!(none.integer("/totalCount"), 0);
    owner
        .get("/api/v2/teams/core?asOf=1970-01-02T00:00:00Z")
        .await
        .expect(404);
}
