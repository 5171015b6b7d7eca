//! `POST /api/v2/decisions`.

mod batch;
mod moments;
mod reasons;

use serde_json::{Value, json};

use crate::cli::create_account;
use crate::support::{Answer, Api, Server, make_role, make_token};

const PATH: &str = "/api/v2/decisions";

/// Asks about a secret.
async fn about(api: &Api, secret: &str, action: &str, resource: &str) -> Answer {
    let form = json!({"token": secret, "action": action, "resource": resource});
    api.post(PATH, &form).await
}

#[tokio::test]
async fn a_token_asks_about_itself_without_a_right() {
    let server = Server::start().await;
    let (id, secret) = make_token(&server.owner(), json!({"role": "reader"})).await;
    let api = server.anonymous().token(&secret);
    let form = json!({"action": "viewRole", "resource": "role/ops"});
    let answer = api.post(PATH, &form).await.expect(200);
    assert_eq!(answer.json["allowed"], true);
    assert_eq!(answer.json["reason"], "allowed");
    assert_eq!(answer.json["layer"], Value::Null);
    let who = &answer.json["who"];
    assert_eq!(who["tokenId"], id);
    assert_eq!(who["kind"], "personal");
    assert_eq!(who["scope"], "role");
    assert_eq!(answer.position(), answer.integer("/position"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    // Not about another one, not even of the same member.
    let other = about(&api, server.owner_secret(), "viewRole", "role/ops").await;
    other.expect_error(403, "forbidden", "askDecisions on acct");
    let form = json!({"tokenId": id, "action": "viewRole", "resource": "role/ops"});
    api.post(PATH, &form).await.expect(403);
    // Nobody at all is told nothing.
    let nobody = server.anonymous().token("api-nonsense");
    let form = json!({"action": "viewRole", "resource": "role/ops"});
    nobody.post(PATH, &form).await.expect(401);
    server.anonymous().post(PATH, &form).await.expect(401);
    let batch = json!({"decisions": []});
    nobody.post(PATH, &batch).await.expect(401);
}

#[tokio::test]
async fn who_may_ask_knows_the_tokens_of_its_account_only() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "asker", &["askDecisions"], &["acct"]).await;
    let form = json!({"customRoleIds": ["asker"], "serviceToken": true});
    let (_, asker) = make_token(&owner, form).await;
    let asker = server.anonymous().token(&asker);
    let (id, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let answer = about(&asker, &secret, "viewRole", "role/ops").await;
    assert_eq!(answer.expect(200).json["who"]["tokenId"], id);
    let (_, theirs) = create_account(&server, "Other", "owner@other.test");
    let stranger = server.anonymous().token(&theirs);
    let identity = stranger.eventually("/api/v2/caller-identity", 200).await;
    let answer = about(&asker, &theirs, "viewRole", "role/ops").await;
    let unknown = answer.expect(200).json;
    assert_eq!(unknown["reason"], "unknown", "{unknown}");
    assert_eq!(unknown["who"], Value::Null);
    let their_id = identity.text("/tokenId");
    for form in [
        json!({"tokenId": their_id, "action": "viewRole", "resource": "role/ops"}),
        json!({"tokenId": their_id, "action": "viewRole", "resource": "role/ops", "asOf": unknown["position"]}),
        json!({"token": theirs, "action": "viewRole", "resource": "role/ops", "asOf": unknown["position"]}),
    ] {
        let answer = asker.post(PATH, &form).await.expect(200);
        assert_eq!(answer.json["reason"], "unknown", "{form}");
        assert_eq!(answer.json["who"], Value::Null, "{form}");
    }
    let batch =
        json!({"token": theirs, "action": "viewRole", "decisions": [{"resource": "role/ops"}]});
    let answer = asker.post(PATH, &batch).await.expect(200);
    assert_eq!(answer.json["decisions"][0]["reason"], "unknown");
    assert_eq!(answer.json["decisions"][0]["who"], Value::Null);
}

#[tokio::test]
async fn members_who_are_signed_in_ask_too() {
    let server = Server::start().await;
    let (_, admin) = server.member("admin@decide.test", "admin").await;
    let (_, reader) = server.member("reader@decide.test", "reader").await;
    let (id, _) = make_token(&server.owner(), json!({"role": "reader"})).await;
    let form = json!({"tokenId": id, "action": "createRole", "resource": "role/x"});
    let answer = admin.post(PATH, &form).await.expect(200);
    assert_eq!(answer.json["allowed"], false);
    assert_eq!(answer.json["reason"], "not_allowed_by_scope");
    assert_eq!(answer.json["layer"], "scope");
    assert_eq!(answer.position(), answer.integer("/position"));
    reader.post(PATH, &form).await.expect(403);
    let own = json!({"action": "createRole", "resource": "role/x"});
    let answer = admin.post(PATH, &own).await;
    answer.expect_error(400, "invalid_request", "where no token asks");
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_said() {
    let server = Server::start().await;
    let owner = server.owner();
    let good = json!({"tokenId": "0123456789abcdef01234567", "action": "a", "resource": "role/a"});
    owner.post(PATH, &good).await.expect(200);
    for (field, value, said) in [
        ("action", Value::Null, "action: is missing"),
        ("action", json!(""), "action: has 1 to"),
        ("action", json!(7), "action"),
        ("resource", Value::Null, "resource: is missing"),
        ("resource", json!("no resource"), "resource: "),
        ("tokenId", json!("zz"), "tokenId: "),
        ("token", json!("api-x"), "token, tokenId: "),
        ("minPosition", json!(-1), "minPosition: "),
        ("asOf", json!([]), "asOf: "),
        ("asOf", json!("yesterday"), "asOf"),
    ] {
        let mut form = good.clone();
        form[field] = value;
        let answer = owner.post(PATH, &form).await;
        answer.expect_error(400, "invalid_request", said);
    }
    let request = owner.request(reqwest::Method::POST, PATH);
    let plain = request.header("Content-Type", "text/plain").body("{}");
    Api::send(plain).await.expect(415);
    let large = json!({"action": "a".repeat(6 << 20)});
    owner.post(PATH, &large).await.expect(413);
}

#[tokio::test]
async fn each_decision_has_a_name_and_each_request_keeps_its_own() {
    let server = Server::start().await;
    let form = json!({"action": "viewRole", "resource": "role/ops"});
    let mut names = std::collections::HashSet::new();
    let without = server.owner().post(PATH, &form).await.expect(200);
    assert!(without.header("X-Request-Id").is_some());
    for number in 0..20 {
        let id = format!("request-{number}");
        let api = server.owner().with("X-Request-Id", &id);
        let answer = api.post(PATH, &form).await.expect(200);
        assert_eq!(answer.header("X-Request-Id"), Some(id.as_str()));
        assert!(names.insert(answer.text("/decisionId")));
    }
    // An error has one too, in the header and in the body.
    let api = server
        .anonymous()
        .token("api-nonsense")
        .with("X-Request-Id", "mine");
    let answer = api.post(PATH, &form).await.expect(401);
    assert_eq!(answer.json["id"], "mine");
}
