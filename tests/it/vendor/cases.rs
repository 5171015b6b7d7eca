//! Answers that take a request of their own: wrong forms, conflicts, patches that fail, wrong methods.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, Server, make_role, make_token};

/// One request with the status of its answer.
pub(super) struct Case {
    pub(super) operation: &'static str,
    pub(super) status: u16,
    method: Method,
    path: String,
    body: Body,
}

enum Body {
    None,
    Json(Value),
    Semantic(Value),
    File(&'static str),
}

/// What the vendor lists and this server never answers, each with the reason.
pub(super) const NEVER: [(&str, u16, &str); 11] = [
    ("getIps", 429, "needs no credential, and is not limited"),
    ("getMembers", 404, "there is always a list"),
    (
        "getOpenapiSpec",
        429,
        "needs no credential, and is not limited",
    ),
    ("getRoot", 429, "needs no credential, and is not limited"),
    ("patchCustomRole", 409, "a race that is lost eight times"),
    ("patchMember", 409, "a race that is lost eight times"),
    ("patchMembers", 409, "a race that is lost eight times"),
    ("patchTeam", 409, "a race that is lost eight times"),
    ("patchTeams", 409, "a race that is lost eight times"),
    ("postMemberTeams", 409, "a race that is lost eight times"),
    ("postMembers", 409, "a race that is lost eight times"),
];

fn case(operation: &'static str, status: u16, method: Method, path: &str, body: Body) -> Case {
    Case {
        operation,
        status,
        method,
        path: path.to_owned(),
        body,
    }
}

/// The requests.
pub(super) async fn explicit(server: &Server) -> Vec<Case> {
    use Body::{File, Json, None, Semantic};
    let owner = server.owner();
    let role = "/api/v2/roles/vendor-role";
    make_role(&owner, "vendor-role", &["view*"], &["role/*"]).await;
    let team = "/api/v2/teams/vendor-team";
    owner
        .post(
            "/api/v2/teams",
            &json!({"key": "vendor-team", "name": "Team"}),
        )
        .await
        .expect(201);
    let form = json!({"role": "reader", "serviceToken": true});
    let token = format!("/api/v2/tokens/{}", make_token(&owner, form).await.0);
    let member = format!(
        "/api/v2/members/{}",
        server.invite("vendor@acme.test", "reader").await
    );
    let me = owner.get("/api/v2/members/me").await.text("/_id");
    let me = format!("/api/v2/members/{me}");
    let (get, post, patch, put, delete) = (
        Method::GET,
        Method::POST,
        Method::PATCH,
        Method::PUT,
        Method::DELETE,
    );
    let remove = json!([{"op": "remove", "path": "/inlineRole"}]);
    let scope = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
    let odd = json!([{"op": "replace", "path": "/_id", "value": "x"}]);
    let kind = json!({"instructions": [{"kind": "fly"}]});
    let same = json!({"key": "vendor-role", "name": "Same", "policy": []});
    let auditlog = "/api/v2/auditlog";
    let members = format!("{team}/members");
    let maintainers = format!("{team}/maintainers");
    let roles = format!("{team}/roles");
    vec![
        case("getIps", 200, get.clone(), "/api/v2/public-ip-list", None),
        case(
            "getOpenapiSpec",
            200,
            get.clone(),
            "/api/v2/openapi.json",
            None,
        ),
        case(
            "postToken",
            400,
            post.clone(),
            "/api/v2/tokens",
            Json(json!({})),
        ),
        case("patchToken", 400, patch.clone(), &token, Json(odd.clone())),
        case("patchToken", 409, patch.clone(), &token, Json(scope)),
        case("patchToken", 422, patch.clone(), &token, Json(remove)),
        case(
            "postMembers",
            400,
            post.clone(),
            "/api/v2/members",
            Json(json!([{"email": "x"}])),
        ),
        case(
            "patchMembers",
            400,
            patch.clone(),
            "/api/v2/members",
            Semantic(kind.clone()),
        ),
        case(
            "patchMember",
            400,
            patch.clone(),
            &member,
            Json(odd.clone()),
        ),
        case("deleteMember", 409, delete, &me, None),
        case(
            "postMemberTeams",
            400,
            post.clone(),
            &format!("{member}/teams"),
            Json(json!({"teamKeys": []})),
        ),
        case(
            "postCustomRole",
            400,
            post.clone(),
            "/api/v2/roles",
            Json(json!({"key": "a b", "name": "x", "policy": []})),
        ),
        case(
            "postCustomRole",
            409,
            post.clone(),
            "/api/v2/roles",
            Json(same),
        ),
        case(
            "patchCustomRole",
            400,
            patch.clone(),
            role,
            Json(json!({"patch": odd})),
        ),
        case(
            "getAuditLogEntries",
            400,
            get.clone(),
            &format!("{auditlog}?limit=0"),
            None,
        ),
        case(
            "postAuditLogEntries",
            400,
            post.clone(),
            &format!("{auditlog}?limit=0"),
            Json(json!([])),
        ),
        case(
            "postAuditLogEntryCounts",
            400,
            post.clone(),
            &format!("{auditlog}/counts"),
            Json(json!([])),
        ),
        case(
            "postTeam",
            400,
            post.clone(),
            "/api/v2/teams",
            Json(json!({"key": "a b", "name": "x"})),
        ),
        case(
            "patchTeams",
            400,
            patch.clone(),
            "/api/v2/teams",
            Semantic(kind.clone()),
        ),
        case(
            "getTeam",
            400,
            get.clone(),
            &format!("{team}?expand=x"),
            None,
        ),
        case("patchTeam", 400, patch, team, Semantic(kind)),
        case(
            "getTeamMaintainers",
            400,
            get.clone(),
            &format!("{maintainers}?limit=0"),
            None,
        ),
        case("getTeamRoles", 400, get, &format!("{roles}?limit=0"), None),
        case("postTeamMembers", 400, post.clone(), &members, File("")),
        case(
            "postTeamMembers",
            207,
            post,
            &members,
            File("nobody@acme.test"),
        ),
        case("getTeams", 405, put.clone(), "/api/v2/teams", None),
        case("postTeam", 405, put.clone(), "/api/v2/teams", None),
        case("getTeam", 405, put.clone(), team, None),
        case("patchTeam", 405, put.clone(), team, None),
        case("getTeamMaintainers", 405, put.clone(), &maintainers, None),
        case("getTeamRoles", 405, put.clone(), &roles, None),
        case("postTeamMembers", 405, put, &members, None),
    ]
}

/// Sends one of them as the owner.
pub(super) async fn send(server: &Server, case: &Case) -> Answer {
    let owner = server.owner().with("LD-API-Version", "beta");
    let request = owner.request(case.method.clone(), &case.path);
    match &case.body {
        Body::None => Api::send(request).await,
        Body::Json(body) => Api::send(request.json(body)).await,
        Body::Semantic(body) => {
            let media = "application/json; domain-model=launchdarkly.semanticpatch";
            Api::send(request.header("Content-Type", media).body(body.to_string())).await
        }
        Body::File(file) => owner.upload(&case.path, file).await,
    }
}
