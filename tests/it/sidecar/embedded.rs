//! The crate, in the process of the test.

use std::time::Duration;

use keyledger_embedded::{Config, ConnectError, DecideError, Decider, Reason, pepper_file};
use serde_json::json;

use super::FEED;
use crate::support::{Server, make_token};

fn config(server: &Server) -> Config {
    let peppers = pepper_file::load(&server.data().join("pepper")).expect("a pepper");
    let mut config = Config::new(server.url(), peppers);
    // No test is about how slow a busy machine is.
    config.staleness_max_ms = 30_000;
    config.wait_max = Duration::from_secs(30);
    config
}

#[tokio::test]
async fn a_service_decides_by_itself_and_knows_of_each_write() {
    let server = Server::start_with(&[FEED]).await;
    let owner = server.owner();
    let (id, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let decider = Decider::connect(config(&server)).await.unwrap();
    let decision = decider.decide(&secret, "viewRole", "role/a").unwrap();
    assert!(decision.allowed());
    assert_eq!(decision.holder.unwrap().token.to_string(), id);
    let decision = decider.decide(&secret, "createRole", "role/a").unwrap();
    assert_eq!(decision.reason(), Reason::NotAllowedByScope);
    assert_eq!(decision.layer(), Some("scope"));
    assert!(matches!(
        decider.decide(&secret, "a", "none"),
        Err(DecideError::Resource(_))
    ));
    for _ in 0..20 {
        let (id, secret) = make_token(&owner, json!({"role": "reader"})).await;
        let made = server.position().await;
        assert!(decider.wait_for(made).await);
        assert!(
            decider
                .decide(&secret, "viewRole", "role/a")
                .unwrap()
                .allowed()
        );
        let deleted = owner
            .delete(&format!("/api/v2/tokens/{id}"))
            .await
            .expect(204);
        assert!(decider.wait_for(deleted.position()).await);
        let decision = decider.decide(&secret, "viewRole", "role/a").unwrap();
        assert_eq!(decision.reason(), Reason::Unknown);
    }
    assert!(decider.is_fresh());
    assert!(
        !decider
            .wait_for_at_most(decider.position() + 1_000, Duration::from_millis(20))
            .await
    );
}

#[tokio::test]
async fn it_fails_closed_when_the_server_is_silent() {
    let mut server = Server::start_with(&[FEED]).await;
    let mut config = config(&server);
    config.staleness_max_ms = 1_000;
    let decider = Decider::connect(config).await.unwrap();
    server.kill();
    let secret = server.owner_secret().to_owned();
    let start = std::time::Instant::now();
    while !matches!(
        decider.decide(&secret, "viewRole", "role/a"),
        Err(DecideError::Stale)
    ) {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "it goes on answering"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn another_pepper_and_a_server_that_does_not_feed_are_told_at_once() {
    let server = Server::start_with(&[FEED]).await;
    let other = Server::start().await;
    let mut wrong = config(&other);
    wrong.server = server.url();
    let error = Decider::connect(wrong).await.unwrap_err();
    assert!(matches!(error, ConnectError::Feed(_)));
    assert!(
        error.to_string().contains("key of the server's pepper"),
        "{error}"
    );
    let error = Decider::connect(config(&other)).await.unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
}
