//! `GET /api/v2/public-ip-list`.

use serde_json::json;

use crate::support::{Server, run};

const PATH: &str = "/api/v2/public-ip-list";

#[tokio::test]
async fn the_lists_are_the_operators_and_empty_without_a_word() {
    let silent = Server::start().await;
    let answer = silent.anonymous().get(PATH).await.expect(200);
    assert_eq!(
        answer.json,
        json!({"addresses": [], "outboundAddresses": []})
    );
    let server = Server::start_with(&[
        ("KEYLEDGER_PUBLIC_ADDRESSES", "192.0.2.0/24,2001:db8::/32"),
        ("KEYLEDGER_OUTBOUND_ADDRESSES", "198.51.100.7"),
    ])
    .await;
    let answer = server.anonymous().get(PATH).await.expect(200);
    let set = json!({
        "addresses": ["192.0.2.0/24", "2001:db8::/32"],
        "outboundAddresses": ["198.51.100.7"],
    });
    assert_eq!(answer.json, set);
}

#[test]
fn what_is_no_address_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["example.com", "192.0.2.0/33"] {
        let (success, _, error) = run(folder.path(), &["serve", "--public-addresses", wrong]);
        assert!(!success);
        assert!(error.contains("--public-addresses"), "{error}");
    }
    assert!(!folder.path().join("log.db").exists());
}
