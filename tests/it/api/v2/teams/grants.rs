//! `addPermissionGrants` and `removePermissionGrants`: the fields stand beside `kind`, as at the vendor, and
//! permissions are given and taken member by member.

use serde_json::{Value, json};

use super::{ALL, make, start};
use crate::support::{Answer, Api};

async fn patch(api: &Api, instruction: Value) -> Answer {
    api.instruct(&format!("/api/v2/teams/web?{ALL}"), &json!([instruction]))
        .await
}

fn maintainers(team: &Answer) -> Vec<String> {
    let items = team.json["maintainers"]["items"].as_array().unwrap();
    let emails = items.iter().map(|item| item["email"].as_str().unwrap());
    emails.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_permission_is_given_to_some_and_taken_from_one() {
    let (server, owner) = start().await;
    let (ada, session) = server.member("ada@acme.test", "no_access").await;
    let bob = server.invite("bob@acme.test", "no_access").await;
    let both = json!([{"actionSet": "maintainTeam", "memberIDs": [ada, bob]}]);
    make(&owner, "web", json!({"permissionGrants": both})).await;
    session.get("/api/v2/teams/web").await.expect(200);
    // One of two whom a single grant names loses it at once; the other keeps it.
    let take =
        json!({"kind": "removePermissionGrants", "actionSet": "maintainTeam", "memberIDs": [ada]});
    let left = patch(&owner, take.clone()).await.expect(200);
    assert_eq!(maintainers(&left), ["bob@acme.test"]);
    session
        .get("/api/v2/teams/web")
        .await
        .expect_error(403, "forbidden", "viewTeam on team/web");
    // Once more changes nothing.
    let position = server.position().await;
    patch(&owner, take).await.expect(200);
    assert_eq!(server.position().await, position);
    let give = json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [ada, bob]});
    let team = patch(&owner, give).await.expect(200);
    assert_eq!(team.integer("/maintainers/totalCount"), 2);
    for id in [&ada, &bob] {
        let member = owner.get(&format!("/api/v2/members/{id}")).await;
        let grants = member.json["permissionGrants"].as_array().unwrap();
        assert_eq!(grants.len(), 1, "{}", member.body);
    }
}

#[tokio::test]
async fn actions_name_the_grant_in_whatever_order() {
    let (server, owner) = start().await;
    let (ada, session) = server.member("ada@acme.test", "no_access").await;
    make(&owner, "web", json!({})).await;
    let of = |kind: &str, actions: &[&str]| json!({"kind": kind, "actions": actions, "memberIDs": [ada]});
    let give = of("addPermissionGrants", &["viewTeam", "updateTeamName"]);
    patch(&owner, give).await.expect(200);
    session.get("/api/v2/teams/web").await.expect(200);
    // What the team has no grant of is not taken silently.
    patch(&owner, of("removePermissionGrants", &["viewTeam"]))
        .await
        .expect_error(
            400,
            "invalid_request",
            "/instructions/0/actions: the team has no",
        );
    session.get("/api/v2/teams/web").await.expect(200);
    let take = of("removePermissionGrants", &["updateTeamName", "viewTeam"]);
    patch(&owner, take).await.expect(200);
    session.get("/api/v2/teams/web").await.expect(403);
}

#[tokio::test]
async fn maintainers_who_come_one_by_one_are_one_grant() {
    let (_server, owner) = start().await;
    make(&owner, "web", json!({})).await;
    let forms: Vec<Value> = (0..40)
        .map(|n| json!({"email": format!("m{n}@acme.test")}))
        .collect();
    let invited = owner
        .post("/api/v2/members", &json!(forms))
        .await
        .expect(201);
    for id in invited.items("_id") {
        let give =
            json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [id]});
        patch(&owner, give).await.expect(200);
    }
    let page = owner.get("/api/v2/teams/web/maintainers").await.expect(200);
    assert_eq!(page.integer("/totalCount"), 40);
}

#[tokio::test]
async fn a_grant_that_makes_no_sense_is_named_by_its_instruction() {
    let (server, owner) = start().await;
    let ada = server.invite("ada@acme.test", "reader").await;
    let maintained = json!([{"actionSet": "maintainTeam", "memberIDs": [ada]}]);
    make(&owner, "web", json!({"permissionGrants": maintained})).await;
    let position = server.position().await;
    for (fields, message) in [
        (json!({}), "/instructions/0: needs either"),
        (json!({"memberIDs": [ada]}), "/instructions/0: needs either"),
        (
            json!({"actions": [], "memberIDs": [ada]}),
            "/instructions/0: needs either",
        ),
        (
            json!({"actionSet": "maintainTeam", "actions": ["viewTeam"], "memberIDs": [ada]}),
            "/instructions/0: needs either",
        ),
        (
            json!({"actionSet": "own", "memberIDs": [ada]}),
            "/instructions/0/actionSet: there is no",
        ),
        (
            json!({"actionSet": "maintainTeam", "memberIDs": [ada, "x"]}),
            "/instructions/0/memberIDs/1: there is no member",
        ),
        (
            json!({"actionSet": "maintainTeam"}),
            "/instructions/0/memberIDs: is empty",
        ),
        (
            json!({"actions": ["viewTeam", "a b"], "memberIDs": [ada]}),
            "/instructions/0/actions/1: ",
        ),
    ] {
        let mut instruction = json!({"kind": "addPermissionGrants"});
        let fields = fields.as_object().unwrap().clone();
        instruction.as_object_mut().unwrap().extend(fields);
        patch(&owner, instruction)
            .await
            .expect_error(400, "invalid_request", message);
    }
    assert_eq!(server.position().await, position);
}
