//! Settings that cannot work are refused before anything is written.

use super::settings;
use crate::support::{Server, run_with};

#[test]
fn what_cannot_work_is_refused_at_the_start() {
    let issuer = ("KEYLEDGER_OIDC_ISSUER", "https://login.example.com");
    let client = ("KEYLEDGER_OIDC_CLIENT_ID", "keyledger");
    let http = ("KEYLEDGER_OIDC_ISSUER", "http://login.example.com");
    let no_passwords = ("KEYLEDGER_PASSWORD_SIGN_IN", "false");
    for (env, words) in [
        (vec![issuer], "--oidc-issuer needs --oidc-client-id"),
        (vec![client], "--oidc-client-id needs --oidc-issuer"),
        (vec![http, client], "it must be an https URL"),
        (vec![no_passwords], "nobody could sign in"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let mut env = env;
        env.push(("KEYLEDGER_LISTEN", "127.0.0.1:0"));
        let (success, _, said) = run_with(&data, &env, &["serve"]);
        assert!(!success && said.contains(words), "{words}: {said}");
        assert!(!data.exists(), "nothing is written");
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_keeps_nobody_from_anything_else() {
    let server = Server::start_with(&settings("http://127.0.0.1:9")).await;
    let page = server.anonymous().get("/sign-in/openid").await.expect(502);
    assert!(page.body.contains("does not answer"), "{}", page.body);
    server.owner().get("/api/v2/tokens").await.expect(200);
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_page() {
    let server = Server::start().await;
    for path in ["/sign-in/openid", "/sign-in/openid/callback?code=x&state=y"] {
        server.anonymous().get(path).await.expect(404);
    }
    let page = server.anonymous().get("/sign-in").await.expect(200);
    assert!(!page.body.contains("openid"), "{}", page.body);
}
