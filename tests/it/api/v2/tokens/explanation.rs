//! `GET /api/v2/tokens/{id}/explanation`.

use serde_json::json;

use crate::support::{Answer, Api, Server, make_role, make_token};

const FLAG: &str = "proj/web:env/live:flag/dark-mode";

async fn why(api: &Api, id: &str, action: &str, resource: &str, as_of: Option<i64>) -> Answer {
    let as_of = as_of.map_or(String::new(), |at| format!("&asOf={at}"));
    api.get(&format!(
        "/api/v2/tokens/{id}/explanation?action={action}&resource={resource}{as_of}"
    ))
    .await
    .expect(200)
}

fn replace(path: &str, value: serde_json::Value) -> serde_json::Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

#[tokio::test]
async fn a_demotion_is_named_with_who_did_it_and_the_statement_that_is_missing() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "writer").await;
    let (id, _) = make_token(&ada, json!({"role": "writer", "name": "deploys"})).await;
    let before = server.position().await;
    let allowed = why(&owner, &id, "updateOn", FLAG, None).await;
    assert_eq!(allowed.json["allowed"], true);
    assert_eq!(allowed.text("/decidedBy"), "scope");
    assert_eq!(allowed.text("/layers/0/by/role"), "writer");
    assert_eq!(allowed.text("/since/type"), "token.created");
    let demoted = owner
        .patch(
            &format!("/api/v2/members/{ada_id}"),
            &replace("/role", json!("reader")),
        )
        .await
        .expect(200);
    let refused = why(&owner, &id, "updateOn", FLAG, None).await;
    assert_eq!(refused.json["allowed"], false);
    assert_eq!(refused.text("/decidedBy"), "member");
    assert_eq!(refused.text("/status"), "active");
    assert_eq!(refused.json["layers"][0]["allowed"], true);
    assert_eq!(refused.json["layers"][1]["allowed"], false);
    // A reader's policy speaks about flags, and not about changing them.
    assert_eq!(refused.text("/layers/1/nearest/source"), "builtInRole");
    assert_eq!(refused.text("/layers/1/nearest/role"), "reader");
    assert_eq!(refused.text("/layers/1/nearest/misses"), "action");
    let since = &refused.json["since"];
    assert_eq!(since["type"], "member.downgraded");
    assert_eq!(since["position"], demoted.position());
    assert_eq!(since["name"], "ada@acme.test");
    assert_eq!(since["by"], "token");
    assert_eq!(
        since["byMemberId"],
        owner.get("/api/v2/members/me").await.text("/_id")
    );
    let steps: Vec<&str> = refused.json["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        steps,
        ["member.invited", "token.created", "member.downgraded"]
    );
    assert_eq!(refused.json["complete"], true);
    // The same question about the time before.
    let then = why(&owner, &id, "updateOn", FLAG, Some(before)).await;
    assert_eq!(then.json["allowed"], true);
    assert_eq!(then.integer("/position"), before);
}

#[tokio::test]
async fn a_custom_role_of_a_team_is_cited_and_its_edit_is_the_cause() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "no_access").await;
    make_role(&owner, "ops", &["updateOn"], &["proj/web:env/*:flag/*"]).await;
    let team =
        json!({"key": "core", "name": "Core", "customRoleKeys": ["ops"], "memberIDs": [ada_id]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    let policy =
        json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]}]);
    let (id, _) = make_token(&owner, json!({"inlineRole": policy, "name": "mine"})).await;
    let ada_token = json!({"inlineRole": policy, "name": "hers"});
    // She may make none: her only role says nothing about tokens.
    ada.post("/api/v2/tokens", &ada_token).await.expect(403);
    let mine = why(&owner, &id, "updateOn", FLAG, None).await;
    assert_eq!(mine.text("/layers/0/by/source"), "inlinePolicy");
    assert_eq!(mine.integer("/layers/0/by/index"), 0);
    assert_eq!(mine.text("/layers/1/by/role"), "owner");

    make_role(&owner, "maker", &["*AccessToken*", "updateOff"], &["*"]).await;
    owner
        .instruct(
            "/api/v2/teams/core",
            &json!([{"kind": "addCustomRoles", "values": ["maker"]}]),
        )
        .await
        .expect(200);
    let (id, _) = make_token(&ada, ada_token).await;
    let hers = why(&owner, &id, "updateOn", FLAG, None).await;
    assert_eq!(hers.json["allowed"], true, "{}", hers.body);
    assert_eq!(hers.text("/layers/1/by/source"), "teamRole");
    assert_eq!(hers.text("/layers/1/by/teamKey"), "core");
    assert_eq!(hers.text("/layers/1/by/customRoleKey"), "ops");
    let deny = json!([{"effect": "deny", "actions": ["updateOn"], "resources": ["proj/*:env/live:flag/*"]}]);
    let edited = owner
        .patch("/api/v2/roles/ops", &replace("/policy", deny))
        .await
        .expect(200);
    let refused = why(&owner, &id, "updateOn", FLAG, None).await;
    assert_eq!(refused.json["allowed"], false);
    assert_eq!(refused.text("/layers/1/by/statement/effect"), "deny");
    assert_eq!(refused.integer("/since/position"), edited.position());
    assert_eq!(refused.text("/since/type"), "role.updated");
}

#[tokio::test]
async fn ended_tokens_say_how_they_ended() {
    let server = Server::start().await;
    let owner = server.owner();
    let (ada_id, ada) = server.member("ada@acme.test", "writer").await;
    let (id, _) = make_token(&ada, json!({"role": "writer"})).await;
    let (gone, _) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    owner
        .delete(&format!("/api/v2/members/{ada_id}"))
        .await
        .expect(204);
    owner
        .delete(&format!("/api/v2/tokens/{gone}"))
        .await
        .expect(204);
    let dead = why(&owner, &id, "viewProject", "proj/web", None).await;
    assert_eq!(dead.text("/status"), "deactivated");
    assert_eq!(dead.text("/since/type"), "member.removed");
    let deleted = why(&owner, &gone, "viewProject", "proj/web", None).await;
    assert_eq!(deleted.text("/status"), "deleted");
    assert_eq!(deleted.text("/since/type"), "token.deleted");
    assert_eq!(deleted.json["allowed"], false);
}

#[tokio::test]
async fn questions_that_are_none_are_refused() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, reader) = server.member("bob@acme.test", "reader").await;
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let path = format!("/api/v2/tokens/{id}/explanation");
    for (query, message) in [
        ("action=viewProject&resource=", "resource"),
        ("action=&resource=proj/a", "action: has 1 to 128 characters"),
        (
            "action=viewProject&resource=proj/a&asOf=999",
            "asOf: position 999 has not happened yet",
        ),
    ] {
        let answer = owner.get(&format!("{path}?{query}")).await;
        answer.expect_error(400, "invalid_request", message);
    }
    owner.get(&path).await.expect(400);
    let question = "action=viewProject&resource=proj/a";
    reader.get(&format!("{path}?{question}")).await.expect(403);
    let unknown = "/api/v2/tokens/000000000000000000000000/explanation";
    owner
        .get(&format!("{unknown}?{question}"))
        .await
        .expect(404);
    // Before it was made.
    owner
        .get(&format!("{path}?{question}&asOf=1"))
        .await
        .expect(404);
}
