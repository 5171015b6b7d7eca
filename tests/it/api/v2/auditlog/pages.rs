//! The links of a page, and what they carry on.

use serde_json::{Value, json};

use super::{all, busy, events};
use crate::support::{Answer, in_seconds, make_token};

/// The path of the next page, if there is one.
fn next(page: &Answer) -> Option<String> {
    let link = page.json.pointer("/_links/next/href");
    link.and_then(Value::as_str).map(str::to_owned)
}

#[tokio::test]
async fn a_next_page_is_named_only_when_there_is_one() {
    let (server, owner) = busy().await;
    let total = server.position().await;
    let exactly = format!("/api/v2/auditlog?limit={total}");
    let page = owner.get(&exactly).await.expect(200);
    assert_eq!(events(&page.json).len(), usize::try_from(total).unwrap());
    assert_eq!(next(&page), None, "everything is on the page");
    let almost = format!("/api/v2/auditlog?limit={}", total - 1);
    let page = owner.get(&almost).await.expect(200);
    let rest = owner.get(&next(&page).unwrap()).await.expect(200);
    assert_eq!(events(&rest.json), ["account.created"]);
    assert_eq!(next(&rest), None);
    // The same where others follow that are not asked for.
    let page = owner.get("/api/v2/auditlog?limit=2&spec=role/*").await;
    assert_eq!(events(&page.expect(200).json).len(), 2);
    let page = owner.get("/api/v2/auditlog?limit=2&spec=role/*").await;
    assert_eq!(next(&page), None);
}

#[tokio::test]
async fn the_next_page_asks_the_same_question() {
    let (server, owner) = busy().await;
    let (id, admin) = server.member("admin@acme.test", "admin").await;
    let name = "50% a&b=c #1 +x";
    for _ in 0..3 {
        make_token(&admin, json!({"name": name, "role": "reader"})).await;
        make_token(&admin, json!({"name": "another", "role": "reader"})).await;
        make_token(&owner, json!({"name": name, "role": "reader"})).await;
    }
    let query = format!(
        "limit=1&q=50%25+A%26B%3Dc+%231&spec=member/*:token/*&member={id}&member={}&after=1&before={}",
        "f".repeat(24),
        in_seconds(60)
    );
    let found = all(&owner, &format!("/api/v2/auditlog?{query}")).await;
    assert_eq!(found.len(), 3, "{found:#?}");
    for entry in &found {
        assert_eq!(entry["name"], name);
        assert_eq!(entry["member"]["_id"], id.as_str());
    }
    // A link to the page itself answers what the page did.
    let page = owner.get(&format!("/api/v2/auditlog?{query}")).await;
    let itself = owner.get(&page.text("/_links/self/href")).await.expect(200);
    assert_eq!(itself.json, page.json);
}

#[tokio::test]
async fn what_happens_meanwhile_moves_no_page() {
    let (_server, owner) = busy().await;
    let first = owner.get("/api/v2/auditlog?limit=3").await.expect(200);
    make_token(&owner, json!({"name": "late", "role": "reader"})).await;
    let rest = all(&owner, &next(&first).unwrap()).await;
    let mut positions: Vec<i64> = first.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .chain(&rest)
        .map(|entry| entry["_position"].as_i64().unwrap())
        .collect();
    positions.reverse();
    assert_eq!(positions, (1..=8).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_search_goes_on_by_its_link_with_the_same_policy() {
    let (_server, owner) = busy().await;
    let policy = json!([{"effect": "allow", "notResources": ["member/*"], "actions": ["create*"]}]);
    let (mut found, mut path) = (Vec::new(), Some("/api/v2/auditlog?limit=2".to_owned()));
    while let Some(at) = path {
        let page = owner.post(&at, &policy).await.expect(200);
        found.extend(events(&page.json).into_iter().map(str::to_owned));
        path = next(&page);
        assert!(found.len() < 100, "the links go on for ever");
    }
    assert_eq!(
        found,
        [
            "token.created",
            "token.created",
            "team.created",
            "role.created",
            "token.created",
            "account.created"
        ]
    );
    // The policy may be left out, as the vendor's document says.
    let page = owner.post_nothing("/api/v2/auditlog?limit=20").await;
    assert_eq!(events(&page.expect(200).json).len(), 8);
}

#[tokio::test]
async fn a_name_that_looks_like_markup_is_shown_as_it_is() {
    let (_server, owner) = busy().await;
    let name = "[x](javascript:alert(1)) <img src=x> `a` *b*\n# c";
    make_token(&owner, json!({"name": name, "role": "reader"})).await;
    let page = owner.get("/api/v2/auditlog?limit=1").await.expect(200);
    assert_eq!(page.text("/items/0/name"), name);
    assert_eq!(page.text("/items/0/target/name"), name);
    let title = page.text("/items/0/title");
    assert!(!title.contains("](javascript:"), "{title}");
    assert!(!title.contains('<') && !title.contains('\n'), "{title}");
    assert!(
        title.contains("\\[x\\]\\(javascript:alert\\(1\\)\\)"),
        "{title}"
    );
}

#[tokio::test]
async fn the_audit_log_is_the_same_after_its_tables_were_computed_again() {
    let (mut server, owner) = busy().await;
    let before = all(&owner, "/api/v2/auditlog?limit=20").await;
    server.kill();
    let mut removed = 0;
    for entry in std::fs::read_dir(server.data()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("projections.db") {
            std::fs::remove_file(path).unwrap();
            removed += 1;
        }
    }
    assert!(removed >= 1);
    server.start_again().await;
    assert_eq!(
        all(&server.owner(), "/api/v2/auditlog?limit=20").await,
        before
    );
}
