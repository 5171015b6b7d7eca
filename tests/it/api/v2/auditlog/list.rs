//! `GET /api/v2/auditlog` and `POST /api/v2/auditlog`.

use serde_json::{Value, json};

use super::{all, busy, events};
use crate::support::make_token;

#[tokio::test]
async fn what_happened_is_there_newest_first_with_who_did_it_and_with_what() {
    let (_server, owner) = busy().await;
    let page = owner.get("/api/v2/auditlog?limit=20").await.expect(200);
    assert_eq!(
        events(&page.json),
        [
            "token.created",
            "token.created",
            "team.created",
            "role.updated",
            "role.created",
            "token.created",
            "member.invited",
            "account.created"
        ]
    );
    let updated = &page.json["items"][3];
    assert_eq!(updated["kind"], "role");
    assert_eq!(updated["name"], "Deployers");
    assert_eq!(updated["comment"], "narrower now");
    assert_eq!(updated["titleVerb"], "updated the custom role");
    assert_eq!(
        updated["accesses"],
        json!([{"action": "updateName", "resource": "role/deployer"}])
    );
    assert_eq!(updated["member"]["email"], "owner@keyledger.example");
    assert_eq!(updated["token"]["name"], "Owner's first token");
    assert_eq!(updated["token"]["serviceToken"], false);
    assert_eq!(updated["token"]["ending"].as_str().unwrap().len(), 4);
    assert_eq!(
        updated["title"],
        "[owner@keyledger.example](mailto:owner@keyledger.example) updated the custom role [Deployers](/api/v2/roles/deployer)"
    );
    // The operator made the account: neither a member nor a token did.
    let first = &page.json["items"][7];
    assert!(
        first.get("member").is_none() && first.get("token").is_none(),
        "{first}"
    );
    assert!(page.json["_links"].get("next").is_none());
    let token = &page.json["items"][0];
    assert!(
        token["accesses"][0]["resource"]
            .as_str()
            .unwrap()
            .starts_with("service-token/")
    );
    let parent = &page.json["items"][1]["parent"];
    assert_eq!(parent["name"], "owner@keyledger.example");
}

