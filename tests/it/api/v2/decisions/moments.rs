//! Decisions of earlier moments, and after one's own writes.

use serde_json::json;

use super::{PATH, about};
use crate::support::{Server, make_token};

#[tokio::test]
async fn a_decision_of_an_earlier_moment_is_as_it_was() {
    let server = Server::start().await;
    let owner = server.owner();
    let (member, signed_in) = server.member("ada@moments.test", "writer").await;
    let before = server.position().await;
    let (id, secret) = make_token(&signed_in, json!({"role": "writer"})).await;
    let made = server.position().await;
    let path = format!("/api/v2/members/{member}");
    let demote = json!([{"op": "replace", "path": "/role", "value": "no_access"}]);
    owner.patch(&path, &demote).await.expect(200);
    let demoted = server.position().await;
    owner.delete(&path).await.expect(204);
    let removed = server.position().await;
    for (as_of, reason) in [
        (before, "unknown"),
        (made, "allowed"),
        (demoted, "not_allowed_by_ceiling"),
        (removed, "deactivated"),
    ] {
        let form =
            json!({"tokenId": id, "action": "viewRole", "resource": "role/x", "asOf": as_of});
        let answer = owner.post(PATH, &form).await.expect(200);
        assert_eq!(answer.json["reason"], reason, "as of {as_of}");
        assert_eq!(answer.integer("/position"), as_of);
        assert_eq!(answer.position(), as_of);
    }
    // By secret it is about who holds it now, and nobody may with a token that does not work.
    let form = json!({"token": secret, "action": "viewRole", "resource": "role/x", "asOf": made});
    let answer = owner.post(PATH, &form).await.expect(200);
    assert_eq!(answer.json["reason"], "deactivated");
    let future =
        json!({"tokenId": id, "action": "viewRole", "resource": "role/x", "asOf": removed + 1_000});
    owner.post(PATH, &future).await.expect(400);
}

#[tokio::test]
async fn an_answer_is_none_from_before_the_position_that_is_asked_for() {
    let server = Server::start_with(&[("KEYLEDGER_WAIT_MAX_MS", "50")]).await;
    let owner = server.owner();
    let (_, secret) = make_token(&owner, json!({"role": "reader"})).await;
    for _ in 0..20 {
        let (id, _) = make_token(&owner, json!({"role": "reader"})).await;
        let deleted = owner
            .delete(&format!("/api/v2/tokens/{id}"))
            .await
            .expect(204);
        let form = json!({"tokenId": id, "action": "viewRole", "resource": "role/x", "minPosition": deleted.position()});
        let answer = owner.post(PATH, &form).await.expect(200);
        assert_eq!(answer.json["reason"], "unknown");
        assert!(answer.position() >= deleted.position());
    }
    let far = server.position().await + 1_000;
    let form =
        json!({"token": secret, "action": "viewRole", "resource": "role/x", "minPosition": far});
    let late = owner.post(PATH, &form).await;
    late.expect_error(503, "unavailable", &far.to_string());
    let with = owner.with("X-Keyledger-Min-Position", &far.to_string());
    about(&with, &secret, "viewRole", "role/x")
        .await
        .expect(503);
    let wrong = owner.with("X-Keyledger-Min-Position", "soon");
    let answer = about(&wrong, &secret, "viewRole", "role/x").await;
    answer.expect_error(400, "invalid_request", "X-Keyledger-Min-Position");
    let batch =
        json!({"action": "viewRole", "minPosition": far, "decisions": [{"resource": "role/a"}]});
    owner.post(PATH, &batch).await.expect(503);
}
