//! `/sign-in` and `/sign-out`.

use super::HOME;
use crate::support::Server;

#[tokio::test]
async fn who_is_not_signed_in_signs_in_and_comes_back_to_the_page() {
    let server = Server::start().await;
    server.invite("a@example.com", "reader").await;
    let stranger = server.anonymous();
    let sent = stranger
        .get(&format!("{HOME}/tokens/new"))
        .await
        .expect(303);
    let place = sent.header("location").unwrap().to_owned();
    assert_eq!(
        place,
        "/sign-in?to=%2Fsettings%2Fauthorization%2Ftokens%2Fnew"
    );
    let page = stranger.get(&place).await.expect(200);
    let to = super::hidden(&page, "to");
    let own = stranger.with("Origin", &server.url());
    let fields = [
        ("email", "a@example.com"),
        ("password", "the password of a@example.com"),
        ("to", &to),
    ];
    let signed_in = own.form("/sign-in", &fields).await.expect(303);
    assert_eq!(signed_in.header("location"), Some(to.as_str()));
    let cookie = signed_in.header("set-cookie").unwrap().to_owned();
    let browser = own.with("Cookie", cookie.split(';').next().unwrap());
    browser.get(&to).await.expect(200);
    let out = browser.form("/sign-out", &[]).await.expect(303);
    assert_eq!(out.header("location"), Some("/sign-in"));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    browser.get(HOME).await.expect(303);
}

#[tokio::test]
async fn a_wrong_password_is_said_and_nobody_is_signed_in() {
    let server = Server::start().await;
    server.invite("a@example.com", "reader").await;
    let own = server.anonymous().with("Origin", &server.url());
    let fields = [("email", "a@example.com"), ("password", "wrong")];
    let page = own.form("/sign-in", &fields).await.expect(401);
    assert!(
        page.body.contains("wrong e-mail or password"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("value=\"a@example.com\""),
        "{}",
        page.body
    );
    assert_eq!(page.header("set-cookie"), None);
}

#[tokio::test]
async fn attempts_count_by_address_whichever_way_they_come() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_SIGN_INS_PER_IP", "4")]).await;
    let own = server.anonymous().with("Origin", &server.url());
    for attempt in 0..2 {
        let email = format!("{attempt}@example.com");
        let form = serde_json::json!({"email": email, "password": "wrong"});
        own.post("/session", &form).await.expect(401);
        let fields = [("email", email.as_str()), ("password", "wrong")];
        own.form("/sign-in", &fields).await.expect(401);
    }
    let fields = [("email", "last@example.com"), ("password", "wrong")];
    let page = own.form("/sign-in", &fields).await.expect(429);
    assert!(page.body.contains("attempts to sign in"), "{}", page.body);
}

#[tokio::test]
async fn a_removed_member_is_signed_out() {
    let server = Server::start().await;
    let (id, browser) = server.member("a@example.com", "writer").await;
    browser.get(HOME).await.expect(200);
    let path = format!("/api/v2/members/{id}");
    server.owner().delete(&path).await.expect(204);
    let sent = browser.get(HOME).await.expect(303);
    assert!(sent.header("location").unwrap().starts_with("/sign-in"));
}
