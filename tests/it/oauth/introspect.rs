//! `POST /oauth/introspect`.

use serde_json::json;

use super::{expect_error, post};
use crate::cli::create_account;
use crate::support::{Server, in_seconds, make_role, make_token};

const PATH: &str = "/oauth/introspect";

#[tokio::test]
async fn a_token_that_works_is_told_about_and_of_another_nothing_is_said() {
    let server = Server::start().await;
    let owner = server.owner();
    let identity = owner.get("/api/v2/caller-identity").await.expect(200);
    let expiry = in_seconds(3_600);
    let form = json!({"role": "reader", "expiry": expiry});
    let (id, secret) = make_token(&owner, form).await;
    let answer = post(
        &owner,
        PATH,
        &format!("token={secret}&token_type_hint=access_token"),
    )
    .await;
    let answer = answer.expect(200);
    let member = identity.text("/memberId");
    let expected = json!({
        "active": true, "token_type": "Bearer", "exp": expiry / 1_000, "jti": id,
        "sub": format!("member/{member}"), "token_kind": "personal", "member_id": member,
        "account_id": identity.text("/accountId"),
    });
    assert_eq!(answer.json, expected);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    let form = json!({"role": "reader", "serviceToken": true});
    let (service, service_secret) = make_token(&owner, form).await;
    let answer = post(&owner, PATH, &format!("token={service_secret}"))
        .await
        .expect(200);
    assert_eq!(answer.json["sub"], format!("service-token/{service}"));
    assert_eq!(answer.json.get("exp"), None);
    let deleted = owner
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    let after = owner.with("X-Keyledger-Min-Position", &deleted.position().to_string());
    let (_, theirs) = create_account(&server, "Other", "owner@other.test");
    let stranger = server.anonymous().token(&theirs);
    stranger.eventually("/api/v2/caller-identity", 200).await;
    for token in [secret.as_str(), "nonsense", theirs.as_str()] {
        let answer = post(&after, PATH, &format!("token={token}"))
            .await
            .expect(200);
        assert_eq!(answer.json, json!({"active": false}), "{token}");
        assert!(answer.position() >= deleted.position());
    }
}

#[tokio::test]
async fn who_asks_shows_a_token_after_bearer_or_basic() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "asker", &["askDecisions"], &["acct"]).await;
    let form = json!({"customRoleIds": ["asker"], "serviceToken": true});
    let (_, asker) = make_token(&owner, form).await;
    let (_, reader) = make_token(&owner, json!({"role": "reader"})).await;
    let about = format!("token={reader}");
    let basic = |secret: &str| {
        let request = server.anonymous().request(reqwest::Method::POST, PATH);
        let request = request
            .basic_auth("any-client", Some(secret))
            .form(&[("token", &reader)]);
        crate::support::Api::send(request)
    };
    assert_eq!(basic(&asker).await.expect(200).json["active"], true);
    let bearer = server.anonymous().token(&format!("Bearer {asker}"));
    assert_eq!(
        post(&bearer, PATH, &about).await.expect(200).json["active"],
        true
    );
    expect_error(basic("nonsense").await, 401, "invalid_client");
    let nobody = expect_error(
        post(&server.anonymous(), PATH, &about).await,
        401,
        "invalid_client",
    );
    assert_eq!(
        nobody.header("WWW-Authenticate"),
        Some("Bearer realm=\"keyledger\"")
    );
    let broken = server.anonymous().with("Authorization", "Basic !!!");
    expect_error(post(&broken, PATH, &about).await, 401, "invalid_client");
    // A token without the right asks about itself only.
    let itself = server.anonymous().token(&reader);
    assert_eq!(
        post(&itself, PATH, &about).await.expect(200).json["active"],
        true
    );
    let other = post(&itself, PATH, &format!("token={asker}")).await;
    let other = expect_error(other, 403, "insufficient_scope");
    let challenge = other.header("WWW-Authenticate").unwrap();
    assert!(challenge.contains("insufficient_scope"), "{challenge}");
}

#[tokio::test]
async fn a_wrong_request_is_told_so() {
    let server = Server::start().await;
    let owner = server.owner();
    for body in [
        "",
        "token=",
        "other=x",
        "token=a&token=b",
        "token=a&x=1&x=2",
    ] {
        expect_error(post(&owner, PATH, body).await, 400, "invalid_request");
    }
    let json = owner.post(PATH, &json!({"token": "a"})).await;
    expect_error(json, 400, "invalid_request");
    let get = expect_error(owner.get(PATH).await, 405, "invalid_request");
    assert_eq!(get.header("Allow"), Some("POST"));
    let late = owner.with("X-Keyledger-Min-Position", "soon");
    expect_error(post(&late, PATH, "token=a").await, 400, "invalid_request");
    let nonsense = owner
        .token("nonsense")
        .get("/api/v2/tokens")
        .await
        .expect(401);
    let challenge = nonsense.header("WWW-Authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
}
