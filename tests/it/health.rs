//! `/health`, and positions.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn live_and_ready_are_200_without_a_credential() {
    let server = Server::start().await;
    for path in ["/health/live", "/health/ready"] {
        let answer = server.anonymous().get(path).await.expect(200);
        assert_eq!(
            (answer.text("/status"), answer.integer("/position")),
            ("ok".into(), 3)
        );
    }
}

#[tokio::test]
async fn a_write_gives_its_position_and_a_read_can_wait_for_one() {
    let server = Server::start_with(&[("KEYLEDGER_WAIT_MAX_MS", "300")]).await;
    let owner = server.owner();
    let made = owner
        .post("/api/v2/tokens", &json!({"role": "reader"}))
        .await
        .expect(201);
    let position = made.position();
    assert_eq!(position, 4);
    let path = format!("/api/v2/tokens/{}", made.text("/_id"));
    owner
        .with("X-Keyledger-Min-Position", "4")
        .get(&path)
        .await
        .expect(200);
    let ahead = owner.with("X-Keyledger-Min-Position", "5").get(&path).await;
    let ahead = ahead.expect_error(503, "unavailable", "position 5 is not reached");
    assert_eq!(ahead.header("retry-after"), Some("1"));
    for junk in ["x", "-1", ""] {
        let answer = owner
            .with("X-Keyledger-Min-Position", junk)
            .get(&path)
            .await;
        answer.expect_error(400, "invalid_request", "X-Keyledger-Min-Position");
    }
}
