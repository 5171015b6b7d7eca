//! `GET /api/v2/caller-identity`.

use serde_json::{Value, json};

use crate::support::{Server, make_role, make_token};

const PATH: &str = "/api/v2/caller-identity";

#[tokio::test]
async fn it_tells_what_the_server_knows_of_each_kind_of_credential() {
    let server = Server::start().await;
    let owner = server.owner();
    let answer = owner.get(PATH).await.expect(200);
    assert_eq!(answer.text("/authKind"), "token");
    assert_eq!(answer.text("/tokenKind"), "personal");
    assert_eq!(answer.json["serviceToken"], json!(false));
    assert_eq!(answer.json["scopes"], json!(["admin"]));

    make_role(&owner, "looker", &["view*"], &["*"]).await;
    let form = json!({"name": "robot", "customRoleIds": ["looker"], "serviceToken": true});
    let (id, secret) = make_token(&owner, form).await;
    let answer = server
        .anonymous()
        .token(&secret)
        .get(PATH)
        .await
        .expect(200);
    assert_eq!(answer.text("/tokenKind"), "service");
    assert_eq!(answer.text("/tokenId"), id);
    assert_eq!(answer.text("/tokenName"), "robot");
    assert_eq!(answer.json["scopes"], json!(["looker"]));

    let (member, session) = server.member("a@example.com", "reader").await;
    let answer = session.get(PATH).await.expect(200);
    assert_eq!(answer.text("/authKind"), "session");
    assert_eq!(answer.text("/memberId"), member);
    assert_eq!(answer.json["tokenId"], Value::Null);
}

#[tokio::test]
async fn every_credential_that_does_not_work_is_401_and_says_why() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let wrong = |secret: &str| anonymous.token(secret);
    anonymous
        .get(PATH)
        .await
        .expect_error(401, "unauthorized", "Invalid access token");
    for junk in [
        "junk",
        "",
        "sdk-00000000-0000-4000-0000-000000000000",
        "api-00000000-0000-4000-0000-000000000000",
    ] {
        wrong(junk)
            .get(PATH)
            .await
            .expect_error(401, "unauthorized", "Invalid access token");
    }
    let bearer = format!("Bearer {}", server.owner_secret());
    wrong(&bearer).get(PATH).await.expect(200);

    let owner = server.owner();
    let (id, secret) = make_token(&owner, json!({"role": "reader"})).await;
    wrong(&secret).get(PATH).await.expect(200);
    owner
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    let refused =
        wrong(&secret)
            .get(PATH)
            .await
            .expect_error(401, "unauthorized", "Invalid access token");
    assert!(
        refused
            .header("www-authenticate")
            .is_some_and(|value| value.starts_with("Bearer"))
    );

    let expiry = crate::support::in_seconds(4);
    let (_, secret) = make_token(&owner, json!({"role": "reader", "expiry": expiry})).await;
    wrong(&secret).get(PATH).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(4_500)).await;
    wrong(&secret)
        .get(PATH)
        .await
        .expect_error(401, "unauthorized", "expired");

    let (member, session) = server.member("b@example.com", "reader").await;
    let (_, secret) = make_token(&session, json!({"role": "reader"})).await;
    owner
        .delete(&format!("/api/v2/members/{member}"))
        .await
        .expect(204);
    wrong(&secret)
        .get(PATH)
        .await
        .expect_error(401, "unauthorized", "member was removed");
}

#[tokio::test]
async fn a_token_is_taken_bare_or_after_bearer_and_in_no_other_way() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let secret = server.owner_secret().to_owned();
    for form in [
        secret.clone(),
        format!("Bearer {secret}"),
        format!("bearer {secret}"),
        format!("BEARER   {secret}"),
    ] {
        anonymous.token(&form).get(PATH).await.expect(200);
    }
    for form in [
        format!("Basic {secret}"),
        format!("Bearer Bearer {secret}"),
        format!("{secret} {secret}"),
        format!("{secret}x"),
        secret[..secret.len() - 1].to_owned(),
        secret.to_uppercase(),
        secret[4..].to_owned(),
        "Bearer".to_owned(),
        "x".repeat(600),
    ] {
        let refused = anonymous.token(&form).get(PATH).await;
        let refused = refused.expect_error(401, "unauthorized", "Invalid access token");
        assert!(!refused.body.contains(&secret), "an error repeats a secret");
    }
    let request = anonymous.request(reqwest::Method::GET, PATH);
    let twice = request
        .header("Authorization", &secret)
        .header("Authorization", &secret);
    crate::support::Api::send(twice)
        .await
        .expect_error(401, "unauthorized", "twice");
}

#[tokio::test]
async fn a_token_that_has_not_worked_for_any_reason_writes_nothing_either() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, session) = server.member("a@example.com", "admin").await;
    let (_, removed) = make_token(&session, json!({"role": "admin"})).await;
    let expiry = crate::support::in_seconds(4);
    let (_, expired) = make_token(&owner, json!({"role": "admin", "expiry": expiry})).await;
    let (id, reset) = make_token(&owner, json!({"role": "admin"})).await;
    owner
        .post_nothing(&format!("/api/v2/tokens/{id}/reset"))
        .await
        .expect(200);
    owner
        .delete(&format!("/api/v2/members/{member}"))
        .await
        .expect(204);
    tokio::time::sleep(std::time::Duration::from_millis(4_500)).await;
    let before = server.position().await;
    for (secret, message) in [
        (removed, "its member was removed"),
        (expired, "it has expired"),
        (reset, "Invalid access token"),
    ] {
        let dead = server.anonymous().token(&secret);
        for answer in [
            dead.post("/api/v2/tokens", &json!({"role": "reader"}))
                .await,
            dead.get("/api/v2/tokens").await,
            dead.get("/api/v2/members").await,
            dead.get("/api/v2/roles").await,
            dead.get("/api/v2/versions").await,
            dead.delete(&format!("/api/v2/tokens/{id}")).await,
        ] {
            answer.expect_error(401, "unauthorized", message);
        }
    }
    assert_eq!(server.position().await, before);
}
