//! The limits of calls with a credential. What is counted comes back with time, so these tests call until
//! they are refused and never say how soon.

use serde_json::json;

use crate::support::{Answer, Api, Server, in_seconds, make_token};

/// More calls than any of these tests needs before it is refused.
const CALLS_MAX: usize = 1_000;

fn number(answer: &Answer, name: &str) -> Option<i64> {
    answer.header(name).map(|value| value.parse().expect(name))
}

/// Calls until it is refused; gives the refusal and how often it was answered.
async fn until_refused(api: &Api, path: &str) -> (Answer, usize) {
    for calls in 0..CALLS_MAX {
        let answer = api.get(path).await;
        if answer.status == 429 {
            return (
                answer.expect_error(429, "rate_limited", "Try again later"),
                calls,
            );
        }
        answer.expect(200);
    }
    panic!("{CALLS_MAX} calls and no limit");
}

/// A moment in the next ten seconds, Unix milliseconds. Both processes read one clock.
fn is_ahead(reset: Option<i64>, before: i64) {
    let reset = reset.expect("a reset");
    assert!(
        reset > before && reset <= in_seconds(11),
        "{reset} {before}"
    );
}

#[tokio::test]
async fn every_answer_says_where_the_call_stands() {
    let server = Server::start_with(&[
        ("KEYLEDGER_RATE_ACCOUNT", "3000"),
        ("KEYLEDGER_RATE_ROUTE", "2000"),
        ("KEYLEDGER_RATE_TOKEN", "1000"),
    ])
    .await;
    let owner = server.owner();
    let before = in_seconds(0);
    for answer in [
        owner.get("/api/v2/tokens").await.expect(200),
        owner.get("/api/v2/tokens?limit=0").await.expect(400),
        owner.get("/api/v2/tokens/nothing").await.expect(404),
        owner
            .post("/api/v2/tokens", &json!({"role": "reader"}))
            .await
            .expect(201),
    ] {
        for (name, limit) in [("global", 3000), ("route", 2000), ("auth-token", 1000)] {
            let header = |part: &str| number(&answer, &format!("x-ratelimit-{name}-{part}"));
            assert_eq!(header("limit"), Some(limit));
            let remaining = header("remaining").expect(name);
            assert!((0..limit).contains(&remaining), "{name}: {remaining}");
        }
        is_ahead(number(&answer, "x-ratelimit-reset"), before);
        is_ahead(number(&answer, "x-ratelimit-auth-token-reset"), before);
    }
    // A sign-in has no token, and what needs no credential has no limit.
    let (_, session) = server.member("a@example.com", "reader").await;
    let signed_in = session.get("/api/v2/members/me").await.expect(200);
    assert_eq!(number(&signed_in, "x-ratelimit-global-limit"), Some(3000));
    assert_eq!(signed_in.header("x-ratelimit-auth-token-limit"), None);
    let root = server.anonymous().get("/api/v2").await.expect(200);
    assert_eq!(root.header("x-ratelimit-reset"), None);
}

#[tokio::test]
async fn a_token_over_its_limit_is_refused_and_another_is_not() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_TOKEN", "5")]).await;
    let (_, session) = server.member("a@example.com", "admin").await;
    let (_, secret) = make_token(&session, json!({"role": "admin"})).await;
    let token = server.anonymous().token(&secret);
    let before = in_seconds(0);
    let (refused, calls) = until_refused(&token, "/api/v2/tokens").await;
    assert!(calls >= 5, "{calls}");
    assert_eq!(number(&refused, "x-ratelimit-auth-token-limit"), Some(5));
    assert_eq!(
        number(&refused, "x-ratelimit-auth-token-remaining"),
        Some(0)
    );
    is_ahead(number(&refused, "x-ratelimit-reset"), before);
    is_ahead(number(&refused, "x-ratelimit-auth-token-reset"), before);
    assert_eq!(refused.header("x-ratelimit-global-limit"), None);
    assert!(refused.text("/message").contains("5 calls with this token"));
    let after = number(&refused, "retry-after").expect("seconds");
    assert!((1..=2).contains(&after), "{after}");
    // The session and the owner's token go on.
    session.get("/api/v2/tokens").await.expect(200);
    server.owner().get("/api/v2/tokens").await.expect(200);
    // What is refused is not carried out.
    let position = server.position().await;
    let mut made = 0;
    let refused = loop {
        let form = json!({"role": "reader"});
        let answer = token.post("/api/v2/tokens", &form).await;
        if answer.status == 429 {
            break answer;
        }
        answer.expect(201);
        made += 1;
        assert!(made < CALLS_MAX as i64, "no limit");
    };
    assert_eq!(server.position().await, position + made);
    // Whoever waits for as long as the answer says is answered.
    let after = number(&refused, "retry-after").expect("seconds");
    tokio::time::sleep(std::time::Duration::from_secs(after.unsigned_abs())).await;
    token.get("/api/v2/tokens").await.expect(200);
}

