//! `/api/v2/teams`.

mod bulk;
mod deleted_roles;
mod grants;
mod patch;
mod upload;

use serde_json::{Value, json};

use crate::support::{Api, Server, make_role, make_token};

const PATH: &str = "/api/v2/teams";
const ALL: &str = "expand=members,roles,maintainers,roleAttributes,projects";

/// A server with the role `deployer`, which may create roles.
async fn start() -> (Server, Api) {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "deployer", &["createRole"], &["role/*"]).await;
    (server, owner)
}

async fn make(owner: &Api, key: &str, more: Value) -> Value {
    let mut form = json!({"key": key, "name": format!("Team {key}")});
    form.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    owner
        .post(&format!("{PATH}?{ALL}"), &form)
        .await
        .expect(201)
        .json
}

#[tokio::test]
async fn a_team_is_made_read_and_deleted() {
    let (server, owner) = start().await;
    let ada = server.invite("ada@acme.test", "reader").await;
    let form = json!({
        "description": "Builds", "customRoleKeys": ["deployer"], "memberIDs": [ada],
        "permissionGrants": [{"actionSet": "maintainTeam", "memberIDs": [ada]}],
        "roleAttributes": {"project": ["web"]},
    });
    let made = make(&owner, "web", form).await;
    assert_eq!(made["key"], "web");
    assert_eq!(made["description"], "Builds");
    assert_eq!(made["_version"], 1);
    assert_eq!(made["_idpSynced"], false);
    assert!(made["_creationDate"].as_i64().unwrap() > 1_600_000_000_000);
    assert_eq!(made["members"]["totalCount"], 1);
    assert_eq!(made["roles"]["items"][0]["key"], "deployer");
    assert_eq!(made["maintainers"]["items"][0]["_id"], json!(ada));
    assert_eq!(made["roleAttributes"], json!({"project": ["web"]}));
    assert_eq!(made["projects"]["totalCount"], 0);
    assert_eq!(made["_links"]["self"]["href"], "/api/v2/teams/web");
    let plain = owner.get("/api/v2/teams/web").await.expect(200);
    for expansion in [
        "members",
        "roles",
        "maintainers",
        "roleAttributes",
        "projects",
    ] {
        assert!(plain.json.get(expansion).is_none(), "{expansion}");
    }
    assert_eq!(
        owner
            .get(&format!("{PATH}/web?{ALL}"))
            .await
            .expect(200)
            .json,
        made
    );
    let maintainers = owner.get("/api/v2/teams/web/maintainers").await.expect(200);
    assert_eq!(maintainers.items("email"), ["ada@acme.test"]);
    let roles = owner
        .get("/api/v2/teams/web/roles?limit=1")
        .await
        .expect(200);
    assert_eq!(roles.items("key"), ["deployer"]);
    assert_eq!(roles.integer("/totalCount"), 1);
    owner
        .delete("/api/v2/teams/web")
        .await
        .expect(204)
        .position();
    owner
        .get("/api/v2/teams/web")
        .await
        .expect_error(404, "not_found", "unknown team");
    // The key is free again.
    make(&owner, "web", json!({})).await;
}

#[tokio::test]
async fn members_and_their_tokens_may_do_what_the_team_gives_until_they_leave() {
    let (server, owner) = start().await;
    let (ada, session) = server.member("ada@acme.test", "reader").await;
    let scope = json!([{"effect": "allow", "actions": ["*"], "resources": ["*"]}]);
    let (_, secret) = make_token(&session, json!({"inlineRole": scope})).await;
    let token = server.anonymous().token(&secret);
    let form = |key: &str| json!({"key": key, "name": "Made", "policy": []});
    token.post("/api/v2/roles", &form("a")).await.expect(403);
    make(
        &owner,
        "web",
        json!({"customRoleKeys": ["deployer"], "memberIDs": [ada]}),
    )
    .await;
    for (api, key) in [(&token, "b"), (&session, "c")] {
        api.post("/api/v2/roles", &form(key)).await.expect(201);
        // The base role goes on counting.
        api.get("/api/v2/members").await.expect(200);
    }
    let leave = json!([{"kind": "removeMembers", "values": [ada]}]);
    owner
        .instruct("/api/v2/teams/web", &leave)
        .await
        .expect(200);
    for api in [&token, &session] {
        api.post("/api/v2/roles", &form("d")).await.expect(403);
    }
    // A removed member leaves all teams.
    let back = json!([{"kind": "addMembers", "values": [ada]}]);
    owner.instruct("/api/v2/teams/web", &back).await.expect(200);
    owner
        .delete(&format!("/api/v2/members/{ada}"))
        .await
        .expect(204);
    let team = owner.get(&format!("{PATH}/web?{ALL}")).await;
    assert_eq!(team.integer("/members/totalCount"), 0);
}

