//! `/session`.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_member_signs_in_and_out_with_a_cookie_that_pages_cannot_read() {
    let server = Server::start().await;
    server.invite("a@example.com", "reader").await;
    let form = json!({"email": "A@example.com", "password": "the password of a@example.com"});
    let answer = server.anonymous().post("/session", &form).await.expect(204);
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    let session = server
        .anonymous()
        .with("Cookie", pair)
        .with("Origin", &server.url());
    session.get("/api/v2/members/me").await.expect(200);
    let out = session.delete("/session").await.expect(204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    session
        .get("/api/v2/members/me")
        .await
        .expect_error(401, "unauthorized", "not signed in");
}

#[tokio::test]
async fn a_cookie_counts_only_with_the_servers_own_origin() {
    let server = Server::start().await;
    let (_, session) = server.member("a@example.com", "admin").await;
    let form = json!({"role": "reader"});
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", ""] {
        let foreign = session.with("Origin", origin);
        foreign
            .post("/api/v2/tokens", &form)
            .await
            .expect_error(403, "forbidden", "Origin");
        foreign
            .get("/api/v2/tokens")
            .await
            .expect_error(403, "forbidden", "Origin");
        foreign
            .delete("/session")
            .await
            .expect_error(403, "forbidden", "Origin");
        let sign_in =
            json!({"email": "a@example.com", "password": "the password of a@example.com"});
        foreign
            .post("/session", &sign_in)
            .await
            .expect_error(403, "forbidden", "Origin");
    }
    session.post("/api/v2/tokens", &form).await.expect(201);
    // A token needs no origin: no browser sends it by itself.
    server
        .owner()
        .with("Origin", "https://evil.example")
        .get("/api/v2/tokens")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_e_mail_look_alike() {
    let server = Server::start().await;
    server.invite("a@example.com", "reader").await;
    for (email, password) in [
        ("a@example.com", "wrong password"),
        ("b@example.com", "wrong password"),
        ("owner@keyledger.example", ""),
    ] {
        let form = json!({"email": email, "password": password});
        let answer = server.anonymous().post("/session", &form).await;
        let answer = answer.expect_error(401, "unauthorized", "wrong e-mail or password");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn a_sign_in_survives_a_restart() {
    let mut server = Server::start().await;
    let (id, session) = server.member("a@example.com", "reader").await;
    let cookie = session.request(reqwest::Method::GET, "/").build().unwrap();
    let cookie = cookie.headers()["cookie"].to_str().unwrap().to_owned();
    server.kill();
    server.start_again().await;
    let session = server
        .anonymous()
        .with("Cookie", &cookie)
        .with("Origin", &server.url());
    assert_eq!(
        session
            .get("/api/v2/members/me")
            .await
            .expect(200)
            .text("/_id"),
        id
    );
}

#[tokio::test]
async fn only_a_get_may_leave_the_origin_to_the_browsers_word() {
    let server = Server::start().await;
    server.invite("a@example.com", "writer").await;
    let pair = server.cookie("a@example.com").await;
    let cookie = server.anonymous().with("Cookie", &pair);
    let form = json!({"role": "reader"});
    cookie
        .get("/api/v2/tokens")
        .await
        .expect_error(403, "forbidden", "Origin");
    let same = cookie.with("Sec-Fetch-Site", "same-origin");
    same.get("/api/v2/tokens").await.expect(200);
    same.post("/api/v2/tokens", &form)
        .await
        .expect_error(403, "forbidden", "Origin");
    for site in ["cross-site", "same-site", "none"] {
        cookie
            .with("Sec-Fetch-Site", site)
            .get("/api/v2/tokens")
            .await
            .expect_error(403, "forbidden", "Origin");
    }
}

#[tokio::test]
async fn a_wrong_token_is_not_saved_by_a_good_cookie_nor_a_wrong_cookie_let_in() {
    let server = Server::start().await;
    let (_, session) = server.member("a@example.com", "admin").await;
    session
        .token("api-wrongwro-ngwr-4ong-wron-gwrongwrongw")
        .get("/api/v2/tokens")
        .await
        .expect_error(401, "unauthorized", "Invalid access token");
    let long = "a".repeat(600);
    for value in ["", "junk", "../../etc/passwd", long.as_str()] {
        session
            .with("Cookie", &format!("keyledger_session={value}"))
            .get("/api/v2/tokens")
            .await
            .expect_error(401, "unauthorized", "");
    }
}

#[tokio::test]
async fn a_member_without_a_password_or_removed_cannot_sign_in() {
    let server = Server::start().await;
    let owner = server.owner();
    owner
        .post("/api/v2/members", &json!([{"email": "none@example.com"}]))
        .await
        .expect(201);
    for password in ["", "nobody's password", "the password of none@example.com"] {
        let form = json!({"email": "none@example.com", "password": password});
        let refused = server.anonymous().post("/session", &form).await;
        refused.expect_error(401, "unauthorized", "wrong e-mail or password");
    }
    let id = server.invite("gone@example.com", "writer").await;
    let session = server.sign_in("gone@example.com").await;
    owner
        .delete(&format!("/api/v2/members/{id}"))
        .await
        .expect(204);
    session
        .post("/api/v2/tokens", &json!({"role": "reader"}))
        .await
        .expect_error(401, "unauthorized", "not signed in");
    let form = json!({"email": "gone@example.com", "password": "the password of gone@example.com"});
    let refused = server.anonymous().post("/session", &form).await;
    refused.expect_error(401, "unauthorized", "wrong e-mail or password");
    // Who is invited anew is somebody else, and the old sign-in stays dead.
    let (again, _) = server.member("gone@example.com", "reader").await;
    assert_ne!(again, id);
    session.get("/api/v2/members/me").await.expect(401);
}

#[tokio::test]
async fn a_demotion_narrows_a_sign_in_at_once() {
    let server = Server::start().await;
    let (id, session) = server.member("a@example.com", "admin").await;
    let form = json!({"key": "k", "name": "n", "policy": []});
    session.post("/api/v2/roles", &form).await.expect(201);
    let demote = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    server
        .owner()
        .patch(&format!("/api/v2/members/{id}"), &demote)
        .await
        .expect(200);
    session
        .delete("/api/v2/roles/k")
        .await
        .expect_error(403, "forbidden", "deleteRole on role/k");
}

#[tokio::test]
async fn behind_https_the_cookie_is_for_https_alone() {
    let origin = [("KEYLEDGER_ORIGIN", "https://tokens.example.com")];
    let server = Server::start_with(&origin).await;
    server.invite("a@example.com", "reader").await;
    let form = json!({"email": "a@example.com", "password": "the password of a@example.com"});
    let answer = server.anonymous().post("/session", &form).await.expect(204);
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let session = server.anonymous().with("Cookie", pair);
    session
        .with("Origin", "https://tokens.example.com")
        .get("/api/v2/members/me")
        .await
        .expect(200);
    session
        .with("Origin", &server.url())
        .get("/api/v2/members/me")
        .await
        .expect_error(403, "forbidden", "Origin");
}
