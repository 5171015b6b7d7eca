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
