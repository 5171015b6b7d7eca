//! A team whose custom roles were deleted: they grant nothing, and are in nobody's way.

use serde_json::json;

use super::{ALL, make, start};
use crate::support::make_role;

#[tokio::test]
async fn deleted_roles_take_no_place_in_a_team() {
    let (_server, owner) = start().await;
    make(&owner, "web", json!({})).await;
    for n in 0..26 {
        let key = format!("role-{n}");
        make_role(&owner, &key, &["view*"], &["role/*"]).await;
        let add = json!([{"kind": "addCustomRoles", "values": [key]}]);
        let path = format!("/api/v2/teams/web?{ALL}");
        let team = owner.instruct(&path, &add).await.expect(200);
        assert_eq!(team.integer("/roles/totalCount"), 1);
        owner
            .delete(&format!("/api/v2/roles/{key}"))
            .await
            .expect(204);
    }
}

#[tokio::test]
async fn a_deleted_role_may_be_taken_out_by_its_key_or_id() {
    let (server, owner) = start().await;
    let id = make_role(&owner, "gone", &["view*"], &["role/*"]).await;
    make(
        &owner,
        "web",
        json!({"customRoleKeys": ["gone", "deployer"]}),
    )
    .await;
    owner.delete("/api/v2/roles/gone").await.expect(204);
    let remove = |key: &str| json!([{"kind": "removeCustomRoles", "values": ["deployer", key]}]);
    let path = format!("/api/v2/teams/web?{ALL}");
    for key in ["gone", &id] {
        let team = owner.instruct(&path, &remove(key)).await.expect(200);
        assert_eq!(team.integer("/roles/totalCount"), 0);
    }
    let position = server.position().await;
    owner.instruct(&path, &remove("never")).await.expect_error(
        400,
        "invalid_request",
        "/instructions/0/values/1: there is no custom role",
    );
    assert_eq!(server.position().await, position);
}