#[tokio::test]
async fn a_route_over_its_limit_leaves_the_others_alone() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_ROUTE", "4")]).await;
    let owner = server.owner();
    let me = "/api/v2/members/me";
    // It is the operation that counts, not the path with its id.
    let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
    let (refused, _) = until_refused(&owner, &format!("/api/v2/tokens/{id}")).await;
    assert_eq!(number(&refused, "x-ratelimit-route-limit"), Some(4));
    assert_eq!(number(&refused, "x-ratelimit-route-remaining"), Some(0));
    assert_eq!(refused.header("x-ratelimit-auth-token-limit"), None);
    assert!(
        refused
            .text("/message")
            .contains("4 calls of this operation")
    );
    let mut refused_elsewhere = false;
    for _ in 0..CALLS_MAX {
        refused_elsewhere |= owner.get("/api/v2/tokens/nothing").await.status == 429;
        if refused_elsewhere {
            break;
        }
    }
    assert!(refused_elsewhere);
    let other = owner.get(me).await.expect(200);
    assert_eq!(number(&other, "x-ratelimit-route-limit"), Some(4));
    // Nor does another method on the same path count for it.
    let patch = json!([{"op": "replace", "path": "/name", "value": "n"}]);
    let path = format!("/api/v2/tokens/{id}");
    owner.patch(&path, &patch).await.expect(200);
}

#[tokio::test]
async fn an_account_over_its_limit_is_refused_with_every_credential() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_ACCOUNT", "8")]).await;
    let (_, session) = server.member("a@example.com", "reader").await;
    let owner = server.owner();
    let (refused, _) = until_refused(&owner, "/api/v2/tokens").await;
    assert_eq!(number(&refused, "x-ratelimit-global-remaining"), Some(0));
    assert!(refused.text("/message").contains("8 calls of this account"));
    let (refused, _) = until_refused(&session, "/api/v2/members/me").await;
    assert!(refused.header("x-ratelimit-reset").is_some());
    // What belongs to no account is answered.
    server.anonymous().get("/api/v2").await.expect(200);
    server.anonymous().get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn credentials_that_fail_are_limited_and_working_ones_from_there_are_not() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_FAILURES_PER_IP", "6")]).await;
    let wrong = server.anonymous().token("api-wrong");
    let mut failures = 0;
    let refused = loop {
        let answer = wrong.get("/api/v2/tokens").await;
        if answer.status == 429 {
            break answer.expect_error(429, "rate_limited", "6 failed credentials");
        }
        answer.expect_error(401, "unauthorized", "Invalid access token");
        failures += 1;
        assert!(failures < CALLS_MAX, "no limit");
    };
    assert!(failures >= 6, "{failures}");
    assert!(number(&refused, "retry-after").is_some_and(|after| (1..=2).contains(&after)));
    assert_eq!(refused.header("x-ratelimit-reset"), None);
    server.owner().get("/api/v2/tokens").await.expect(200);
}

#[tokio::test]
async fn by_default_there_are_limits_and_each_can_be_turned_off() {
    let off = Server::start().await;
    let answer = off.owner().get("/api/v2/tokens").await.expect(200);
    assert!(
        answer
            .headers
            .iter()
            .all(|(name, _)| !name.starts_with("x-ratelimit"))
    );
    let (success, help, _) = crate::support::run(std::path::Path::new("."), &["serve", "--help"]);
    assert!(success);
    for (flag, default) in [
        ("--rate-account", "20000"),
        ("--rate-route", "10000"),
        ("--rate-token", "10000"),
        ("--rate-failures-per-ip", "200"),
        ("--rate-sign-ins-per-ip", "200"),
        ("--rate-sign-ins-per-email", "10"),
    ] {
        let after = help.split(&format!("{flag} <")).nth(1).expect(flag);
        let about = after.split("\n      --").next().expect(flag);
        assert!(about.contains(&format!("[default: {default}]")), "{about}");
    }
}
