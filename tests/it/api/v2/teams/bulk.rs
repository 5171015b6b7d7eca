//! `PATCH /api/v2/teams`.

use serde_json::json;

use super::{make, start};

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
