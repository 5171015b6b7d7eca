//! How much the first page is over the wire.

use super::{HOME, browser};
use crate::support::{Server, make_token};

/// What a first visit may take, in bytes.
const BYTES_MAX: usize = 100_000;

#[tokio::test]
async fn a_first_visit_is_small() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    for number in 0..30 {
        let name = format!("Deployment of the service number {number} to production");
        let form = serde_json::json!({"name": name, "role": "reader", "serviceToken": true});
        make_token(&browser, form).await;
    }
    let files = [
        "/assets/console.css",
        "/assets/console.js",
        "/assets/htmx.js",
        "/assets/icon.svg",
    ];
    let list = browser.get(HOME).await.expect(200);
    for file in &files[..3] {
        assert!(list.body.contains(file), "{file}");
    }
    assert_eq!(
        list.body.matches("scope=\"row\"").count(),
        25,
        "a whole page"
    );
    for (coding, most) in [("gzip", BYTES_MAX / 2), ("identity", BYTES_MAX + 30_000)] {
        let asked = browser.with("Accept-Encoding", coding);
        let mut bytes = 0;
        for path in files.iter().copied().chain([HOME]) {
            let answer = asked.get(path).await.expect(200);
            let length = answer
                .header("content-length")
                .map(|text| text.parse::<usize>());
            bytes += length.expect("a length").unwrap();
        }
        assert!(bytes < most, "{bytes} bytes as {coding}");
    }
}
