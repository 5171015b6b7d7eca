//! `PATCH /api/v2/teams/{key}`.

use serde_json::{Value, json};

use super::{ALL, make, start};
use crate::support::{Answer, Api, make_role};

async fn patch(api: &Api, instructions: Value) -> Answer {
    api.instruct(&format!("/api/v2/teams/web?{ALL}"), &instructions)
        .await
}

#[tokio::test]
async fn instructions_are_taken_in_their_order_all_or_none() {
    let (server, owner) = start().await;
    make_role(&owner, "auditor", &["view*"], &["role/*"]).await;
    let ada = server.invite("ada@acme.test", "reader").await;
    let bob = server.invite("bob@acme.test", "reader").await;
    make(&owner, "web", json!({})).await;
    let done = patch(
        &owner,
        json!([
            {"kind": "updateName", "value": "Site"},
            {"kind": "updateDescription", "value": "The site"},
            {"kind": "addMembers", "values": [ada]},
            {"kind": "replaceMembers", "values": [bob]},
            {"kind": "addMembers", "values": [ada, bob]},
            {"kind": "removeMembers", "values": [bob]},
            {"kind": "addCustomRoles", "values": ["deployer", "auditor"]},
            {"kind": "removeCustomRoles", "values": ["deployer"]},
            {"kind": "addRoleAttribute", "key": "project", "values": ["web"]},
            {"kind": "updateRoleAttribute", "key": "project", "values": ["shop"]},
            {"kind": "addRoleAttribute", "key": "gone", "values": ["x"]},
            {"kind": "removeRoleAttribute", "key": "gone"},
            {"kind": "addPermissionGrants", "actions": ["updateTeamName"], "memberIDs": [ada]},
            {"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [ada, bob]},
            {"kind": "removePermissionGrants", "actions": ["updateTeamName"], "memberIDs": [ada]},
        ]),
    )
    .await
    .expect(200);
    assert_eq!(done.text("/name"), "Site");
    assert_eq!(done.text("/description"), "The site");
    assert_eq!(done.integer("/members/totalCount"), 1);
    assert_eq!(done.json["roles"]["items"][0]["key"], "auditor");
    assert_eq!(done.integer("/roles/totalCount"), 1);
    assert_eq!(done.json["roleAttributes"], json!({"project": ["shop"]}));
    assert_eq!(done.integer("/maintainers/totalCount"), 2);
    // One event for each thing that changed.
    assert_eq!(done.integer("/_version"), 5);
    let position = server.position().await;
    let refused = patch(
        &owner,
        json!([{"kind": "updateName", "value": "Other"}, {"kind": "addMembers", "values": [ada, "x"]}]),
    )
    .await;
    refused.expect_error(
        400,
        "invalid_request",
        "/instructions/1/values/1: there is no member",
    );
    assert_eq!(server.position().await, position);
    assert_eq!(owner.get("/api/v2/teams/web").await.text("/name"), "Site");
}

#[tokio::test]
async fn what_already_is_succeeds_and_changes_nothing() {
    let (server, owner) = start().await;
    let ada = server.invite("ada@acme.test", "reader").await;
    make(
        &owner,
        "web",
        json!({"memberIDs": [ada], "customRoleKeys": ["deployer"]}),
    )
    .await;
    let position = server.position().await;
    let done = patch(
        &owner,
        json!([
            {"kind": "addMembers", "values": [ada]},
            {"kind": "addCustomRoles", "values": ["deployer"]},
            {"kind": "updateName", "value": "Team web"},
            {"kind": "removeRoleAttribute", "key": "none"},
            {"kind": "replaceRoleAttributes", "value": {}},
        ]),
    )
    .await;
    done.expect(200);
    assert_eq!(server.position().await, position);
    // Whoever may not change it may not ask for what is, either.
    let (_, reader) = server.member("reader@acme.test", "reader").await;
    patch(&reader, json!([{"kind": "addMembers", "values": [ada]}]))
        .await
        .expect_error(403, "forbidden", "updateTeamMembers on team/web");
}

#[tokio::test]
async fn an_instruction_that_makes_no_sense_is_named() {
    let (_server, owner) = start().await;
    make(
        &owner,
        "web",
        json!({"roleAttributes": {"project": ["web"]}}),
    )
    .await;
    for (instruction, message) in [
        (json!({"kind": "renameEverything"}), "/instructions/1: "),
        (json!({"kind": "updateName"}), "/instructions/1: "),
        (
            json!({"kind": "updateName", "value": 5}),
            "/instructions/1: ",
        ),
        (json!({"kind": "updateName", "value": ""}), "/name: "),
        (
            json!({"kind": "addCustomRoles", "values": ["none"]}),
            "/instructions/1/values/0: there is no custom role",
        ),
        (
            json!({"kind": "addRoleAttribute", "key": "project", "values": []}),
            "/instructions/1/key: the team has",
        ),
        (
            json!({"kind": "updateRoleAttribute", "key": "none", "values": []}),
            "/instructions/1/key: the team has no",
        ),
        (
            json!({"kind": "addPermissionGrants", "actionSet": "x"}),
            "/instructions/1/actionSet",
        ),
    ] {
        let both = json!([{"kind": "updateDescription", "value": "x"}, instruction]);
        patch(&owner, both)
            .await
            .expect_error(400, "invalid_request", message);
    }
    patch(&owner, json!([]))
        .await
        .expect_error(400, "invalid_request", "/instructions: has 0");
    let name = json!([{"kind": "updateName", "value": "x"}]);
    let unknown = owner.instruct("/api/v2/teams/none", &name);
    unknown.await.expect_error(404, "not_found", "unknown team");
}

#[tokio::test]
async fn whoever_may_change_something_may_ask_for_what_is() {
    let (server, owner) = start().await;
    make(&owner, "web", json!({"description": "Builds"})).await;
    make_role(
        &owner,
        "writer-of-texts",
        &["viewTeam", "updateTeamDescription"],
        &["team/*"],
    )
    .await;
    let (ada, session) = server.member("ada@acme.test", "no_access").await;
    let custom = json!([{"op": "replace", "path": "/customRoles", "value": ["writer-of-texts"]}]);
    owner
        .patch(&format!("/api/v2/members/{ada}"), &custom)
        .await
        .expect(200);
    let same = json!([{"kind": "updateDescription", "value": "Builds"}]);
    patch(&session, same).await.expect(200);
    let name = json!([{"kind": "updateName", "value": "Team web"}]);
    patch(&session, name)
        .await
        .expect_error(403, "forbidden", "updateTeamName on team/web");
}

#[tokio::test]
async fn role_attributes_are_replaced_by_none_but_not_by_a_mistake() {
    let (_server, owner) = start().await;
    make(
        &owner,
        "web",
        json!({"roleAttributes": {"project": ["web"]}}),
    )
    .await;
    let replace =
        |field: &str, value: Value| json!([{"kind": "replaceRoleAttributes", field: value}]);
    patch(&owner, json!([{"kind": "replaceRoleAttributes"}]))
        .await
        .expect_error(400, "invalid_request", "missing field `value`");
    let none = patch(&owner, replace("value", Value::Null))
        .await
        .expect(200);
    assert_eq!(none.json["roleAttributes"], json!({}));
    // Some editions of the vendor's documentation call the field `values`.
    let some = patch(&owner, replace("values", json!({"project": ["shop"]}))).await;
    assert_eq!(
        some.expect(200).json["roleAttributes"],
        json!({"project": ["shop"]})
    );
}
