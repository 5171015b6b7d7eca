//! Bad input: each a 4xx in the vendor's shape that says what is wrong, and nothing written.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, Server, make_token};

/// Sends a body as it is.
async fn raw(
    api: &Api,
    method: Method,
    path: &str,
    media: &str,
    body: String,
) -> crate::support::Answer {
    let request = api
        .request(method, path)
        .header("Content-Type", media)
        .body(body);
    Api::send(request).await
}

#[tokio::test]
async fn bodies_that_are_no_requests() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    let json = "application/json";
    let tokens = "/api/v2/tokens";
    for (media, body, status, message) in [
        (json, "{\"name\": \"x\", ", 400, "EOF while parsing"),
        (json, "{\"name\": 'x'}", 400, "line 1 column"),
        (json, "", 400, "the body is missing"),
        (json, "null", 400, "the body:"),
        (
            json,
            "{\"role\": \"reader\"} trailing",
            400,
            "trailing characters",
        ),
        (
            json,
            "{\"role\": 5}",
            400,
            "/role: invalid type: integer `5`, expected a string",
        ),
        (
            json,
            "{\"role\": \"reader\", \"expiry\": \"soon\"}",
            400,
            "/expiry: invalid type",
        ),
        (
            json,
            "{\"role\": \"reader\", \"expiry\": 12}",
            400,
            "/expiry: must be a time in the future",
        ),
        (
            json,
            "{\"role\": \"reader\", \"defaultApiVersion\": 20000101}",
            400,
            "/defaultApiVersion: 20000101 is no API version",
        ),
        (
            json,
            "{\"role\": \"boss\"}",
            400,
            "/role: \"boss\" is no scope",
        ),
        (
            json,
            "{\"role\": \"owner\"}",
            400,
            "/role: \"owner\" is no scope",
        ),
        (
            json,
            "{\"customRoleIds\": [\"missing\"]}",
            400,
            "/customRoleIds/0: there is no custom role",
        ),
        (json, "{\"name\": \"no scope\"}", 400, "needs a scope"),
        (
            json,
            "{\"role\": \"reader\", \"customRoleIds\": [\"a\"]}",
            400,
            "only one of",
        ),
        (
            json,
            "{\"role\": \"reader\", \"inlineRole\": [{\"effect\": \"allow\"}]}",
            400,
            "only one of",
        ),
        (
            "text/plain",
            "{\"role\": \"reader\"}",
            415,
            "must be application/json, not text/plain",
        ),
        (
            "application/x-www-form-urlencoded",
            "role=reader",
            415,
            "must be application/json",
        ),
        (
            "application/xml",
            "<role/>",
            415,
            "must be application/json",
        ),
    ] {
        let answer = raw(&owner, Method::POST, tokens, media, body.to_owned()).await;
        answer.expect_error(status, "invalid_request", message);
    }
    let long = json!({"role": "reader", "name": "n".repeat(257)});
    owner.post(tokens, &long).await.expect_error(
        400,
        "invalid_request",
        "/name: is 257 characters long",
    );
    let control = json!({"role": "reader", "name": "a\u{0}b"});
    owner.post(tokens, &control).await.expect_error(
        400,
        "invalid_request",
        "/name: has a control character at character 2",
    );
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn policies_without_bounds() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    let statement = |resources: Vec<String>| json!({"effect": "allow", "actions": ["*"], "resources": resources});
    let megabyte: Vec<Value> = (0..10_000)
        .map(|index| statement(vec![format!("proj/{index:0>90}")]))
        .collect();
    let segments = vec!["proj/*"; 10_000].join(":");
    let short = vec!["a/b"; 200].join(":");
    let stars = "*a".repeat(10_000);
    for (policy, message) in [
        (Value::Array(megabyte), "STATEMENTS_MAX"),
        (json!([statement(vec![segments])]), "POLICY_BYTES_MAX"),
        (json!([statement(vec![short])]), "SEGMENTS_MAX"),
        (
            json!([statement(vec![format!("proj/{stars}")])]),
            "/0/resources/0",
        ),
        (
            json!([statement(
                (0..100_000).map(|index| format!("a/{index}")).collect()
            )]),
            "ENTRIES_MAX",
        ),
        (
            json!([statement(vec!["x/".to_owned() + &"y".repeat(1_000_000)])]),
            "POLICY_BYTES_MAX",
        ),
    ] {
        let form = json!({"inlineRole": policy});
        owner
            .post("/api/v2/tokens", &form)
            .await
            .expect_error(400, "invalid_request", message);
        let role = json!({"key": "k", "name": "n", "policy": policy});
        owner
            .post("/api/v2/roles", &role)
            .await
            .expect_error(400, "invalid_request", message);
    }
    let deep = "[".repeat(100_000);
    let answer = raw(
        &owner,
        Method::POST,
        "/api/v2/tokens",
        "application/json",
        deep,
    )
    .await;
    answer.expect_error(400, "invalid_request", "");
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(5 << 20));
    let answer = raw(
        &owner,
        Method::POST,
        "/api/v2/tokens",
        "application/json",
        huge,
    )
    .await;
    answer.expect_error(413, "invalid_request", "larger than 4194304 bytes");
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn patches_that_cannot_be() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader", "name": "a"})).await;
    let path = format!("/api/v2/tokens/{id}");
    let before = server.position().await;
    for (patch, status, code, message) in [
        (
            json!([{"op": "replace", "path": "/memberId", "value": "x"}]),
            400,
            "invalid_request",
            "/0/path: \"/memberId\" cannot be patched",
        ),
        (
            json!([{"op": "replace", "path": "", "value": {}}]),
            400,
            "invalid_request",
            "/0/path: \"\" cannot be patched",
        ),
        (
            json!([{"op": "test", "path": "/name", "value": "stale"}, {"op": "replace", "path": "/name", "value": "b"}]),
            422,
            "patch_failed",
            "/0: test of /name failed: it is \"a\"",
        ),
        (
            json!([{"op": "replace", "path": "/name", "value": "b"}, {"op": "remove", "path": "/inlineRole"}]),
            422,
            "patch_failed",
            "/1: ",
        ),
        (
            json!([{"op": "jump", "path": "/name"}]),
            400,
            "invalid_request",
            "operation 0: ",
        ),
        (
            json!([{"op": "replace", "path": "/name", "value": 7}]),
            400,
            "invalid_request",
            "/name: invalid type",
        ),
        (
            json!([{"op": "replace", "path": "/role", "value": "boss"}]),
            400,
            "invalid_request",
            "/role: ",
        ),
        (
            json!({"op": "replace"}),
            400,
            "invalid_request",
            "patch: must be an array",
        ),
        (json!("x"), 400, "invalid_request", "array of operations"),
        (
            json!(vec![
                json!({"op": "test", "path": "/name", "value": "a"});
                201
            ]),
            400,
            "invalid_request",
            "at most 200 operations",
        ),
    ] {
        owner
            .patch(&path, &patch)
            .await
            .expect_error(status, code, message);
    }
    assert_eq!(server.position().await, before);
    assert_eq!(owner.get(&path).await.text("/name"), "a");
}

