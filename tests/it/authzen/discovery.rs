//! Discovery certification (c-6).

use serde_json::json;

use super::{Fixture, PUBLIC_URL};
use crate::support::Server;

const PATH: &str = "/.well-known/authzen-configuration";

#[tokio::test]
async fn the_document_is_of_the_configured_url_whatever_the_host() {
    let fixture = Fixture::start().await;
    let anonymous = fixture.server.anonymous();
    let forged = anonymous
        .with("X-Forwarded-Host", "evil.example")
        .with("Host", "evil.example");
    for api in [&anonymous, &forged] {
        let answer = api.get(PATH).await.expect(200);
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
        let at = |path: &str| format!("{PUBLIC_URL}/access/v1/{path}");
        let expected = json!({
            "policy_decision_point": PUBLIC_URL,
            "access_evaluation_endpoint": at("evaluation"),
            "access_evaluations_endpoint": at("evaluations"),
            "search_subject_endpoint": at("search/subject"),
            "search_resource_endpoint": at("search/resource"),
            "search_action_endpoint": at("search/action"),
        });
        assert_eq!(answer.json, expected);
    }
    // Another server's, and another method.
    anonymous.get(&format!("{PATH}/tenant1")).await.expect(404);
    anonymous.post(PATH, &json!({})).await.expect(405);
}

#[tokio::test]
async fn without_a_configured_url_there_is_none() {
    let server = Server::start().await;
    server.anonymous().get(PATH).await.expect(404);
}