#[tokio::test]
async fn teams_are_listed_found_and_sorted_for_whoever_may_view_them() {
    let (server, owner) = start().await;
    let (nobody, session) = server.member("nobody@acme.test", "no_access").await;
    for key in ["zeta", "alpha", "mid"] {
        make(&owner, key, json!({})).await;
    }
    let grant = json!({"actionSet": "maintainTeam", "memberIDs": [nobody]});
    make(
        &owner,
        "own",
        json!({"permissionGrants": [grant], "memberIDs": [nobody]}),
    )
    .await;
    let keys = async |api: &Api, query: &str| {
        let page = api.get(&format!("{PATH}?{query}")).await.expect(200);
        page.items("key")
    };
    assert_eq!(keys(&owner, "").await, ["zeta", "alpha", "mid", "own"]);
    assert_eq!(
        keys(&owner, "sort=name").await,
        ["alpha", "mid", "own", "zeta"]
    );
    assert_eq!(
        keys(&owner, "sort=-name").await,
        ["zeta", "own", "mid", "alpha"]
    );
    assert_eq!(keys(&owner, "filter=query:ALPH").await, ["alpha"]);
    assert_eq!(
        keys(&owner, "filter=nomembers:true").await,
        ["zeta", "alpha", "mid"]
    );
    // Whom a grant names sees that team, and no other.
    assert_eq!(keys(&session, "").await, ["own"]);
    session.get("/api/v2/teams/own").await.expect(200);
    session
        .get("/api/v2/teams/mid")
        .await
        .expect_error(403, "forbidden", "viewTeam on team/mid");
    let page = owner
        .get(&format!("{PATH}?limit=3&filter=query:team&expand=members"))
        .await;
    assert_eq!(page.integer("/totalCount"), 4);
    let next = owner.get(&page.text("/_links/next/href")).await.expect(200);
    assert_eq!(next.items("key"), ["own"]);
    assert_eq!(next.integer("/items/0/members/totalCount"), 1);
    for (query, message) in [
        ("limit=101", "limit: is 1 to 100"),
        ("filter=size:3", "there is no \"size\""),
        ("sort=size", "sort: is name or -name"),
        ("expand=size", "there is no \"size\""),
    ] {
        let answer = owner.get(&format!("{PATH}?{query}")).await;
        answer.expect_error(400, "invalid_request", message);
    }
}

#[tokio::test]
async fn a_form_that_makes_no_sense_is_refused_with_the_place() {
    let (server, owner) = start().await;
    make(&owner, "web", json!({})).await;
    let position = server.position().await;
    for (form, status, message) in [
        (json!({"name": "Web"}), 400, "missing field `key`"),
        (json!({"key": "a b", "name": "Web"}), 400, "/key: "),
        (json!({"key": "x", "name": ""}), 400, "/name: "),
        (
            json!({"key": "x", "name": "X", "memberIDs": ["y"]}),
            400,
            "/memberIDs/0: there is no member",
        ),
        (
            json!({"key": "x", "name": "X", "customRoleKeys": ["deployer", "y"]}),
            400,
            "/customRoleKeys/1: there is no custom role",
        ),
        (
            json!({"key": "x", "name": "X", "permissionGrants": [{}]}),
            400,
            "/permissionGrants/0: needs either",
        ),
        (
            json!({"key": "x", "name": "X", "permissionGrants": [{"actionSet": "rule"}]}),
            400,
            "/permissionGrants/0/actionSet",
        ),
        (
            json!({"key": "x", "name": "X", "roleAttributes": {"a b": []}}),
            400,
            "/roleAttributes",
        ),
        (
            json!({"key": "web", "name": "Web"}),
            409,
            "there is a team with the key",
        ),
    ] {
        let code = if status == 409 {
            "conflict"
        } else {
            "invalid_request"
        };
        owner
            .post(PATH, &form)
            .await
            .expect_error(status, code, message);
    }
    assert_eq!(server.position().await, position);
}

#[tokio::test]
async fn invited_members_come_into_teams_at_once() {
    let (_server, owner) = start().await;
    make(&owner, "web", json!({"customRoleKeys": ["deployer"]})).await;
    let forms = json!([{"email": "a@acme.test", "teamKeys": ["web"]}, {"email": "b@acme.test", "teamKeys": ["web"]}]);
    let made = owner.post("/api/v2/members", &forms).await.expect(201);
    assert_eq!(made.text("/items/1/teams/0/key"), "web");
    assert_eq!(
        made.json["items"][0]["teams"][0]["customRoleKeys"],
        json!(["deployer"])
    );
    let unknown = json!([{"email": "c@acme.test", "teamKeys": ["web", "none"]}]);
    owner.post("/api/v2/members", &unknown).await.expect_error(
        400,
        "invalid_request",
        "/0/teamKeys/1: there is no team",
    );
}

#[tokio::test]
async fn a_repeated_creation_answers_the_team_that_it_made() {
    let (_server, owner) = start().await;
    let once = owner.with("Idempotency-Key", "the-first");
    let form = json!({"key": "web", "name": "First"});
    once.post(PATH, &form).await.expect(201);
    owner.delete("/api/v2/teams/web").await.expect(204);
    let again = json!({"key": "web", "name": "Second"});
    owner.post(PATH, &again).await.expect(201);
    let repeated = once.post(PATH, &form).await.expect(201);
    assert_eq!(repeated.text("/name"), "First");
}
