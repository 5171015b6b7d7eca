//! A provider that lies, or answers for somebody else's browser: nobody is signed in by it.

use std::time::Duration;

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
    begin_at(server, BEGIN).await
}

/// The same by another link.
async fn begin_at(server: &Server, link: &str) -> (String, String) {
    let begun = server.anonymous().get(link).await.expect(303);
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

    /// Requires that it did not, that the page says why, and that the attempt is over.
    #[track_caller]
    fn expect_refused(self, status: u16, words: &str) {
        assert!(self.ends_the_attempt(), "{}", self.answer.body);
        self.expect_page(status, words);
    }

    /// Requires that it is not known here, and that whatever the browser began goes on.
    #[track_caller]
    fn expect_not_begun(self) {
        assert!(!self.ends_the_attempt(), "{}", self.answer.body);
        self.expect_page(400, "was not begun here");
    }

    fn ends_the_attempt(&self) -> bool {
        let mut headers = self.answer.headers.iter();
        headers
            .any(|(name, value)| name == "set-cookie" && value.starts_with("keyledger_sign_in=;"))
    }

    #[track_caller]
    fn expect_page(self, status: u16, words: &str) {
        let answer = self.answer.expect(status);
        assert_eq!(cookie(&answer, "keyledger_session"), None);
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
        "invalid_client",
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
    liar.lie(&json!({"lie": "discovery_down"})).await;
    let page = server.anonymous().get(BEGIN).await.expect(502);
    for words in ["does not answer as it should", "type=\"password\""] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    liar.lie(&json!({"lie": "none"})).await;
    server.anonymous().eventually(BEGIN, 303).await;
    walk(&server, &liar).await.expect_signed_in();
}

#[tokio::test]
async fn a_document_that_names_what_nobody_can_trust_is_not_used() {
    for lie in ["discovery_issuer", "no_tls"] {
        let (server, liar) = house(&[]).await;
        liar.lie(&json!({"lie": lie})).await;
        server.anonymous().get(BEGIN).await.expect(502);
    }
}

#[tokio::test]
async fn nobody_waits_for_others_who_wait_for_the_provider() {
    let (server, liar) = house(&[]).await;
    liar.lie(&json!({"lie": "discovery_slow"})).await;
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let browser = server.anonymous();
        waiting.spawn(async move { browser.get(BEGIN).await.status });
    }
    // One after the other they would take two minutes.
    let all = tokio::time::timeout(Duration::from_secs(60), waiting.join_all()).await;
    assert_eq!(all.expect("an answer in time"), [502; 12]);
}

#[tokio::test]
async fn an_answer_is_for_the_browser_that_asked_and_once() {
    let (server, liar) = house(&[]).await;
    let (attempt, page) = begin(&server).await;
    let (other, _) = begin(&server).await;
    let back = sent_back(&server, &page).await;
    for cookie in ["x=y", "keyledger_sign_in=AAAA", &other] {
        come_back(&server, cookie, &back).await.expect_not_begun();
    }
    let forged = back.replace("state=", "state=x");
    come_back(&server, &attempt, &forged)
        .await
        .expect_not_begun();
    assert_eq!(liar.seen().await.json["token"], 0, "nobody was asked");
    let named = format!("{back}&iss=https://other.example");
    let walked = come_back(&server, &attempt, &named).await;
    walked.expect_refused(403, "does not hold");
    for (error, status, words) in [
        (
            "<script>access_denied",
            403,
            "did not sign you in: scriptaccess_denied",
        ),
        (
            "temporarily_unavailable",
            502,
            "does not answer as it should",
        ),
    ] {
        let said = format!("{back}&error={error}");
        let walked = come_back(&server, &attempt, &said).await;
        walked.expect_refused(status, words);
    }
    assert_eq!(liar.seen().await.json["token"], 0);
    let browser = come_back(&server, &attempt, &back).await.expect_signed_in();
    browser.get("/api/v2/members/me").await.expect(200);
    let walked = come_back(&server, &attempt, &back).await;
    walked.expect_refused(403, "does not hold");
    // Whoever reloads the page that signed in.
    let reloaded = browser.get(&back).await.expect(303);
    assert_eq!(reloaded.header("location"), Some("/settings/authorization"));
}