#[tokio::test]
async fn pages_lose_nothing_where_many_entries_share_one_millisecond() {
    let (server, owner) = busy().await;
    let many: Vec<Value> = (0..50)
        .map(|n| json!({"email": format!("m{n}@acme.test")}))
        .collect();
    owner
        .post("/api/v2/members", &json!(many))
        .await
        .expect(201);
    let found = all(&owner, "/api/v2/auditlog?limit=7").await;
    let positions: Vec<i64> = found
        .iter()
        .map(|item| item["_position"].as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (1..=server.position().await).rev().collect();
    assert_eq!(positions, expected);
    let dates: std::collections::BTreeSet<_> =
        found.iter().map(|item| item["date"].as_i64()).collect();
    assert!(
        dates.len() < found.len(),
        "the invitations were one request"
    );
    let mut ids: Vec<_> = found
        .iter()
        .map(|item| item["_id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), found.len());
}

#[tokio::test]
async fn entries_are_found_by_time_text_resource_policy_member_and_token() {
    let (server, owner) = busy().await;
    let (id, admin) = server.member("admin@acme.test", "admin").await;
    let (token, secret) = make_token(&admin, json!({"name": "tool", "role": "admin"})).await;
    let tool = server.anonymous().token(&secret);
    tool.delete("/api/v2/teams/web").await.expect(204);
    let list = async |query: &str| {
        let page = owner
            .get(&format!("/api/v2/auditlog?{query}"))
            .await
            .expect(200);
        events(&page.json)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(list("spec=role/*").await, ["role.updated", "role.created"]);
    assert_eq!(
        list("spec=team/web").await,
        ["team.deleted", "team.created"]
    );
    assert_eq!(list("spec=member/*:token/*").await.len(), 3);
    assert_eq!(list("spec=service-token/*").await, ["token.created"]);
    assert_eq!(list("q=DEPLOY").await, ["role.updated", "role.created"]);
    assert_eq!(list("q=nothing").await, [""; 0]);
    assert_eq!(
        list(&format!("member={id}")).await,
        ["team.deleted", "token.created"]
    );
    assert_eq!(list(&format!("token={token}")).await, ["team.deleted"]);
    assert_eq!(
        list(&format!("token={token}&token=ffffffffffffffffffffffff")).await,
        ["team.deleted"]
    );
    let page = owner.get("/api/v2/auditlog?spec=role/*").await;
    let (newer, older) = (page.integer("/items/0/date"), page.integer("/items/1/date"));
    assert_eq!(
        list(&format!("spec=role/*&before={newer}&after={}", older - 1)).await,
        ["role.created"]
    );
    assert_eq!(list(&format!("after={}", newer + 3_600_000)).await, [""; 0]);
    assert_eq!(list("before=1").await, [""; 0]);

    let policy =
        json!([{"effect": "allow", "resources": ["role/*", "team/*"], "actions": ["create*"]}]);
    let page = owner.post("/api/v2/auditlog", &policy).await.expect(200);
    assert_eq!(events(&page.json), ["team.created", "role.created"]);
    let policy = json!([
        {"effect": "allow", "resources": ["role/*", "team/*"], "actions": ["*"]},
        {"effect": "deny", "resources": ["*"], "actions": ["delete*", "createTeam"]},
    ]);
    let page = owner
        .post("/api/v2/auditlog?limit=1", &policy)
        .await
        .expect(200);
    assert_eq!(events(&page.json), ["role.updated"]);
    assert!(page.json.pointer("/_links/next/href").is_some());
}

#[tokio::test]
async fn everybody_sees_what_they_may_see() {
    let (server, owner) = busy().await;
    let (id, reader) = server.member("reader@acme.test", "reader").await;
    make_token(&reader, json!({"name": "mine", "role": "reader"})).await;
    let page = reader
        .get("/api/v2/auditlog?limit=20&spec=member/*:token/*")
        .await
        .expect(200);
    let names = |page: &crate::support::Answer| page.items("name");
    assert_eq!(names(&page), ["mine"], "not those of other members");
    assert_eq!(
        names(&reader.get("/api/v2/auditlog?spec=service-token/*").await),
        ["robot"]
    );
    assert_eq!(
        names(&reader.get("/api/v2/auditlog?spec=role/*").await).len(),
        2
    );
    let patch = json!([{"op": "replace", "path": "/role", "value": "no_access"}]);
    owner
        .patch(&format!("/api/v2/members/{id}"), &patch)
        .await
        .expect(200);
    let mut seen = names(&reader.get("/api/v2/auditlog?limit=20").await);
    seen.sort();
    // What is about themselves, and service tokens, which everybody sees.
    assert_eq!(
        seen,
        ["mine", "reader@acme.test", "reader@acme.test", "robot"]
    );
}

#[tokio::test]
async fn a_removed_member_is_still_named() {
    let (server, owner) = busy().await;
    let (id, admin) = server.member("gone@acme.test", "admin").await;
    admin
        .post("/api/v2/teams", &json!({"key": "left", "name": "Left"}))
        .await
        .expect(201);
    owner
        .delete(&format!("/api/v2/members/{id}"))
        .await
        .expect(204);
    let page = owner
        .get("/api/v2/auditlog?spec=team/left")
        .await
        .expect(200);
    assert_eq!(page.text("/items/0/member/email"), "gone@acme.test");
    assert!(
        page.json["items"][0].get("token").is_none(),
        "it was done signed in"
    );
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let (_server, owner) = busy().await;
    for (query, message) in [
        ("limit=0", "limit: is 1 to 20, not 0"),
        ("limit=21", "limit: is 1 to 20, not 21"),
        ("spec=role", "spec: "),
        ("spec=role/*:", "spec: "),
        ("before=yesterday", "before"),
        ("beforePosition=-1", "beforePosition"),
        (&format!("q={}", "x".repeat(300)), "q: is longer"),
    ] {
        owner
            .get(&format!("/api/v2/auditlog?{query}"))
            .await
            .expect_error(400, "invalid_request", message);
    }
    let wrong = json!([{"effect": "allow", "resources": ["role"], "actions": ["*"]}]);
    owner.post("/api/v2/auditlog", &wrong).await.expect_error(
        400,
        "invalid_request",
        "/0/resources/0",
    );
}

#[tokio::test]
async fn what_happened_to_one_token_is_what_all_of_it_says_of_that_token() {
    let (_server, owner) = busy().await;
    let (id, _) = make_token(&owner, json!({"name": "laptop", "role": "reader"})).await;
    for name in ["one", "two", "three"] {
        let patch = json!([{"op": "replace", "path": "/name", "value": name}]);
        let path = format!("/api/v2/tokens/{id}");
        owner.patch(&path, &patch).await.expect(200);
        make_token(&owner, json!({"role": "reader"})).await;
    }
    let path = "/api/v2/auditlog?limit=20&spec=member/*:token/";
    let all = owner.get(&format!("{path}*")).await.expect(200);
    let its: Vec<&Value> = all.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["accesses"].to_string().contains(&id))
        .collect();
    assert_eq!(its.len(), 4);
    let found = owner.get(&format!("{path}{id}")).await.expect(200);
    let items = found.json["items"].as_array().unwrap();
    assert_eq!(items.iter().collect::<Vec<_>>(), its);
    assert!(found.json["_links"].get("next").is_none());
    // In pages, and between times.
    let mut page = owner
        .get(&format!(
            "/api/v2/auditlog?limit=3&spec=member/*:token/{id}"
        ))
        .await
        .expect(200);
    assert_eq!(page.json["items"].as_array().unwrap().len(), 3);
    let next = page.text("/_links/next/href");
    page = owner.get(&next).await.expect(200);
    assert_eq!(page.json["items"], json!([its[3]]));
    let first_ms = its[3]["date"].as_i64().unwrap();
    let before = format!("{path}{id}&before={}", first_ms + 1);
    let earliest = owner.get(&before).await.expect(200);
    let earliest = earliest.json["items"].as_array().unwrap();
    assert_eq!(earliest.last(), Some(its[3]));
    let none = owner.get(&format!("{path}{id}&before={first_ms}")).await;
    assert_eq!(none.expect(200).json["items"], json!([]));
    // Not what is about another, and nothing for who may see none of it.
    let other = format!("/api/v2/auditlog?spec=service-token/{id}");
    assert_eq!(owner.get(&other).await.expect(200).json["items"], json!([]));
}
