//! A provider that lies, or answers for somebody else's browser: nobody is signed in by it.

use serde_json::json;

use super::peer::Peer;
use super::settings;
use crate::support::{Answer, Api, Server};

const BEGIN: &str = "/sign-in/openid?to=/settings/members";

/// How a way through the provider ended.
pub struct Walk {
    /// What came of it.
    pub answer: Answer,
    own: Api,
}

/// A cookie that an answer sets, as a browser sends it back.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    set.filter_map(|(_, value)| value.split(';').next())
        .find(|pair| {
            pair.split_once('=')
                .is_some_and(|(found, value)| found == name && !value.is_empty())
        })
        .map(str::to_owned)
}

/// Begins: gives the cookie of the attempt, and the page of the provider.
async fn begin(server: &Server) -> (String, String) {
    let begun = server.anonymous().get(BEGIN).await.expect(303);
    let attempt = cookie(&begun, "keyledger_sign_in").expect("an attempt");
    (
        attempt,
        begun.header("location").expect("a page").to_owned(),
    )
}

/// What the provider sends a browser back with: the path and the query.
async fn sent_back(server: &Server, page: &str) -> String {
    let there = Api::anonymous("").get(page).await;
    let back = there.header("location").expect("a way back").to_owned();
    back.strip_prefix(&server.url())
        .expect("to this server")
        .to_owned()
}

/// Goes through the provider as a browser does.
pub async fn walk(server: &Server, liar: &Peer) -> Walk {
    let (attempt, page) = begin(server).await;
    assert!(page.starts_with(&liar.issuer), "{page}");
    let back = sent_back(server, &page).await;
    come_back(server, &attempt, &back).await
}

async fn come_back(server: &Server, attempt: &str, back: &str) -> Walk {
    let browser = server.anonymous().with("Cookie", attempt);
    Walk {
        answer: browser.get(back).await,
        own: server.anonymous().with("Origin", &server.url()),
    }
}

impl Walk {
    /// Requires that it signed in, and gives the browser.
    #[track_caller]
    pub fn expect_signed_in(self) -> Api {
        let answer = self.answer.expect(200);
        let session = cookie(&answer, "keyledger_session").expect("a session");
        assert!(
            answer.body.contains("url=/settings/members"),
            "{}",
            answer.body
        );
        self.own.with("Cookie", &session)
    }

    /// Requires that it did not, and that the page says why.
    #[track_caller]
    fn expect_refused(self, status: u16, words: &str) {
        let answer = self.answer.expect(status);
        assert_eq!(cookie(&answer, "keyledger_session"), None);
        let ended = answer
            .headers
            .iter()
            .any(|(name, value)| name == "set-cookie" && value.starts_with("keyledger_sign_in=;"));
        assert!(ended, "the attempt is over");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        assert!(answer.body.contains("role=\"alert\""), "{}", answer.body);
    }
}

