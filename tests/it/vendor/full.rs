//! Answers with everything in them that can be: scopes of each kind, roles, teams, grants, expansions, and an entry
//! of the audit log for each change.

use serde_json::json;

use super::Seen;
use crate::support::{Server, in_seconds, make_role};

const POLICY: &str = r#"[{"effect":"deny","notResources":["proj/*;web"],"notActions":["view*"]},
    {"effect":"allow","resources":["*"],"actions":["*"]}]"#;
/// What a team can be asked for besides.
const EXPAND: &str = "expand=members,roles,projects,maintainers,roleAttributes";

pub(super) async fn check(server: &Server, seen: &mut Seen<'_>) {
    let owner = server.owner();
    make_role(&owner, "full", &["view*"], &["*"]).await;
    let form = json!([{"email": "full@acme.test", "firstName": "Full", "lastName": "Member",
        "customRoles": ["full"], "roleAttributes": {"project": ["web", "api"]}}]);
    let invited = owner.post("/api/v2/members", &form).await;
    seen.check("postMembers", &invited);
    let member = invited.expect(201).text("/items/0/_id");
    // A second time it is an error that names the e-mails.
    let again = owner.post("/api/v2/members", &form).await.expect(400);
    assert_eq!(again.text("/invalid_emails/0"), "full@acme.test");
    seen.check("postMembers", &again);

    let form = json!({"key": "full", "name": "Full", "description": "All of it", "memberIDs": [member],
        "customRoleKeys": ["full"], "roleAttributes": {"project": ["web"]},
        "permissionGrants": [{"actionSet": "maintainTeam", "memberIDs": [member]},
            {"actions": ["updateTeamName"], "memberIDs": [member]}]});
    let path = format!("/api/v2/teams?{EXPAND}");
    let made = owner.post(&path, &form).await.expect(201);
    assert_eq!(made.integer("/maintainers/totalCount"), 1);
    seen.check("postTeam", &made);

    let mut tokens = Vec::new();
    for scope in [
        json!({"role": "admin"}),
        json!({"customRoleIds": ["full"]}),
        json!({"inlineRole": serde_json::from_str::<serde_json::Value>(POLICY).unwrap()}),
    ] {
        for service in [false, true] {
            let mut form = scope.clone();
            form["name"] = json!("full");
            form["description"] = json!("All of it");
            form["serviceToken"] = json!(service);
            form["expiry"] = json!(in_seconds(3_600));
            form["defaultApiVersion"] = json!(20_220_603);
            let made = owner.post("/api/v2/tokens", &form).await;
            seen.check("postToken", &made);
            let made = made.expect(201);
            let used = server.anonymous().token(&made.text("/token"));
            let identity = used.get("/api/v2/caller-identity").await.expect(200);
            seen.check("getCallerIdentity", &identity);
            tokens.push(format!("/api/v2/tokens/{}", made.text("/_id")));
        }
    }
    for token in &tokens {
        let reset = format!("{token}/reset?expiry={}", in_seconds(600));
        let reset = owner.post_nothing(&reset).await.expect(200);
        seen.check("resetToken", &reset);
        seen.check("getToken", &owner.get(token).await.expect(200));
    }

    let member = format!("/api/v2/members/{member}");
    let reads = [
        (
            "getTokens",
            "/api/v2/tokens?showAll=true&limit=2&offset=2".to_owned(),
        ),
        ("getMember", member),
        (
            "getMembers",
            "/api/v2/members?limit=2&offset=2&expand=customRoles,roleAttributes".to_owned(),
        ),
        ("getTeam", format!("/api/v2/teams/full?{EXPAND}")),
        ("getTeams", path),
        (
            "getTeamMaintainers",
            "/api/v2/teams/full/maintainers".to_owned(),
        ),
        ("getTeamRoles", "/api/v2/teams/full/roles".to_owned()),
        ("getCustomRole", "/api/v2/roles/full".to_owned()),
        ("getCustomRoles", "/api/v2/roles?limit=1".to_owned()),
    ];
    for (operation, path) in reads {
        seen.check(operation, &owner.get(&path).await.expect(200));
    }

    let list = owner.get("/api/v2/auditlog?limit=20").await.expect(200);
    let ids = list.items("_id");
    assert_eq!(ids.len(), 20);
    for id in ids {
        let entry = owner.get(&format!("/api/v2/auditlog/{id}")).await;
        seen.check("getAuditLogEntry", &entry.expect(200));
    }
    let counts = "/api/v2/auditlog/counts?after=0&buckets=3";
    let counts = owner.post(counts, &json!([])).await.expect(200);
    seen.check("postAuditLogEntryCounts", &counts);
}
