//! Why a decision is what it is, exactly.

use serde_json::{Value, json};

use super::about;
use crate::support::{Api, Server, make_role, make_token};

/// What is said of a secret: reason and layer.
async fn reason(api: &Api, secret: &str, action: &str, resource: &str) -> (String, Value) {
    let answer = about(api, secret, action, resource).await.expect(200);
    let allowed = answer.json["allowed"] == true;
    assert_eq!(
        allowed,
        answer.json["reason"] == "allowed",
        "{}",
        answer.body
    );
    (answer.text("/reason"), answer.json["layer"].clone())
}

fn is(reason: &str) -> (String, Value) {
    (reason.to_owned(), Value::Null)
}

fn by(reason: &str, layer: &str) -> (String, Value) {
    (reason.to_owned(), json!(layer))
}

#[tokio::test]
async fn a_personal_token_is_cut_off_by_its_scope_or_by_its_member() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, signed_in) = server.member("ada@reasons.test", "writer").await;
    let (_, secret) = make_token(&signed_in, json!({"role": "writer"})).await;
    let ask = || reason(&owner, &secret, "createRole", "role/x");
    assert_eq!(ask().await, by("not_allowed_by_scope", "scope"));
    let view = || reason(&owner, &secret, "viewRole", "role/x");
    assert_eq!(view().await, is("allowed"));
    let policy = json!([
        {"effect": "allow", "actions": ["viewRole"], "resources": ["role/*"]},
        {"effect": "deny", "actions": ["viewRole"], "resources": ["role/secret"]},
    ]);
    let form = json!({"inlineRole": policy});
    let (_, narrow) = make_token(&signed_in, form).await;
    let answer = reason(&owner, &narrow, "viewRole", "role/secret").await;
    assert_eq!(answer, by("denied_by_statement", "scope"));
    // The member loses everything: now the ceiling speaks.
    let path = format!("/api/v2/members/{member}");
    let demote = json!([{"op": "replace", "path": "/role", "value": "no_access"}]);
    owner.patch(&path, &demote).await.expect(200);
    assert_eq!(view().await, by("not_allowed_by_ceiling", "ceiling"));
    make_role(&owner, "never", &["viewRole"], &["role/*"]).await;
    let deny = json!([{"op": "replace", "path": "/policy", "value":
        [{"effect": "deny", "actions": ["*"], "resources": ["role/*"]}]}]);
    owner.patch("/api/v2/roles/never", &deny).await.expect(200);
    let roles = json!([{"op": "add", "path": "/customRoles/0", "value": "never"}]);
    owner.patch(&path, &roles).await.expect(200);
    assert_eq!(view().await, by("denied_by_statement", "ceiling"));
    // The member goes.
    owner.delete(&path).await.expect(204);
    let answer = about(&owner, &secret, "viewRole", "role/x")
        .await
        .expect(200);
    assert_eq!(answer.json["reason"], "deactivated");
    assert_eq!(answer.json["who"]["memberId"], member);
}

#[tokio::test]
async fn a_service_token_is_cut_off_by_what_was_frozen() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, writer) = server.member("writer@reasons.test", "writer").await;
    let everything = json!([{"effect": "allow", "actions": ["*"], "resources": ["*"]}]);
    let form = json!({"inlineRole": everything, "serviceToken": true});
    let (id, secret) = make_token(&writer, form).await;
    let answer = reason(&owner, &secret, "createRole", "role/x").await;
    assert_eq!(answer, by("not_allowed_by_ceiling", "ceiling"));
    let answer = about(&owner, &secret, "viewRole", "role/x").await;
    let answer = answer.expect(200).json;
    assert_eq!(answer["allowed"], true);
    assert_eq!(answer["who"]["kind"], "service");
    assert_eq!(answer["who"]["scope"], "policy");
    assert_eq!(answer["who"]["tokenId"], id);
}

#[tokio::test]
async fn a_token_that_does_not_work_says_why() {
    let server = Server::start().await;
    let owner = server.owner();
    let now_ms = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let expiry = now_ms as i64 + 1_500;
    let (_, short) = make_token(&owner, json!({"role": "reader", "expiry": expiry})).await;
    let ask = || reason(&owner, &short, "viewRole", "role/x");
    assert_eq!(ask().await, is("allowed"));
    while std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis()
        <= expiry as u128
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(ask().await, is("expired"));
    let (id, gone) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}");
    owner.delete(&path).await.expect(204);
    assert_eq!(
        reason(&owner, &gone, "viewRole", "role/x").await,
        is("unknown")
    );
    let (id, old) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}/reset");
    owner.post_nothing(&path).await.expect(200);
    assert_eq!(
        reason(&owner, &old, "viewRole", "role/x").await,
        is("unknown")
    );
    let nonsense = reason(&owner, "nonsense", "viewRole", "role/x").await;
    assert_eq!(nonsense, is("unknown"));
}
