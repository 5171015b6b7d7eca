//! `GET /api/v2/versions`.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn the_versions_are_integers_in_rising_order() {
    let server = Server::start().await;
    let answer = server.owner().get("/api/v2/versions").await.expect(200);
    assert_eq!(
        answer.json["validVersions"],
        json!([20160426, 20191212, 20210729, 20220603, 20240415])
    );
    assert_eq!(answer.integer("/latestVersion"), 20240415);
    assert_eq!(answer.integer("/currentVersion"), 20240415);
    server
        .anonymous()
        .get("/api/v2/versions")
        .await
        .expect_error(401, "unauthorized", "Invalid access token");
}