async fn house(env: &[(&'static str, &str)]) -> (Server, Peer) {
    let liar = Peer::start("liar.js", &[]);
    let mut all = settings(&liar.issuer);
    all.extend(env);
    let server = Server::start_with(&all).await;
    server.invite("ada@example.com", "admin").await;
    (server, liar)
}

#[tokio::test]
async fn an_honest_answer_signs_in_and_a_lie_does_not() {
    let (server, liar) = house(&[]).await;
    let me = walk(&server, &liar).await.expect_signed_in();
    let me = me.get("/api/v2/members/me").await.expect(200);
    assert_eq!(me.text("/email"), "ada@example.com");
    for lie in [
        "nonce",
        "no_nonce",
        "audience",
        "more_audiences",
        "issuer",
        "expired",
        "signature",
        "unknown_key",
        "none_alg",
        "hmac",
        "hmac_public_key",
        "no_id_token",
        "error",
    ] {
        liar.lie(&json!({"lie": lie})).await;
        let walked = walk(&server, &liar).await;
        assert_eq!(walked.answer.status, 403, "{lie}: {}", walked.answer.body);
        walked.expect_refused(403, "does not hold; begin again");
    }
    for (lie, words) in [
        ("unverified", "does not call your e-mail verified"),
        ("no_verified", "does not call your e-mail verified"),
        ("no_email", "names no e-mail"),
    ] {
        liar.lie(&json!({"lie": lie})).await;
        walk(&server, &liar).await.expect_refused(403, words);
    }
    for lie in [
        "userinfo_other_subject",
        "not_json",
        "huge",
        "redirect",
        "slow",
    ] {
        liar.lie(&json!({"lie": lie})).await;
        let walked = walk(&server, &liar).await;
        assert_eq!(walked.answer.status, 502, "{lie}: {}", walked.answer.body);
        walked.expect_refused(502, "does not answer as it should");
    }
    assert_eq!(
        liar.seen().await.json["elsewhere"],
        0,
        "no redirect is followed"
    );
    liar.lie(&json!({"lie": "none"})).await;
    walk(&server, &liar).await.expect_signed_in();
}

#[tokio::test]
async fn new_keys_of_the_provider_are_asked_for() {
    let (server, liar) = house(&[]).await;
    walk(&server, &liar).await.expect_signed_in();
    assert_eq!(liar.seen().await.json["jwks"], 1);
    walk(&server, &liar).await.expect_signed_in();
    assert_eq!(liar.seen().await.json["jwks"], 1, "not at every sign-in");
    liar.lie(&json!({"lie": "rotated"})).await;
    walk(&server, &liar).await.expect_signed_in();
    assert_eq!(liar.seen().await.json["jwks"], 2);
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_and_asked_again() {
    let (server, liar) = house(&[]).await;
    for lie in ["discovery_down", "discovery_issuer"] {
        liar.lie(&json!({"lie": lie})).await;
        let page = server.anonymous().get(BEGIN).await.expect(502);
        assert!(page.body.contains("does not answer as it should"), "{lie}");
        assert!(
            page.body.contains("type=\"password\""),
            "the other way is there"
        );
    }
    liar.lie(&json!({"lie": "none"})).await;
    walk(&server, &liar).await.expect_signed_in();
}

#[tokio::test]
async fn an_answer_is_for_the_browser_that_asked_and_once() {
    let (server, liar) = house(&[]).await;
    let (attempt, page) = begin(&server).await;
    let (other, _) = begin(&server).await;
    let back = sent_back(&server, &page).await;
    let not_begun = "was not begun here";
    come_back(&server, "x=y", &back)
        .await
        .expect_refused(400, not_begun);
    come_back(&server, "keyledger_sign_in=AAAA", &back)
        .await
        .expect_refused(400, not_begun);
    come_back(&server, &other, &back)
        .await
        .expect_refused(400, not_begun);
    let forged = back.replace("state=", "state=x");
    come_back(&server, &attempt, &forged)
        .await
        .expect_refused(400, not_begun);
    assert_eq!(liar.seen().await.json["token"], 0, "nobody was asked");
    let named = format!("{back}&iss=https://other.example");
    come_back(&server, &attempt, &named)
        .await
        .expect_refused(403, "does not hold");
    let said = format!("{back}&error=<script>access_denied");
    come_back(&server, &attempt, &said)
        .await
        .expect_refused(403, "did not sign you in: scriptaccess_denied");
    assert_eq!(liar.seen().await.json["token"], 0);
    come_back(&server, &attempt, &back).await.expect_signed_in();
    come_back(&server, &attempt, &back)
        .await
        .expect_refused(403, "does not hold");
}

#[tokio::test]
async fn who_was_removed_or_never_invited_stays_out() {
    let (server, liar) = house(&[]).await;
    liar.lie(&json!({"lie": "none", "email": "eve@example.com"}))
        .await;
    walk(&server, &liar)
        .await
        .expect_refused(403, "eve@example.com is no member here");
    liar.lie(&json!({"lie": "none", "email": "<script>alert(1)</script>@example.com"}))
        .await;
    let walked = walk(&server, &liar).await;
    assert!(
        !walked.answer.body.contains("<script>alert"),
        "{}",
        walked.answer.body
    );
    walked.expect_refused(403, "is no member here");
    let id = server.invite("bob@example.com", "reader").await;
    liar.lie(&json!({"lie": "none", "email": "BOB@example.com"}))
        .await;
    let bob = walk(&server, &liar).await.expect_signed_in();
    bob.get("/api/v2/members/me").await.expect(200);
    let path = format!("/api/v2/members/{id}");
    server.owner().delete(&path).await.expect(204);
    bob.get("/api/v2/members/me").await.expect(401);
    walk(&server, &liar)
        .await
        .expect_refused(403, "is no member here");
}

#[tokio::test]
async fn an_operator_may_vouch_for_the_providers_emails() {
    let (server, liar) = house(&[("KEYLEDGER_OIDC_TRUST_EMAILS", "true")]).await;
    for lie in ["no_verified", "unverified"] {
        liar.lie(&json!({"lie": lie})).await;
        walk(&server, &liar).await.expect_signed_in();
    }
    liar.lie(&json!({"lie": "no_email"})).await;
    walk(&server, &liar)
        .await
        .expect_refused(403, "names no e-mail");
}

#[tokio::test]
async fn attempts_count_by_address() {
    let (server, liar) = house(&[("KEYLEDGER_RATE_SIGN_INS_PER_IP", "4")]).await;
    for _ in 0..2 {
        walk(&server, &liar).await.expect_signed_in();
    }
    let page = server.anonymous().get(BEGIN).await.expect(429);
    assert!(page.body.contains("attempts to sign in"), "{}", page.body);
}

#[tokio::test]
async fn nothing_leads_out_of_the_console() {
    let (server, _liar) = house(&[]).await;
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/api/v2/tokens",
    ] {
        let page = server
            .anonymous()
            .get(&format!("/sign-in?to={to}"))
            .await
            .expect(200);
        let link = "/sign-in/openid?to=%2Fsettings%2Fauthorization\"";
        assert!(page.body.contains(link), "{to}: {}", page.body);
    }
}
