//! `launchdarkly_team` and `launchdarkly_team_role_mapping`.

use serde_json::{Value, json};

use super::provider;
use crate::support::make_role;

#[tokio::test]
async fn a_team_lives_and_dies() {
    let (server, api) = provider().await;
    for key in ["one", "two"] {
        make_role(&api, key, &["*"], &["proj/*"]).await;
    }
    let ada = server.invite("ada@acme.test", "reader").await;
    let bob = server.invite("bob@acme.test", "reader").await;
    let cat = server.invite("cat@acme.test", "reader").await;
    let maintain = |ids: &[&String]| json!([{"actionSet": "maintainTeam", "memberIDs": ids}]);
    let form = json!({
        "key": "tf-team", "name": "TF", "description": "Made by Terraform",
        "memberIDs": [ada], "customRoleKeys": ["one"], "permissionGrants": maintain(&[&ada, &cat]),
        "roleAttributes": {"project": ["web"]},
    });
    let sorted = |ids: &[&String]| {
        let mut ids: Vec<String> = ids.iter().copied().cloned().collect();
        ids.sort();
        ids
    };
    api.post("/api/v2/teams", &form).await.expect(201);
    let read = async || {
        let path = "/api/v2/teams/tf-team?expand=roles,projects,maintainers,members,roleAttributes";
        let team = api.get(path).await.expect(200).json;
        let members = api
            .get("/api/v2/members?filter=team:tf-team&limit=50")
            .await
            .expect(200);
        let keys = |list: &Value, field: &str| -> Vec<String> {
            let items = list["items"].as_array().unwrap().iter();
            items
                .map(|item| item[field].as_str().unwrap().to_owned())
                .collect()
        };
        let roles = keys(&team["roles"], "key");
        let mut maintainers = keys(&team["maintainers"], "_id");
        maintainers.sort();
        (team, members.items("_id"), roles, maintainers)
    };
    let (team, members, roles, maintainers) = read().await;
    assert_eq!(team["name"], "TF");
    assert_eq!(team["description"], "Made by Terraform");
    assert_eq!(team["roleAttributes"], json!({"project": ["web"]}));
    assert_eq!(
        (members, roles, maintainers),
        (
            vec![ada.clone()],
            vec!["one".to_owned()],
            sorted(&[&ada, &cat])
        )
    );
    // One patch with an instruction for each difference.
    let instructions = json!([
        {"kind": "updateName", "value": "TF renamed"},
        {"kind": "updateDescription", "value": ""},
        {"kind": "removeMembers", "values": [ada]},
        {"kind": "addMembers", "values": [bob]},
        {"kind": "removeCustomRoles", "values": ["one"]},
        {"kind": "addCustomRoles", "values": ["two"]},
        {"kind": "removePermissionGrants", "actionSet": "maintainTeam", "memberIDs": [ada]},
        {"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [bob]},
        {"kind": "replaceRoleAttributes", "value": {"project": ["shop"]}},
    ]);
    api.instruct("/api/v2/teams/tf-team", &instructions)
        .await
        .expect(200);
    let (team, members, roles, maintainers) = read().await;
    assert_eq!(team["name"], "TF renamed");
    assert_eq!(team["roleAttributes"], json!({"project": ["shop"]}));
    assert_eq!(
        (members, roles, maintainers),
        (
            vec![bob.clone()],
            vec!["two".to_owned()],
            sorted(&[&bob, &cat])
        )
    );
    // Who leaves the configuration alone stays; attributes that leave it are sent as null.
    let instructions = json!([
        {"kind": "removePermissionGrants", "actionSet": "maintainTeam", "memberIDs": [cat]},
        {"kind": "replaceRoleAttributes", "value": null},
    ]);
    api.instruct("/api/v2/teams/tf-team", &instructions)
        .await
        .expect(200);
    let (team, _, _, maintainers) = read().await;
    assert_eq!(team["roleAttributes"], json!({}));
    assert_eq!(maintainers, [bob]);
    api.delete("/api/v2/teams/tf-team").await.expect(204);
    api.get("/api/v2/teams/tf-team")
        .await
        .expect_error(404, "not_found", "unknown team");
}

#[tokio::test]
async fn a_role_mapping_reads_all_pages_of_the_teams_roles() {
    let (_server, api) = provider().await;
    let keys: Vec<String> = (0..12).map(|n| format!("role-{n:02}")).collect();
    for key in &keys {
        make_role(&api, key, &["*"], &["proj/*"]).await;
    }
    api.post("/api/v2/teams", &json!({"key": "tf-team", "name": "TF"}))
        .await
        .expect(201);
    let add = json!([{"kind": "addCustomRoles", "values": keys}]);
    api.instruct("/api/v2/teams/tf-team", &add)
        .await
        .expect(200);
    let mut found = Vec::new();
    let mut next = Some("/api/v2/teams/tf-team/roles?limit=5".to_owned());
    while let Some(path) = next {
        let page = api.get(&path).await.expect(200);
        found.extend(page.items("key"));
        let link = page
            .json
            .pointer("/_links/next/href")
            .and_then(Value::as_str);
        next = link.map(str::to_owned);
    }
    assert_eq!(found, keys);
    let remove = json!([{"kind": "removeCustomRoles", "values": keys}]);
    api.instruct("/api/v2/teams/tf-team", &remove)
        .await
        .expect(200);
    let roles = api.get("/api/v2/teams/tf-team/roles").await.expect(200);
    assert_eq!(roles.integer("/totalCount"), 0);
}
