//! `GET /api/v2/auditlog/{id}`.

use serde_json::{Value, json};

use super::busy;
use crate::support::{Answer, Api, make_token};

/// The newest entry about a resource, in full.
async fn newest(api: &Api, spec: &str) -> Answer {
    let page = api
        .get(&format!("/api/v2/auditlog?limit=1&spec={spec}"))
        .await
        .expect(200);
    api.get(&page.text("/items/0/_links/self/href"))
        .await
        .expect(200)
}

#[tokio::test]
async fn one_entry_has_what_was_before_what_is_after_and_the_difference() {
    let (_server, owner) = busy().await;
    let entry = newest(&owner, "role/deployer").await;
    assert_eq!(entry.text("/previousVersion/name"), "deployer");
    assert_eq!(entry.text("/currentVersion/name"), "Deployers");
    assert_eq!(
        entry.json["delta"],
        json!([{"op": "replace", "path": "/name", "value": "Deployers"}])
    );
    let made = newest(&owner, "team/web").await;
    assert!(made.json.get("previousVersion").is_none() && made.json.get("delta").is_none());
    assert_eq!(made.text("/currentVersion/key"), "web");
    owner.delete("/api/v2/teams/web").await.expect(204);
    let gone = newest(&owner, "team/web").await;
    assert!(gone.json.get("currentVersion").is_none());
    assert_eq!(gone.text("/previousVersion/key"), "web");
}

#[tokio::test]
async fn a_team_is_told_with_its_members_roles_and_grants() {
    let (server, owner) = busy().await;
    let ada = server.invite("ada@acme.test", "reader").await;
    let bob = server.invite("bob@acme.test", "reader").await;
    let grant =
        json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [bob]});
    for instructions in [
        json!([{"kind": "addMembers", "values": [ada, bob]}]),
        json!([grant]),
        json!([{"kind": "removeMembers", "values": [bob]}]),
    ] {
        owner
            .instruct("/api/v2/teams/web", &instructions)
            .await
            .expect(200);
    }
    let entry = newest(&owner, "team/web").await;
    assert_eq!(entry.text("/comment"), "why");
    let mut before = entry.json["previousVersion"]["memberIDs"]
        .as_array()
        .unwrap()
        .clone();
    before.sort_by_key(Value::to_string);
    let mut both = vec![json!(ada), json!(bob)];
    both.sort_by_key(Value::to_string);
    assert_eq!(before, both);
    assert_eq!(entry.json["currentVersion"]["memberIDs"], json!([ada]));
    assert_eq!(
        entry.json["currentVersion"]["permissionGrants"][0]["memberIDs"],
        json!([bob])
    );
}

#[tokio::test]
async fn a_reset_shows_endings_and_never_a_secret_or_a_digest() {
    let (_server, owner) = busy().await;
    let (id, first) = make_token(&owner, json!({"name": "ci", "role": "reader"})).await;
    let reset = owner
        .post_nothing(&format!("/api/v2/tokens/{id}/reset"))
        .await
        .expect(200);
    let second = reset.text("/token");
    let entry = newest(&owner, &format!("member/*:token/{id}")).await;
    assert_eq!(entry.text("/_event"), "token.reset");
    assert_eq!(
        entry.text("/previousVersion/token"),
        first[first.len() - 4..]
    );
    assert_eq!(
        entry.text("/currentVersion/token"),
        second[second.len() - 4..]
    );
    for secret in [first, second] {
        assert!(!entry.body.contains(&secret[4..20]), "{}", entry.body);
    }
    assert!(
        !entry.body.contains("digest") && !entry.body.contains("argon2"),
        "{}",
        entry.body
    );
}

#[tokio::test]
async fn an_entry_that_is_not_there_is_unknown() {
    let (_server, owner) = busy().await;
    let page = owner.get("/api/v2/auditlog?limit=1").await;
    let id = page.text("/items/0/_id");
    let other_time = format!("00000000{}", &id[8..]);
    for wrong in [
        other_time.as_str(),
        "x",
        "ffffffffffffffffffffffff",
        "6109554275dba551101ae211é",
        &id[1..],
    ] {
        owner
            .get(&format!("/api/v2/auditlog/{wrong}"))
            .await
            .expect_error(404, "not_found", "unknown audit log entry");
    }
}
