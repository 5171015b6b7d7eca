//! The limits of signing in.

use serde_json::json;

use crate::support::{Answer, Server, password};

const ATTEMPTS_MAX: usize = 100;

async fn attempt(server: &Server, email: &str, password: &str) -> Answer {
    let form = json!({"email": email, "password": password});
    server.anonymous().post("/session", &form).await
}

#[tokio::test]
async fn guesses_for_one_email_are_limited_whatever_its_case_and_whether_it_is_known() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_SIGN_INS_PER_EMAIL", "1")]).await;
    server.invite("a@example.com", "reader").await;
    for email in ["a@example.com", "nobody@example.com"] {
        let mut refused = None;
        for guess in 0..ATTEMPTS_MAX {
            let email = if guess % 2 == 0 {
                email.to_owned()
            } else {
                email.to_uppercase()
            };
            let answer = attempt(&server, &email, "a guess at it").await;
            if answer.status == 429 {
                refused = Some(answer.expect_error(429, "rate_limited", "attempts to sign in"));
                break;
            }
            answer.expect_error(401, "unauthorized", "wrong e-mail or password");
        }
        let refused = refused.expect("a limit");
        let after: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=10).contains(&after), "{after}");
        assert_eq!(refused.header("set-cookie"), None);
    }
    // Somebody else signs in meanwhile.
    server.invite("b@example.com", "reader").await;
    let answer = attempt(&server, "b@example.com", &password("b@example.com")).await;
    answer.expect(204);
}

#[tokio::test]
async fn guesses_from_one_address_are_limited_and_tokens_from_there_work() {
    let server = Server::start_with(&[("KEYLEDGER_RATE_SIGN_INS_PER_IP", "2")]).await;
    let mut refused = false;
    for guess in 0..ATTEMPTS_MAX {
        let answer = attempt(&server, &format!("{guess}@example.com"), "a guess at it").await;
        refused = answer.status == 429;
        if refused {
            let answer = answer.expect_error(429, "rate_limited", "2 attempts to sign in");
            assert!(answer.header("retry-after").is_some());
            break;
        }
        answer.expect(401);
    }
    assert!(refused);
    server.owner().get("/api/v2/tokens").await.expect(200);
}
