//! PyPI `launchdarkly-api`: pydantic checks every answer strictly.

use serde_json::{Value, json};

use super::{drive, python, script};
use crate::support::{Server, make_token};

fn run(name: &str, server: &Server, env: &[(&str, &str)]) -> Value {
    let mut command = python();
    command.arg(script(&format!("python/{name}.py")));
    drive(command, server, env)
}

const BAD_REQUEST: &str = "BadRequestException";
const CONFLICT: &str = "ConflictException";
const FORBIDDEN: &str = "ForbiddenException";
const NOT_FOUND: &str = "NotFoundException";
const UNAUTHORIZED: &str = "UnauthorizedException";
const UNPROCESSABLE: &str = "UnprocessableEntityException";

#[tokio::test]
async fn tokens() {
    let server = Server::start().await;
    let result = run("tokens", &server, &[]);
    let left = server.owner().get("/api/v2/tokens").await.expect(200);
    assert_eq!(result["left"], json!(left.items("_id")));
    assert_eq!(left.integer("/totalCount"), 4);
    let refusals = json!([
        UNAUTHORIZED,
        UNAUTHORIZED,
        UNAUTHORIZED,
        UNAUTHORIZED,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        BAD_REQUEST,
        BAD_REQUEST,
        CONFLICT,
        CONFLICT,
        UNPROCESSABLE,
        NOT_FOUND,
        NOT_FOUND,
        UNAUTHORIZED,
    ]);
    assert_eq!(result["refusals"], refusals);
}

#[tokio::test]
async fn members() {
    let server = Server::start().await;
    let result = run("members", &server, &[]);
    let left = server.owner().get("/api/v2/members").await.expect(200);
    assert_eq!(result["left"], json!(left.items("_id")));
    assert_eq!(left.integer("/totalCount"), 2);
    let codes = json!(["email_already_exists_in_account", "duplicate_emails"]);
    assert_eq!(result["codes"], codes);
    let refusals = json!([
        BAD_REQUEST,
        BAD_REQUEST,
        BAD_REQUEST,
        BAD_REQUEST,
        FORBIDDEN,
        FORBIDDEN,
        BAD_REQUEST,
        NOT_FOUND,
        NOT_FOUND,
    ]);
    assert_eq!(result["refusals"], refusals);
}

#[tokio::test]
async fn roles() {
    let server = Server::start().await;
    let result = run("roles", &server, &[]);
    let left = server.owner().get("/api/v2/roles").await.expect(200);
    assert_eq!(result["left"], json!(left.items("key")));
    assert_eq!(result["left"], json!(["ops"]));
    let refusals = json!([CONFLICT, BAD_REQUEST, NOT_FOUND, NOT_FOUND, NOT_FOUND]);
    assert_eq!(result["refusals"], refusals);
}

#[tokio::test]
async fn caller_identity_root_and_versions() {
    let server = Server::start().await;
    let result = run("identity", &server, &[]);
    let owner = server.owner().get("/api/v2/members/me").await.expect(200);
    assert_eq!(result["member"], json!(owner.text("/_id")));
    assert_eq!(result["latest"], json!(20_240_415));
    assert_eq!(result["refusals"], json!([UNAUTHORIZED]));
}

#[tokio::test]
async fn teams_and_bulk_changes_of_members() {
    let server = Server::start().await;
    let result = run("teams", &server, &[]);
    let left = server.owner().get("/api/v2/teams").await.expect(200);
    assert_eq!(result["left"], json!(left.items("key")));
    let refusals = json!([NOT_FOUND, CONFLICT, BAD_REQUEST]);
    assert_eq!(result["refusals"], refusals);
}

#[tokio::test]
async fn the_audit_log() {
    let server = Server::start().await;
    let result = run("auditlog", &server, &[]);
    let kinds = json!(["token", "role", "role", "token", "member", "account"]);
    assert_eq!(result["kinds"], kinds);
    assert_eq!(result["refusals"], json!([BAD_REQUEST, NOT_FOUND]));
}

#[tokio::test]
async fn a_writers_personal_token_follows_and_the_service_token_stays() {
    let server = Server::start().await;
    let result = run("writer_story", &server, &[]);
    let steps = json!([
        ["writer", "writer"],
        ["reader", "writer"],
        ["writer", "writer"],
        ["writer"],
    ]);
    assert_eq!(result["steps"], steps);
    let refusals = json!([
        FORBIDDEN,
        FORBIDDEN,
        UNAUTHORIZED,
        UNAUTHORIZED,
        UNAUTHORIZED,
    ]);
    assert_eq!(result["refusals"], refusals);
    let personal = result["personal"].as_str().unwrap();
    let path = format!("/api/v2/tokens/{personal}?expand=effectivePermission");
    let dead = server.owner().get(&path).await.expect(200);
    assert_eq!(dead.text("/_effectivePermission/status"), "deactivated");
}

#[tokio::test]
async fn an_admins_personal_token_loses_what_it_could_do_and_the_service_token_does_not() {
    let server = Server::start().await;
    let (member, session) = server.member("ariel@example.com", "admin").await;
    let (personal_id, personal) = make_token(&session, json!({"role": "admin"})).await;
    let (_, service) = make_token(&session, json!({"role": "admin", "serviceToken": true})).await;
    let env = [
        ("MEMBER", member.as_str()),
        ("PERSONAL", personal.as_str()),
        ("SERVICE", service.as_str()),
    ];
    let result = run("admin_story", &server, &env);
    let steps = json!([
        "personal made a role",
        "personal was refused",
        "service made a role",
        "personal is dead",
        "service is alive"
    ]);
    assert_eq!(result["steps"], steps);
    assert_eq!(result["refusals"], json!([FORBIDDEN, UNAUTHORIZED]));
    let path = format!("/api/v2/tokens/{personal_id}?expand=effectivePermission");
    let dead = server.owner().get(&path).await.expect(200);
    assert_eq!(dead.text("/_effectivePermission/status"), "deactivated");
    let made = server.owner().get("/api/v2/roles").await.expect(200);
    let made: Vec<String> = made.items("key");
    assert_eq!(made.len(), 3, "{made:?}");
    assert!(!made.contains(&"refused".to_owned()), "{made:?}");
}
