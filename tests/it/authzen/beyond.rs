//! What the certification leaves open: tokens as subjects, whom the caller may ask about, and what is not believed.

use serde_json::{Value, json};

use super::{Fixture, allow, question, record, user};
use crate::support::make_token;

fn token(id: &str) -> Value {
    json!({"type": "token", "id": id})
}

#[tokio::test]
async fn tokens_are_subjects_by_their_id_or_by_their_secret() {
    let fixture = Fixture::start().await;
    let owner = fixture.server.owner();
    let policy = json!([allow(&["read"], &["record/*"])]);
    let form = json!({"inlineRole": policy, "serviceToken": true});
    let (id, secret) = make_token(&owner, form).await;
    let by_secret = json!({"type": "token", "properties": {"token": secret, "role": "x"}});
    for subject in [token(&id), by_secret] {
        let ask = |name: &str| question(subject.clone(), json!({"name": name}), record("r"));
        assert!(fixture.evaluate(&ask("read")).await);
        let answer = fixture.post("evaluation", &ask("write")).await.expect(200);
        assert_eq!(answer.json["decision"], false);
        assert_eq!(answer.json["context"]["reason"], "not_allowed_by_scope");
        assert_eq!(answer.json["context"]["layer"], "scope");
        assert_eq!(answer.integer("/context/position"), answer.position());
    }
    let ask = question(token("nonsense"), json!({"name": "read"}), record("r"));
    let answer = fixture.post("evaluation", &ask).await.expect(200);
    assert_eq!(answer.json["context"]["reason"], "unknown");
    // Searches find it among the tokens, and what it may do.
    let body =
        json!({"subject": {"type": "token"}, "action": {"name": "read"}, "resource": record("r")});
    let found = fixture.post("search/subject", &body).await.expect(200);
    let owners = owner
        .get("/api/v2/caller-identity")
        .await
        .expect(200)
        .text("/tokenId");
    assert_eq!(found.json["results"], json!([token(&owners), token(&id)]));
    let body = json!({"subject": token(&id), "resource": record("r")});
    let actions = fixture.post("search/action", &body).await.expect(200);
    assert_eq!(actions.json["results"], json!([{"name": "read"}]));
    owner
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    let ask = question(token(&id), json!({"name": "read"}), record("r"));
    assert!(!fixture.evaluate(&ask).await);
}

#[tokio::test]
async fn many_tokens_are_found_page_by_page_each_once() {
    let fixture = Fixture::start().await;
    let owner = fixture.server.owner();
    let mut made = Vec::new();
    for _ in 0..25 {
        let policy = json!([allow(&["paged"], &["record/p"])]);
        let form = json!({"inlineRole": policy, "serviceToken": true});
        made.push(make_token(&owner, form).await.0);
    }
    let owners = owner.get("/api/v2/caller-identity").await.expect(200);
    made.push(owners.text("/tokenId"));
    let mut body = json!({"subject": {"type": "token"}, "action": {"name": "paged"}, "resource": record("p"),
        "page": {"limit": 10}});
    let mut found: Vec<String> = Vec::new();
    let mut pages = 0;
    loop {
        let page = fixture.post("search/subject", &body).await.expect(200);
        let results = page.json["results"].as_array().unwrap();
        found.extend(
            results
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        let token = page.text("/page/next_token");
        if token.is_empty() {
            break;
        }
        body["page"] = json!({"token": token});
    }
    assert_eq!(pages, 3);
    found.sort();
    made.sort();
    assert_eq!(found, made);
}

#[tokio::test]
async fn the_accounts_own_resources_are_found_too() {
    let fixture = Fixture::start().await;
    let owner = fixture.server.owner();
    let members = owner.get("/api/v2/members").await.expect(200);
    let items = members.json["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["role"] == "owner").unwrap();
    let subject = json!({"type": "member", "id": found["_id"]});
    let body = |kind: &str, action: &str| json!({"subject": subject, "action": {"name": action}, "resource": {"type": kind}});
    let roles = fixture
        .post("search/resource", &body("role", "updatePolicy"))
        .await;
    let expected = json!([{"type": "role", "id": "alice"}, {"type": "role", "id": "bob"}]);
    assert_eq!(roles.expect(200).json["results"], expected);
    let members = fixture
        .post("search/resource", &body("member", "viewMember"))
        .await;
    assert_eq!(
        members.expect(200).json["results"].as_array().map(Vec::len),
        Some(3)
    );
    let account = fixture
        .post("search/resource", &body("acct", "viewAccount"))
        .await;
    assert_eq!(
        account.expect(200).json["results"],
        json!([{"type": "acct", "id": "acct"}])
    );
}

#[tokio::test]
async fn only_who_may_ask_is_answered_and_nobody_speaks_for_another() {
    let fixture = Fixture::start().await;
    let body = question(user("alice"), json!({"name": "read"}), record("record-1"));
    let path = "/access/v1/evaluation";
    let anonymous = fixture.server.anonymous();
    let nobody = anonymous.post(path, &body).await.expect(401);
    assert!(nobody.header("WWW-Authenticate").is_some());
    let owner = fixture.server.owner();
    let (_, reader) = make_token(&owner, json!({"role": "reader"})).await;
    let denied = anonymous.token(&reader).post(path, &body).await.expect(403);
    assert_eq!(denied.body, "not allowed: askDecisions on acct");
    fixture.asker.get(path).await.expect(405);
    // A resource cannot carry what only subject and action may.
    let forged = json!({"type": "record", "id": "record-2",
        "properties": {"status": "archived", "subject.role": "admin"}});
    let forged = question(user("bob"), json!({"name": "write"}), forged);
    let answer = fixture.post("evaluation", &forged).await.expect(400);
    assert!(answer.body.contains("subject.role"), "{}", answer.body);
    // Nor can an id or a value, however it is written.
    for resource in [
        json!({"type": "record", "id": "record-2;{status:archived,subject.role:admin}"}),
        json!({"type": "record", "id": "record-2", "properties": {"status": "archived,subject.role:admin"}}),
    ] {
        let forged = question(user("bob"), json!({"name": "write"}), resource);
        assert!(!fixture.evaluate(&forged).await);
    }
    // Members of other accounts are nobody.
    let (_, theirs) = crate::cli::create_account(&fixture.server, "Other", "carol@acme.example");
    let stranger = anonymous.token(&theirs);
    stranger.eventually("/api/v2/caller-identity", 200).await;
    let other = question(user("carol"), json!({"name": "read"}), record("record-1"));
    let answer = fixture.post("evaluation", &other).await.expect(200);
    assert_eq!(answer.json["context"]["reason"], "unknown");
    let wrong = fixture.asker.with("X-Keyledger-Min-Position", "x");
    wrong.post(path, &body).await.expect(400);
}
