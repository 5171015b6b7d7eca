//! `PATCH /api/v2/members`.

use serde_json::{Value, json};

use crate::support::{Api, Server, make_role};

async fn ids(server: &Server, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(server.invite(&format!("{name}@acme.test"), "reader").await);
    }
    ids
}

async fn change(api: &Api, instruction: Value) -> crate::support::Answer {
    api.instruct("/api/v2/members", &json!([instruction])).await
}

async fn field(owner: &Api, id: &str, name: &str) -> Value {
    owner
        .get(&format!("/api/v2/members/{id}"))
        .await
        .expect(200)
        .json[name]
        .clone()
}

#[tokio::test]
async fn roles_are_replaced_and_who_may_not_be_changed_is_named() {
    let server = Server::start().await;
    let owner = server.owner();
    let role = make_role(&owner, "ops", &["view*"], &["member/*"]).await;
    let ids = ids(&server, &["a", "b"]).await;
    let me = owner.get("/api/v2/members/me").await.text("/_id");
    let unknown = "ffffffffffffffffffffffff";
    let custom = json!({"kind": "replaceMembersCustomRoles", "values": ["ops"], "memberIDs": ids});
    let answer = change(&owner, custom).await.expect(200);
    assert_eq!(answer.json["members"], json!(ids));
    assert_eq!(answer.json["errors"], json!([]));
    answer.position();
    assert_eq!(field(&owner, &ids[0], "customRoles").await, json!([role]));
    // A base role takes the custom ones away.
    let everybody = [
        ids[0].clone(),
        me.clone(),
        unknown.to_owned(),
        ids[1].clone(),
    ];
    let base = json!({"kind": "replaceMembersRoles", "value": "writer", "memberIDs": everybody});
    let answer = change(&owner, base).await.expect(200);
    assert_eq!(answer.json["members"], json!(ids));
    assert_eq!(
        answer.json["errors"],
        json!([{me: "you cannot modify your own role"}, {unknown: "unknown member"}])
    );
    for id in &ids {
        assert_eq!(field(&owner, id, "role").await, "writer");
        assert_eq!(field(&owner, id, "customRoles").await, json!([]));
    }
    let values = json!({"project": ["web", "shop"]});
    let attributes =
        json!({"kind": "replaceMembersRoleAttributes", "value": values, "memberIDs": [ids[0]]});
    change(&owner, attributes.clone()).await.expect(200);
    assert_eq!(field(&owner, &ids[0], "roleAttributes").await, values);
    // The same once more changes nothing and succeeds.
    let position = server.position().await;
    change(&owner, attributes).await.expect(200);
    assert_eq!(server.position().await, position);
}

#[tokio::test]
async fn all_but_some_are_changed() {
    let server = Server::start().await;
    let owner = server.owner();
    let ids = ids(&server, &["ada", "bob", "cat", "dan", "eve"]).await;
    server
        .sign_in("eve@acme.test")
        .await
        .get("/api/v2/members/me")
        .await
        .expect(200);
    let team = json!({"key": "core", "name": "Core", "memberIDs": [ids[2]]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    let me = owner.get("/api/v2/members/me").await.text("/_id");
    let answer = change(
        &owner,
        json!({
            "kind": "replaceAllMembersRoles",
            "value": "no_access",
            "filterQuery": "ADA",
            "filterTeamKey": "core",
            "filterRoles": "owner|writer",
            "filterLastSeen": {"before": 99_999_999_999_999_i64},
            "ignoredMemberIDs": [ids[3]],
        }),
    )
    .await
    .expect(200);
    assert_eq!(answer.json["members"], json!([ids[1]]), "only Bob is left");
    assert_eq!(answer.json["errors"], json!([]));
    let answer = change(
        &owner,
        json!({"kind": "replaceAllMembersRoles", "value": "reader"}),
    )
    .await;
    assert_eq!(
        answer.expect(200).json["errors"],
        json!([{me: "you cannot modify your own role"}])
    );
}

#[tokio::test]
async fn many_members_are_changed_in_several_steps() {
    let server = Server::start().await;
    let owner = server.owner();
    for hundred in 0..7 {
        let forms: Vec<_> = (0..50)
            .map(|n| json!({"email": format!("m{hundred}-{n}@acme.test")}))
            .collect();
        owner
            .post("/api/v2/members", &json!(forms))
            .await
            .expect(201);
    }
    let before = server.position().await;
    let answer = change(
        &owner,
        json!({"kind": "replaceAllMembersRoles", "value": "writer"}),
    )
    .await
    .expect(200);
    assert_eq!(answer.json["members"].as_array().unwrap().len(), 350);
    assert_eq!(server.position().await, before + 350);
}

#[tokio::test]
async fn a_patch_that_makes_no_sense_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner();
    let ids = ids(&server, &["a"]).await;
    let position = server.position().await;
    for (instruction, message) in [
        (json!({"kind": "promoteEverybody"}), "/instructions/0: "),
        (
            json!({"kind": "replaceMembersRoles", "memberIDs": ids}),
            "/instructions/0: ",
        ),
        (
            json!({"kind": "replaceMembersRoles", "value": "owner", "memberIDs": ids}),
            "one owner",
        ),
        (
            json!({"kind": "replaceMembersRoles", "value": "king", "memberIDs": ids}),
            "not a built-in role",
        ),
        (
            json!({"kind": "replaceMembersRoles", "value": "writer", "memberIDs": [ids[0], ids[0]]}),
            "is there twice",
        ),
        (
            json!({"kind": "replaceAllMembersRoles", "value": "writer", "filterLastSeen": "never"}),
            "lastSeen is",
        ),
    ] {
        change(&owner, instruction)
            .await
            .expect_error(400, "invalid_request", message);
    }
    let plain = json!({"instructions": [{"kind": "replaceMembersRoles", "value": "writer", "memberIDs": ids}]});
    owner.patch("/api/v2/members", &plain).await.expect_error(
        400,
        "invalid_request",
        "semanticpatch",
    );
    assert_eq!(server.position().await, position);
    // An unknown role is said for each member, as it would be for one.
    let custom = json!({"kind": "replaceMembersCustomRoles", "values": ["none"], "memberIDs": ids});
    let answer = change(&owner, custom).await.expect(200);
    assert!(
        answer.json["errors"][0][&ids[0]]
            .as_str()
            .unwrap()
            .contains("no custom role")
    );
}