#[tokio::test]
async fn numbers_and_characters_that_json_has_but_the_field_has_not() {
    let server = Server::start().await;
    let owner = server.owner();
    let before = server.position().await;
    for (body, message) in [
        ("{\"role\": \"reader\", \"expiry\": 1.5}", "/expiry: "),
        ("{\"role\": \"reader\", \"expiry\": 1e300}", "/expiry: "),
        (
            "{\"role\": \"reader\", \"expiry\": 9223372036854775808}",
            "/expiry: ",
        ),
        (
            "{\"role\": \"reader\", \"expiry\": -1}",
            "/expiry: must be a time in the future",
        ),
        ("{\"role\": \"reader\", \"expiry\": NaN}", "/expiry: "),
        (
            "{\"role\": \"reader\", \"defaultApiVersion\": -1}",
            "/defaultApiVersion: ",
        ),
        (
            "{\"role\": \"reader\", \"serviceToken\": \"yes\"}",
            "/serviceToken: ",
        ),
        (
            "{\"role\": \"reader\", \"role\": \"admin\"}",
            "duplicate field `role`",
        ),
        ("{\"customRoleIds\": \"one\"}", "/customRoleIds: "),
        ("{\"customRoleIds\": [1]}", "/customRoleIds/0: "),
        ("{\"inlineRole\": {}}", "/inlineRole: "),
        (
            "{\"inlineRole\": [{}]}",
            "/inlineRole/0: missing field `effect`",
        ),
        (
            "{\"inlineRole\": [{\"effect\": \"allow\", \"actions\": \"*\"}]}",
            "/inlineRole/0/actions: ",
        ),
        ("{\"name\": \"\\ud800\", \"role\": \"reader\"}", "/name: "),
        ("\u{feff}{\"role\": \"reader\"}", "the body: "),
        ("[]", "the body: "),
        ("true", "the body: "),
    ] {
        let media = "application/json";
        let answer = raw(
            &owner,
            Method::POST,
            "/api/v2/tokens",
            media,
            body.to_owned(),
        )
        .await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        answer.expect_error(400, "invalid_request", message);
    }
    let bytes = b"{\"name\": \"\xff\xfe\", \"role\": \"reader\"}".to_vec();
    let request = owner
        .request(Method::POST, "/api/v2/tokens")
        .header("Content-Type", "application/json")
        .body(bytes);
    Api::send(request)
        .await
        .expect_error(400, "invalid_request", "invalid unicode");
    let request = owner
        .request(Method::POST, "/api/v2/tokens")
        .body("{\"role\": \"reader\"}");
    Api::send(request).await.expect_error(
        415,
        "invalid_request",
        "must be application/json, not none",
    );
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn a_time_at_the_end_of_time_is_a_time() {
    let server = Server::start().await;
    let owner = server.owner();
    let form = json!({"role": "reader", "expiry": i64::MAX});
    let (id, secret) = make_token(&owner, form).await;
    let reset = format!("/api/v2/tokens/{id}/reset?expiry={}", i64::MAX);
    let new = owner.post_nothing(&reset).await.expect(200).text("/token");
    for secret in [secret, new] {
        let itself = server.anonymous().token(&secret);
        itself.get("/api/v2/caller-identity").await.expect(200);
    }
    let listed = owner.get("/api/v2/tokens").await.expect(200);
    assert_eq!(listed.integer("/items/0/expiry"), i64::MAX);
}

#[tokio::test]
async fn queries_that_say_nothing_sensible() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let before = server.position().await;
    for path in ["/api/v2/tokens", "/api/v2/members", "/api/v2/roles"] {
        for (query, message) in [
            ("limit=0", "limit: is 1 to 1000, not 0"),
            ("limit=-1", "limit: "),
            ("limit=1001", "limit: "),
            ("limit=x", "`limit`"),
            ("limit=", "`limit`"),
            ("limit=99999999999999999999", "`limit`"),
            ("offset=-1", "offset: is 0 to 4294967295, not -1"),
            ("offset=x", "`offset`"),
        ] {
            let answer = owner.get(&format!("{path}?{query}")).await;
            answer.expect_error(400, "invalid_request", message);
        }
        // A number that is too large is not called negative.
        let answer = owner.get(&format!("{path}?offset=4294967296")).await;
        let answer = answer.expect_error(400, "invalid_request", "offset: ");
        let said = answer.text("/message");
        assert!(!said.contains("not negative"), "{path}: {said}");
    }
    for (query, message) in [
        ("expiry=soon", "`expiry`"),
        ("expiry=1.5", "`expiry`"),
        ("expiry=1", "/expiry: must be a time in the future"),
        ("expiry=-5", "/expiry: must be a time in the future"),
    ] {
        let reset = format!("/api/v2/tokens/{id}/reset?{query}");
        owner
            .post_nothing(&reset)
            .await
            .expect_error(400, "invalid_request", message);
    }
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn paths_and_methods_that_are_none() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let before = server.position().await;
    let none = "000000000000000000000000";
    let rename = json!([{"op": "replace", "path": "/name", "value": "x"}]);
    let promote = json!([{"op": "replace", "path": "/role", "value": "writer"}]);
    for id in [
        none,
        "nonsense",
        "me2",
        "ABCDEF000000000000000000",
        "%20",
        "..%2f..",
    ] {
        let token = format!("/api/v2/tokens/{id}");
        let member = format!("/api/v2/members/{id}");
        let role = format!("/api/v2/roles/{id}");
        for answer in [
            owner.get(&token).await,
            owner.patch(&token, &rename).await,
            owner.delete(&token).await,
            owner.post_nothing(&format!("{token}/reset")).await,
            owner.post_nothing(&format!("{token}/clone")).await,
        ] {
            answer.expect_error(404, "not_found", "unknown token");
        }
        for answer in [
            owner.get(&member).await,
            owner.patch(&member, &promote).await,
            owner.delete(&member).await,
        ] {
            answer.expect_error(404, "not_found", "unknown member");
        }
        for answer in [
            owner.get(&role).await,
            owner.patch(&role, &rename).await,
            owner.delete(&role).await,
        ] {
            answer.expect_error(404, "not_found", "unknown role");
        }
    }
    let long = "a".repeat(6_000);
    let long = owner.get(&format!("/api/v2/roles/{long}")).await;
    let long = long.expect_error(404, "not_found", "unknown role");
    assert!(long.body.len() < 200, "an error repeats what is too long");
    let unreadable = owner.get("/api/v2/roles/%ff%00").await;
    unreadable.expect_error(400, "invalid_request", "path");
    for path in [
        "/api",
        "/api/v1/tokens",
        "/api/v2/tokens/",
        "/api/v2/token",
        "/API/v2/tokens",
        "/api/v2//tokens",
        "/session/x",
        "/health",
    ] {
        let answer = owner.get(path).await;
        answer.expect_error(404, "not_found", "nothing at this path");
    }
    let unknown = owner
        .post_nothing(&format!("/api/v2/tokens/{id}/resurrect"))
        .await;
    unknown.expect_error(404, "not_found", "nothing at this path");
    for (method, path) in [
        (Method::PUT, "/api/v2/tokens".to_owned()),
        (Method::DELETE, "/api/v2/tokens".to_owned()),
        (Method::PATCH, "/api/v2/roles".to_owned()),
        (Method::POST, format!("/api/v2/tokens/{id}")),
        (Method::PUT, format!("/api/v2/tokens/{id}")),
        (Method::GET, format!("/api/v2/tokens/{id}/reset")),
        (Method::DELETE, format!("/api/v2/tokens/{id}/clone")),
        (Method::POST, "/api/v2".to_owned()),
        (Method::POST, "/api/v2/versions".to_owned()),
        (Method::GET, "/session".to_owned()),
        (Method::POST, "/health/live".to_owned()),
    ] {
        let answer = Api::send(owner.request(method.clone(), &path)).await;
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.body);
        answer.expect_error(405, "method_not_allowed", "does not take this method");
    }
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn sign_ins_that_are_none() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let json = "application/json";
    for (media, body, status, message) in [
        (json, "", 400, "the body is missing"),
        (json, "{\"email\": ", 400, "EOF while parsing"),
        (
            json,
            "{\"email\": \"a@example.com\"}",
            400,
            "missing field `password`",
        ),
        (json, "{\"password\": \"x\"}", 400, "missing field `email`"),
        (
            json,
            "{\"email\": 1, \"password\": \"x\"}",
            400,
            "/email: invalid type",
        ),
        (
            json,
            "{\"email\": \"a\", \"password\": {\"a\": 1}}",
            400,
            "/password: invalid type",
        ),
        (json, "[]", 400, "the body: "),
        (
            "application/x-www-form-urlencoded",
            "email=a&password=b",
            415,
            "must be application/json",
        ),
    ] {
        let answer = raw(&anonymous, Method::POST, "/session", media, body.to_owned()).await;
        let answer = answer.expect_error(status, "invalid_request", message);
        assert_eq!(answer.header("set-cookie"), None);
    }
    // What is not worth hashing is refused like any wrong password, and soon.
    let form = json!({"email": "a@example.com", "password": "x".repeat(1_000_000)});
    let answer = anonymous.post("/session", &form).await;
    assert!(matches!(answer.status, 400 | 401), "{}", answer.status);
}

