//! Joining by a link: `POST /invitation`, and the links from the API and from the command line.

use serde_json::{Value, json};

use crate::support::{Server, databases, in_seconds, password, run};

async fn invited(server: &Server, email: &str, role: &str) -> String {
    let form = json!([{"email": email, "role": role}]);
    let made = server
        .owner()
        .post("/api/v2/members", &form)
        .await
        .expect(201);
    assert_eq!(made.json["items"][0]["_pendingInvite"], true);
    format!("/api/v2/members/{}", made.text("/items/0/_id"))
}

async fn link(server: &Server, member: &str) -> String {
    let path = format!("{member}/invitation");
    let made = server.owner().post_nothing(&path).await.expect(201);
    let code = made.text("/code");
    assert_eq!(made.text("/href"), format!("/invitation#{code}"));
    assert!(made.integer("/expiry") > in_seconds(6 * 24 * 3_600));
    made.position();
    code
}

fn form(code: &str, email: &str) -> Value {
    json!({"code": code, "password": password(email), "firstName": "Ada"})
}

#[tokio::test]
async fn an_invited_member_joins_by_the_link_and_is_signed_in() {
    let server = Server::start().await;
    let (email, member) = (
        "ada@acme.test",
        invited(&server, "ada@acme.test", "writer").await,
    );
    let code = link(&server, &member).await;
    let joined = server
        .anonymous()
        .post("/invitation", &form(&code, email))
        .await
        .expect(204);
    let cookie = joined
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let session = server
        .anonymous()
        .with("Cookie", &cookie)
        .with("Origin", &server.url());
    let me = session.get("/api/v2/members/me").await.expect(200);
    assert_eq!(me.text("/firstName"), "Ada");
    assert_eq!(me.text("/role"), "writer");
    for (field, expected) in [
        ("_pendingInvite", false),
        ("_verified", true),
        ("hasPassword", true),
    ] {
        assert_eq!(me.json[field], expected, "{field}");
    }
    // The password serves from now on, and the link does not.
    server
        .sign_in(email)
        .await
        .get("/api/v2/members/me")
        .await
        .expect(200);
    server
        .anonymous()
        .post("/invitation", &form(&code, email))
        .await
        .expect_error(404, "not_found", "was used, replaced, or has ended");
    // The code is a secret: no part of it is kept.
    let secret = code.split_once('.').unwrap().1;
    for (place, value) in databases(&server.data()).await {
        assert!(!String::from_utf8_lossy(&value).contains(secret), "{place}");
    }
    assert!(!server.stderr().contains(secret));
}

#[tokio::test]
async fn only_the_latest_link_works_and_only_for_a_time() {
    let server = Server::start().await;
    let member = invited(&server, "bob@acme.test", "reader").await;
    let first = link(&server, &member).await;
    let second = link(&server, &member).await;
    let join = |code: String| {
        let api = server.anonymous();
        async move { api.post("/invitation", &form(&code, "bob@acme.test")).await }
    };
    let position = server.position().await;
    let other = invited(&server, "eve@acme.test", "reader").await;
    let stolen = link(&server, &other).await;
    let mixed = format!(
        "{}.{}",
        first.split_once('.').unwrap().0,
        stolen.split_once('.').unwrap().1
    );
    for code in [first, mixed, "nonsense".to_owned(), "x".repeat(4_000)] {
        join(code)
            .await
            .expect_error(404, "not_found", "does not work");
    }
    let short = json!({"code": second, "password": "short"});
    server
        .anonymous()
        .post("/invitation", &short)
        .await
        .expect_error(400, "invalid_request", "/password");
    assert_eq!(
        server.position().await,
        position + 2,
        "a link and a member, nothing else"
    );
    join(second).await.expect(204);

    let path = format!("{other}/invitation");
    let soon = json!({"expiry": in_seconds(1)});
    let code = server
        .owner()
        .post(&path, &soon)
        .await
        .expect(201)
        .text("/code");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    join(code).await.expect_error(404, "not_found", "has ended");
    for (expiry, message) in [
        (in_seconds(-1), "future"),
        (in_seconds(40 * 24 * 3_600), "at most"),
    ] {
        let answer = server.owner().post(&path, &json!({"expiry": expiry})).await;
        answer.expect_error(400, "invalid_request", message);
    }
}

#[tokio::test]
async fn a_link_is_no_way_to_a_higher_role() {
    let server = Server::start().await;
    let admin = invited(&server, "boss@acme.test", "admin").await;
    let policy = json!([{"effect": "allow", "actions": ["createMember", "view*"], "resources": ["member/*"]}]);
    let role = json!({"key": "inviter", "name": "Inviter", "policy": policy});
    server
        .owner()
        .post("/api/v2/roles", &role)
        .await
        .expect(201);
    let (id, inviter) = server.member("inviter@acme.test", "reader").await;
    let patch = json!([{"op": "replace", "path": "/customRoles", "value": ["inviter"]}]);
    server
        .owner()
        .patch(&format!("/api/v2/members/{id}"), &patch)
        .await
        .expect(200);
    let reader = invited(&server, "reader@acme.test", "reader").await;
    inviter
        .post_nothing(&format!("{reader}/invitation"))
        .await
        .expect(201);
    inviter
        .post_nothing(&format!("{admin}/invitation"))
        .await
        .expect_error(403, "forbidden", "above what you may do");
    // Nobody makes a link for somebody who has joined, nor for the owner.
    let me = server.owner().get("/api/v2/members/me").await.text("/_id");
    server
        .owner()
        .post_nothing(&format!("/api/v2/members/{id}/invitation"))
        .await
        .expect_error(409, "conflict", "joined already");
    server
        .owner()
        .post_nothing(&format!("/api/v2/members/{me}/invitation"))
        .await
        .expect_error(403, "forbidden", "only the operator");
}

#[tokio::test]
async fn the_operator_invites_and_replaces_a_lost_password() {
    let server = Server::start().await;
    let print = |arguments: &[&str]| {
        let (success, output, error) = run(&server.data(), arguments);
        assert!(success, "{error}");
        let line = output.trim().to_owned();
        let (origin, code) = line.split_once("/invitation#").expect("a link");
        (origin.to_owned(), code.to_owned())
    };
    let arguments = [
        "member",
        "--origin",
        "https://keys.example",
        "invite",
        "cli@acme.test",
        "--role",
        "admin",
    ];
    let (origin, code) = print(&arguments);
    assert_eq!(origin, "https://keys.example");
    let join = async |code: &str, password: &str| {
        let form = json!({"code": code, "password": password});
        // The server learns of it by looking at the log.
        for _ in 0..500 {
            let answer = server.anonymous().post("/invitation", &form).await;
            if answer.status == 204 {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the invitation does not work");
    };
    join(&code, &password("cli@acme.test")).await;
    let session = server.sign_in("cli@acme.test").await;
    session.get("/api/v2/members/me").await.expect(200);
    let (_, code) = print(&["member", "link", "cli@acme.test"]);
    join(&code, "another password").await;
    // Whoever was signed in with the lost password is not any more.
    session.get("/api/v2/members/me").await.expect(401);
    let old = json!({"email": "cli@acme.test", "password": password("cli@acme.test")});
    server.anonymous().post("/session", &old).await.expect(401);
    let (success, _, error) = run(&server.data(), &["member", "link", "nobody@acme.test"]);
    assert!(!success && error.contains("nobody@acme.test"), "{error}");
}