#[tokio::test]
async fn who_was_removed_or_never_invited_stays_out() {
    let (server, liar) = house(&[]).await;
    let kelvin = "\u{212a}ate@example.com";
    server.invite("kate@example.com", "admin").await;
    for (email, shown) in [
        ("eve@example.com", "eve@example.com is no member here"),
        // Letters that some rule takes for those of a member, and space that some rule leaves out.
        (kelvin, "is no member here"),
        (" ada@example.com", "is no member here"),
        ("ada@example.com\u{a0}", "is no member here"),
        ("<script>alert(1)</script>@example.com", "is no member here"),
    ] {
        liar.lie(&json!({"lie": "none", "email": email})).await;
        let walked = walk(&server, &liar).await;
        assert!(!walked.answer.body.contains("<script>alert"), "{email}");
        walked.expect_refused(403, shown);
    }
    let id = server.invite("bob@example.com", "reader").await;
    liar.lie(&json!({"lie": "none", "email": "BOB@example.com"}))
        .await;
    let bob = walk(&server, &liar).await.expect_signed_in();
    bob.get("/api/v2/members/me").await.expect(200);
    let path = format!("/api/v2/members/{id}");
    server.owner().delete(&path).await.expect(204);
    bob.get("/api/v2/members/me").await.expect(401);
    let walked = walk(&server, &liar).await;
    walked.expect_refused(403, "is no member here");
}

#[tokio::test]
async fn providers_have_their_ways() {
    for lie in ["post_secret", "verified_text"] {
        let (server, liar) = house(&[]).await;
        liar.lie(&json!({"lie": lie})).await;
        walk(&server, &liar).await.expect_signed_in();
    }
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
    let browser = server.anonymous();
    let long = format!("/settings/audit?q={}", "x".repeat(2_000));
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/api/v2/tokens",
        "/settings/%252e%252e/sign-out",
        &long,
    ] {
        let page = browser.get(&format!("/sign-in?to={to}")).await.expect(200);
        let link = "/sign-in/openid?to=%2Fsettings%2Fauthorization\"";
        assert!(page.body.contains(link), "{to}: {}", page.body);
        let link = format!("/sign-in/openid?to={to}");
        let (attempt, page) = begin_at(&server, &link).await;
        let back = sent_back(&server, &page).await;
        let walked = come_back(&server, &attempt, &back).await.answer.expect(200);
        assert!(
            walked.body.contains("url=/settings/authorization\""),
            "{to}: {}",
            walked.body
        );
    }
    let longest = format!("/settings/audit?q={}", "x".repeat(1_970));
    let link = format!("/sign-in/openid?to={longest}");
    let (attempt, page) = begin_at(&server, &link).await;
    assert!(
        attempt.len() < 4_000,
        "a browser keeps it: {}",
        attempt.len()
    );
    let back = sent_back(&server, &page).await;
    let walked = come_back(&server, &attempt, &back).await.answer.expect(200);
    assert!(walked.body.contains(&longest), "{}", walked.body);
}

#[tokio::test]
async fn the_cookie_of_an_attempt_is_for_the_way_back_alone() {
    let (server, _liar) = house(&[("KEYLEDGER_ORIGIN", "https://tokens.example.com/")]).await;
    let begun = server.anonymous().get(BEGIN).await.expect(303);
    let set = begun.header("set-cookie").expect("a cookie");
    let attributes = "; Path=/sign-in/openid; HttpOnly; SameSite=Lax; Max-Age=600; Secure";
    assert!(set.ends_with(attributes), "{set}");
    let page = begun.header("location").expect("a page");
    let back = "redirect_uri=https%3A%2F%2Ftokens.example.com%2Fsign-in%2Fopenid%2Fcallback";
    assert!(page.contains(back), "{page}");
    assert!(page.contains("scope=openid+email&"), "{page}");
}

#[tokio::test]
async fn only_a_browser_that_goes_there_begins_and_comes_back() {
    let (server, liar) = house(&[]).await;
    let image = server.anonymous().with("Sec-Fetch-Mode", "no-cors");
    image.get(BEGIN).await.expect(404);
    let browser = server.anonymous().with("Sec-Fetch-Mode", "navigate");
    browser.get(BEGIN).await.expect(303);
    let (attempt, page) = begin(&server).await;
    let back = sent_back(&server, &page).await;
    let browser = server.anonymous().with("Cookie", &attempt);
    let request = browser.request(reqwest::Method::HEAD, &back);
    crate::support::Api::send(request).await.expect(405);
    let own = browser.with("Origin", &server.url());
    for path in ["/sign-in/openid", back.as_str()] {
        own.form(path, &[]).await.expect(405);
    }
    assert_eq!(liar.seen().await.json["token"], 0);
    come_back(&server, &attempt, &back).await.expect_signed_in();
    for host in ["a b", "[::", "x:99999"] {
        let page = server.anonymous().with("Host", host).get(BEGIN).await;
        assert_eq!(page.status, 400, "{host}: {}", page.body);
    }
}
