//! Many questions at one position.

use serde_json::{Value, json};

use super::PATH;
use crate::support::{Server, make_token};

#[tokio::test]
async fn a_batch_is_answered_in_order_and_takes_what_it_leaves_out_from_around_it() {
    let server = Server::start().await;
    let owner = server.owner();
    let (reader, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let (gone, _) = make_token(&owner, json!({"role": "reader"})).await;
    owner
        .delete(&format!("/api/v2/tokens/{gone}"))
        .await
        .expect(204);
    let form = json!({
        "tokenId": reader, "action": "viewRole", "resource": "role/a",
        "decisions": [
            {},
            {"action": "createRole"},
            {"tokenId": gone},
            {"token": secret, "resource": "role/b"},
            {"token": "nonsense"},
        ],
    });
    let answer = owner.post(PATH, &form).await.expect(200);
    let decisions = answer.json["decisions"].as_array().unwrap();
    let reasons: Vec<_> = decisions
        .iter()
        .map(|one| one["reason"].as_str().unwrap())
        .collect();
    let expected = [
        "allowed",
        "not_allowed_by_scope",
        "unknown",
        "allowed",
        "unknown",
    ];
    assert_eq!(reasons, expected);
    for one in decisions {
        assert_eq!(one["position"], answer.position());
    }
    // Without a token anywhere they are about the token of the call.
    let form = json!({"action": "viewRole", "decisions": [{"resource": "role/a"}, {"resource": "role/b"}]});
    let own = server
        .anonymous()
        .token(&secret)
        .post(PATH, &form)
        .await
        .expect(200);
    assert_eq!(own.json["decisions"][1]["who"]["tokenId"], reader);
    let none = owner
        .post(PATH, &json!({"decisions": []}))
        .await
        .expect(200);
    assert_eq!(none.json, json!({"decisions": []}));
    assert_eq!(none.position(), server.position().await);
}

#[tokio::test]
async fn a_batch_has_a_limit_and_says_which_question_is_wrong() {
    let server = Server::start().await;
    let owner = server.owner();
    let many = |count: usize| {
        let one = json!({"resource": "role/a"});
        json!({"action": "viewRole", "decisions": vec![one; count]})
    };
    let answer = owner.post(PATH, &many(1_000)).await.expect(200);
    assert_eq!(
        answer.json["decisions"].as_array().map(Vec::len),
        Some(1_000)
    );
    let answer = owner.post(PATH, &many(1_001)).await;
    answer.expect_error(400, "invalid_request", "1000 are the most");
    let wrong = |question: Value| json!({"action": "viewRole", "decisions": [{"resource": "role/a"}, question]});
    for (question, said) in [
        (json!({}), "/decisions/1/resource: is missing"),
        (json!({"resource": "?"}), "/decisions/1/resource: "),
        (
            json!({"resource": "role/a", "action": ""}),
            "/decisions/1/action: ",
        ),
        (
            json!({"resource": "role/a", "tokenId": "x"}),
            "/decisions/1/tokenId: ",
        ),
        (json!({"resource": 7}), "/decisions/1/resource"),
        (json!([]), "/decisions/1"),
    ] {
        let answer = owner.post(PATH, &wrong(question)).await;
        answer.expect_error(400, "invalid_request", said);
    }
    let mut form = many(1);
    form["asOf"] = json!(1);
    let answer = owner.post(PATH, &form).await;
    answer.expect_error(400, "invalid_request", "asOf: ");
}
