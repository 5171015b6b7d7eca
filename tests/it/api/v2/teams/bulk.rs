//! `PATCH /api/v2/teams`.

use serde_json::json;

use super::{make, start};
use crate::support::make_role;

const PATH: &str = "/api/v2/teams";

#[tokio::test]
async fn members_come_into_several_teams_and_what_fails_is_named() {
    let (server, owner) = start().await;
    let ada = server.invite("ada@acme.test", "reader").await;
    let bob = server.invite("bob@acme.test", "reader").await;
    for key in ["web", "shop"] {
        make(&owner, key, json!({})).await;
    }
    let named = json!([{"kind": "addMembersToTeams", "memberIDs": [ada], "teamKeys": ["web", "none", "shop"]}]);
    owner
        .instruct(PATH, &named)
        .await
        .expect_error(403, "forbidden", "LD-API-Version");
    let beta = owner.with("LD-API-Version", "beta");
    let done = beta.instruct(PATH, &named).await.expect(200);
    assert_eq!(done.json["memberIDs"], json!([ada]));
    assert_eq!(done.json["teamKeys"], json!(["shop", "web"]));
    assert_eq!(done.json["errors"], json!([{"none": "unknown team"}]));
    let all = json!([{"kind": "addAllMembersToTeams", "teamKeys": ["web"], "filterRoles": "owner", "ignoredMemberIDs": [ada]}]);
    let done = beta.instruct(PATH, &all).await.expect(200);
    assert_eq!(done.json["memberIDs"], json!([bob]));
    let member = owner.get(&format!("/api/v2/members/{bob}")).await;
    assert_eq!(member.text("/teams/0/key"), "web");
    let wrong = json!([{"kind": "addMembersToTeams", "memberIDs": ["x"], "teamKeys": ["web"]}]);
    beta.instruct(PATH, &wrong).await.expect_error(
        400,
        "invalid_request",
        "/instructions/0/memberIDs/0",
    );
}

#[tokio::test]
async fn nobody_comes_into_more_teams_than_a_member_may_be_in() {
    let (server, owner) = start().await;
    let ada = server.invite("ada@acme.test", "reader").await;
    let keys: Vec<String> = (0..33).map(|n| format!("team-{n:02}")).collect();
    for key in &keys {
        make(&owner, key, json!({})).await;
    }
    let all = json!([{"kind": "addMembersToTeams", "memberIDs": [ada], "teamKeys": keys}]);
    let beta = owner.with("LD-API-Version", "beta");
    let done = beta.instruct(PATH, &all).await.expect(200);
    assert_eq!(done.json["teamKeys"].as_array().unwrap().len(), 32);
    assert_eq!(done.json["errors"].as_array().unwrap().len(), 1);
    assert!(done.text("/errors/0/team-32").contains("32 teams"));
    let member = owner.get(&format!("/api/v2/members/{ada}")).await;
    assert_eq!(member.json["teams"].as_array().unwrap().len(), 32);
}

#[tokio::test]
async fn whoever_may_change_one_team_need_not_see_all() {
    let (server, owner) = start().await;
    for key in ["web", "shop"] {
        make(&owner, key, json!({})).await;
    }
    let mine = ["viewTeam", "updateTeamMembers"];
    make_role(&owner, "lead", &mine, &["team/web"]).await;
    let (lead, session) = server.member("lead@acme.test", "no_access").await;
    let custom = json!([{"op": "replace", "path": "/customRoles", "value": ["lead"]}]);
    let path = format!("/api/v2/members/{lead}");
    owner.patch(&path, &custom).await.expect(200);
    let ada = server.invite("ada@acme.test", "reader").await;
    let beta = session.with("LD-API-Version", "beta");
    let into = |keys: &[&str]| json!([{"kind": "addMembersToTeams", "memberIDs": [ada], "teamKeys": keys}]);
    let done = beta
        .instruct(PATH, &into(&["shop", "web"]))
        .await
        .expect(200);
    assert_eq!(done.json["teamKeys"], json!(["web"]));
    assert!(
        done.text("/errors/0/shop")
            .contains("viewTeam on team/shop")
    );
    beta.instruct(PATH, &into(&["shop"])).await.expect_error(
        403,
        "forbidden",
        "viewTeam on team/shop",
    );
}

#[tokio::test]
async fn a_mistyped_team_leaves_nobody_out_so_it_is_refused() {
    let (server, owner) = start().await;
    server.invite("ada@acme.test", "reader").await;
    make(&owner, "web", json!({})).await;
    let beta = owner.with("LD-API-Version", "beta");
    let all =
        json!([{"kind": "addAllMembersToTeams", "teamKeys": ["web"], "filterTeamKey": "wbe"}]);
    let position = server.position().await;
    beta.instruct(PATH, &all).await.expect_error(
        400,
        "invalid_request",
        "filterTeamKey: there is no team",
    );
    assert_eq!(server.position().await, position);
}
