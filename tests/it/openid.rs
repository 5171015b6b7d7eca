//! Signing in by OpenID Connect: against a real provider in a browser, and against one that lies.

mod config;
mod liar;
mod peer;

use serde_json::json;

use crate::browser::run_on;
use crate::support::{Server, password};
use peer::Peer;

/// The settings of a server that signs in at a provider.
fn settings(issuer: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("KEYLEDGER_OIDC_ISSUER", issuer),
        ("KEYLEDGER_OIDC_CLIENT_ID", "keyledger"),
        ("KEYLEDGER_OIDC_CLIENT_SECRET", "a secret of the tests"),
        ("KEYLEDGER_OIDC_NAME", "Acme"),
    ]
}

async fn in_a_browser(env: &[(&str, &str)]) {
    let provider = Peer::start("provider.js", env);
    let server = Server::start_with(&settings(&provider.issuer)).await;
    let result = run_on(&server, "openid.js").await;
    assert_eq!(result, json!({"said": 4}));
}

#[tokio::test]
async fn members_sign_in_at_the_provider_with_claims_in_the_id_token() {
    in_a_browser(&[("ALG", "ES256")]).await;
}

#[tokio::test]
async fn members_sign_in_at_the_provider_with_claims_at_its_user_info() {
    in_a_browser(&[("CLAIMS", "userinfo"), ("ALG", "PS256")]).await;
}

#[tokio::test]
async fn where_passwords_do_not_count_there_is_one_way_in() {
    let liar = Peer::start("liar.js", &[]);
    let mut env = settings(&liar.issuer);
    env.push(("KEYLEDGER_PASSWORD_SIGN_IN", "false"));
    let server = Server::start_with(&env).await;
    let owner = server.owner();
    let form = json!([{"email": "ada@example.com", "role": "writer", "password": password("ada@example.com")}]);
    let invited = owner.post("/api/v2/members", &form).await.expect(201);
    let id = invited.text("/items/0/_id");

    let page = server.anonymous().get("/sign-in").await.expect(200);
    assert!(page.body.contains("Sign in with Acme"), "{}", page.body);
    assert!(!page.body.contains("type=\"password\""), "{}", page.body);
    let sign_in = json!({"email": "ada@example.com", "password": password("ada@example.com")});
    let refused = server.anonymous().post("/session", &sign_in).await;
    refused.expect_error(403, "forbidden", "nobody signs in with a password here");
    let form = json!([{"email": "bob@example.com", "role": "reader"}]);
    let invited = owner.post("/api/v2/members", &form).await.expect(201);
    let path = format!(
        "/api/v2/members/{}/invitation",
        invited.text("/items/0/_id")
    );
    let code = owner.post_nothing(&path).await.expect(201).text("/code");
    let join = json!({"code": code, "password": "a password of bob"});
    let refused = server.anonymous().post("/invitation", &join).await;
    refused.expect_error(403, "forbidden", "nobody signs in with a password here");

    let page = server.anonymous().get("/invitation").await.expect(303);
    assert_eq!(page.header("location"), Some("/sign-in"));
    let browser = liar::walk(&server, &liar).await.expect_signed_in();
    let me = browser.get("/api/v2/members/me").await.expect(200);
    assert_eq!(me.text("/_id"), id);
}
