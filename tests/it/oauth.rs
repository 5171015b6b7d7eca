//! `/oauth`: introspection (RFC 7662) and revocation (RFC 7009).

mod introspect;
mod revoke;

use reqwest::Method;

use crate::support::{Answer, Api};

/// Posts a form.
async fn post(api: &Api, path: &str, body: &str) -> Answer {
    let request = api
        .request(Method::POST, path)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body.to_owned());
    Api::send(request).await
}

/// Requires an error as OAuth has it.
#[track_caller]
fn expect_error(answer: Answer, status: u16, code: &str) -> Answer {
    let answer = answer.expect(status);
    assert_eq!(answer.json["error"], code, "{}", answer.body);
    assert!(answer.json["error_description"].is_string());
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    answer
}