#[tokio::test]
async fn patches_of_members_and_roles_that_cannot_be() {
    let server = Server::start().await;
    let owner = server.owner();
    let policy = json!([{"effect": "deny", "actions": ["*"], "resources": ["proj/*"]}]);
    let form = json!({"key": "k", "name": "n", "policy": policy});
    owner.post("/api/v2/roles", &form).await.expect(201);
    let member = server.invite("a@example.com", "reader").await;
    let member = format!("/api/v2/members/{member}");
    let role = "/api/v2/roles/k".to_owned();
    let before = server.position().await;
    let replace =
        |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
    let megabyte: Vec<Value> = (0..10_000)
        .map(|index| json!({"effect": "allow", "actions": ["*"], "resources": [format!("proj/{index:0>90}")]}))
        .collect();
    for (path, patch, status, code, message) in [
        (
            &member,
            replace("/email", json!("x@example.com")),
            400,
            "invalid_request",
            "\"/email\" cannot be patched; these can: /role",
        ),
        (
            &member,
            replace("/role", json!("boss")),
            400,
            "invalid_request",
            "/role: ",
        ),
        (
            &member,
            replace("/role", json!(1)),
            400,
            "invalid_request",
            "/role: ",
        ),
        (
            &member,
            replace("/customRoles", json!(["none"])),
            400,
            "invalid_request",
            "/customRoles/0: there is no custom role",
        ),
        (
            &member,
            replace("/customRoles", json!("k")),
            400,
            "invalid_request",
            "/customRoles: ",
        ),
        (
            &member,
            replace("/customRoles/0", json!("k")),
            422,
            "patch_failed",
            "/0: ",
        ),
        (
            &member,
            replace("/roleAttributes", json!({"a": "x"})),
            400,
            "invalid_request",
            "/roleAttributes: ",
        ),
        (
            &member,
            json!([{"op": "test", "path": "/role", "value": "writer"}, {"op": "replace", "path": "/role", "value": "admin"}]),
            422,
            "patch_failed",
            "test of /role failed: it is \"reader\"",
        ),
        (
            &member,
            json!({"instructions": []}),
            400,
            "invalid_request",
            "array of operations",
        ),
        (
            &role,
            replace("/key", json!("x")),
            400,
            "invalid_request",
            "\"/key\" cannot be patched; these can: /name",
        ),
        (
            &role,
            replace("/name", json!("")),
            400,
            "invalid_request",
            "/name: must not be empty",
        ),
        (
            &role,
            replace("/basePermissions", json!("admin")),
            400,
            "invalid_request",
            "/basePermissions: is reader or no_access",
        ),
        (
            &role,
            replace("/policy", json!({"effect": "allow"})),
            400,
            "invalid_request",
            "/policy: ",
        ),
        (
            &role,
            replace("/policy", json!(megabyte)),
            400,
            "invalid_request",
            "STATEMENTS_MAX",
        ),
        (
            &role,
            replace("/policy/0/resources", json!(["x;"])),
            400,
            "invalid_request",
            "/policy/0/resources/0: ",
        ),
        (
            &role,
            replace(
                "/policy/0/resources/0",
                json!(vec!["a/b"; 10_000].join(":")),
            ),
            400,
            "invalid_request",
            "/policy/0/resources/0",
        ),
        (
            &role,
            replace("/policy/7", json!({})),
            422,
            "patch_failed",
            "/0: ",
        ),
        (
            &role,
            json!({"patch": [{"op": "test", "path": "/name", "value": "stale"}], "comment": "c"}),
            422,
            "patch_failed",
            "test of /name failed: it is \"n\"",
        ),
        (
            &role,
            json!({"patch": [], "comment": 5}),
            400,
            "invalid_request",
            "comment: must be a string",
        ),
        (
            &role,
            json!({"patch": [{"op": "replace", "path": "/name", "value": "m"}], "comment": "c".repeat(2_001)}),
            400,
            "invalid_request",
            "/comment: ",
        ),
    ] {
        let answer = owner.patch(path, &patch).await;
        let shown: String = patch.to_string().chars().take(200).collect();
        assert_eq!(answer.status, status, "{shown}: {}", answer.body);
        answer.expect_error(status, code, message);
    }
    assert_eq!(server.position().await, before);
    assert_eq!(owner.get(&role).await.json["policy"], policy);
}
