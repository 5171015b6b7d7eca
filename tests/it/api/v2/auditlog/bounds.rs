//! Where a log is longer than one request looks.

use serde_json::{Value, json};

use super::{busy, events};
use crate::support::execute;

/// More entries than one request looks at.
const MANY: i64 = 120_000;

#[tokio::test]
async fn a_list_of_a_long_log_goes_on_by_its_link_and_a_count_is_refused() {
    let (mut server, owner) = busy().await;
    let page = owner.get("/api/v2/auditlog?limit=1").await.expect(200);
    let account = page.text("/items/0/_accountId");
    let now_ms = page.integer("/items/0/date");
    server.kill();
    // Entries as so many events would have made them.
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) \
         INSERT INTO audit_entry (position, account_id, at_ms, kind, event_type, target_id, name, \
         resource, actions, actor_kind, request_id) \
         SELECT 1000 + i, '{account}', {now_ms} + i, 'role', 'role.updated', 'x', 'x', 'role/x', \
         '[\"updateName\"]', 'operator', 'r' FROM n"
    );
    execute(&server.data().join("projections.db"), &sql).await;
    server.start_again().await;
    let owner = server.owner();
    // Nothing is found as far as one request looks, and the rest by the link.
    let page = owner.get("/api/v2/auditlog?spec=acct").await.expect(200);
    assert_eq!(events(&page.json), [""; 0]);
    let rest = owner.get(&page.text("/_links/next/href")).await.expect(200);
    assert_eq!(events(&rest.json), ["account.created"]);
    assert_eq!(rest.json.pointer("/_links/next"), None::<&Value>);
    // What is at hand costs no such look.
    let page = owner.get("/api/v2/auditlog?limit=20").await.expect(200);
    assert_eq!(events(&page.json), ["role.updated"; 20]);
    let counts = format!("/api/v2/auditlog/counts?before={}", now_ms + MANY + 1);
    owner
        .post(&format!("{counts}&after=0"), &json!([]))
        .await
        .expect_error(400, "invalid_request", "more than 100000 entries");
    let shorter = format!("{counts}&after={}", now_ms + MANY - 5_000);
    let counted = owner.post(&shorter, &json!([])).await.expect(200);
    assert_eq!(counted.integer("/totalCount"), 5_000);
    // The time after them all holds nothing, which is known without looking at them.
    let late = format!("/api/v2/auditlog?after={}", now_ms + MANY);
    let page = owner.get(&late).await.expect(200);
    assert_eq!(page.json.pointer("/_links/next"), None::<&Value>);
}
