//! `filter`, `sort` and `expand` of `GET /api/v2/members`.

use serde_json::json;

use crate::support::{Api, Server, make_role};

/// Ada (admin, in a team), Bob (writer with the role `ops`) and Cat (reader, never seen) beside the owner.
async fn people() -> (Server, Api) {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["view*"], &["member/*"]).await;
    let forms = json!([
        {"email": "ada@acme.test", "firstName": "Ada", "lastName": "Lovelace", "role": "admin"},
        {"email": "Bob@acme.test", "firstName": "bob", "role": "writer", "customRoles": ["ops"]},
        {"email": "cat@acme.test", "role": "reader", "roleAttributes": {"team": ["web"]}},
    ]);
    let made = owner.post("/api/v2/members", &forms).await.expect(201);
    let team = json!({"key": "core", "name": "Core", "memberIDs": [made.text("/items/0/_id")]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    (server, owner)
}

async fn found(owner: &Api, query: &str) -> Vec<String> {
    let page = owner
        .get(&format!("/api/v2/members?{query}"))
        .await
        .expect(200);
    let emails = page.items("email");
    assert_eq!(
        page.integer("/totalCount"),
        i64::try_from(emails.len()).unwrap()
    );
    let short = |email: String| email.split('@').next().unwrap().to_lowercase();
    emails.into_iter().map(short).collect()
}

#[tokio::test]
async fn members_are_found_by_each_field() {
    let (_server, owner) = people().await;
    let ada = owner
        .get("/api/v2/members?filter=query:ada")
        .await
        .text("/items/0/_id");
    for (filter, expected) in [
        ("query:LOVELACE", vec!["ada"]),
        ("query:acme", vec!["ada", "bob", "cat"]),
        ("query:a love", vec!["ada"]),
        // The owner counts as an admin.
        ("role:admin", vec!["owner", "ada"]),
        ("role:owner", vec!["owner"]),
        ("role:reader|ops", vec!["bob", "cat"]),
        ("role:none", vec![]),
        ("email:BOB@acme.test|cat@acme.test", vec!["bob", "cat"]),
        ("team:core", vec!["ada"]),
        ("team:none", vec![]),
        ("noteam:true", vec!["owner", "bob", "cat"]),
        ("noteam:false", vec!["ada"]),
        ("lastSeen:{\"never\":true}", vec!["ada", "bob", "cat"]),
        ("lastSeen:{\"noData\":true}", vec!["ada", "bob", "cat"]),
        ("lastSeen:{\"before\":99999999999999}", vec!["owner"]),
        ("lastSeen:{\"before\":1}", vec![]),
        ("query:acme,role:writer,noteam:true", vec!["bob"]),
        ("", vec!["owner", "ada", "bob", "cat"]),
    ] {
        let query = format!("filter={}", filter.replace(' ', "%20"));
        assert_eq!(found(&owner, &query).await, expected, "{filter}");
    }
    assert_eq!(found(&owner, &format!("filter=id:{ada}|x")).await, ["ada"]);
}

#[tokio::test]
async fn members_are_sorted_both_ways_and_pages_keep_the_question() {
    let (_server, owner) = people().await;
    assert_eq!(
        found(&owner, "sort=displayName").await,
        ["ada", "bob", "cat", "owner"]
    );
    assert_eq!(
        found(&owner, "sort=-displayName").await,
        ["owner", "cat", "bob", "ada"]
    );
    assert_eq!(
        found(&owner, "sort=-lastSeen,displayName").await,
        ["owner", "ada", "bob", "cat"]
    );
    let first = owner
        .get("/api/v2/members?filter=query:acme&sort=-displayName&limit=2&expand=customRoles")
        .await
        .expect(200);
    assert_eq!(first.items("email"), ["cat@acme.test", "Bob@acme.test"]);
    let next = owner
        .get(&first.text("/_links/next/href"))
        .await
        .expect(200);
    assert_eq!(next.items("email"), ["ada@acme.test"]);
    assert_eq!(next.integer("/totalCount"), 3);
    assert!(next.json["_links"].get("next").is_none());
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let (_server, owner) = people().await;
    for (query, message) in [
        ("filter=age:4", "there is no \"age\""),
        ("filter=query", "no field:value"),
        ("filter=noteam:maybe", "noteam is true or false"),
        ("filter=lastSeen:yesterday", "lastSeen is"),
        (
            "filter=lastSeen:{\"never\":true,\"before\":1}",
            "lastSeen is",
        ),
        ("sort=age", "there is no \"age\""),
        ("expand=everything", "there is no \"everything\""),
    ] {
        owner
            .get(&format!("/api/v2/members?{query}"))
            .await
            .expect_error(400, "invalid_request", message);
    }
    owner
        .get("/api/v2/members/me?expand=x")
        .await
        .expect_error(400, "invalid_request", "expand");
}

#[tokio::test]
async fn a_member_is_shown_with_teams_and_grants() {
    let (_server, owner) = people().await;
    let page = owner
        .get("/api/v2/members?filter=email:cat@acme.test")
        .await;
    let cat = page.text("/items/0/_id");
    let instructions =
        json!([{"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [cat]}]);
    owner
        .instruct("/api/v2/teams/core", &instructions)
        .await
        .expect(200);
    let path = format!("/api/v2/members/{cat}/teams");
    let member = owner
        .post(&path, &json!({"teamKeys": ["core", "core"]}))
        .await
        .expect(201);
    assert_eq!(member.text("/teams/0/key"), "core");
    assert_eq!(
        member.text("/teams/0/_links/self/href"),
        "/api/v2/teams/core"
    );
    assert_eq!(member.text("/permissionGrants/0/resource"), "team/core");
    assert_eq!(member.text("/permissionGrants/0/actionSet"), "maintainTeam");
    for (keys, message) in [
        (json!([]), "1 to 32 are allowed"),
        (json!(["core", "none"]), "/teamKeys/1: there is no team"),
    ] {
        let answer = owner.post(&path, &json!({"teamKeys": keys})).await;
        answer.expect_error(400, "invalid_request", message);
    }
    let unknown = "/api/v2/members/ffffffffffffffffffffffff/teams";
    owner
        .post(unknown, &json!({"teamKeys": ["core"]}))
        .await
        .expect(404);
}
