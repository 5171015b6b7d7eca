//! The decision log: what is in `decisions.db` after decisions through every door.

use serde_json::json;

use crate::support::{Server, make_token, query};

const ALL: [(&str, &str); 2] = [
    ("KEYLEDGER_DECISION_LOG_ALLOWED", "1"),
    ("KEYLEDGER_DECISION_LOG_DENIED", "1"),
];

/// The rows of a log whose server has ended.
async fn rows(server: &mut Server, sql: &str) -> Vec<Vec<Option<String>>> {
    server.stop().await;
    query(&server.data().join("decisions.db"), sql).await
}

fn texts(row: &[&str]) -> Vec<Option<String>> {
    row.iter()
        .map(|text| {
            Some(*text)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        })
        .collect()
}

#[tokio::test]
async fn every_decision_is_written_down_with_the_id_that_was_answered() {
    let mut server = Server::start_with(&ALL).await;
    let owner = server.owner();
    let identity = owner.get("/api/v2/caller-identity").await.expect(200);
    let member = identity.text("/memberId");
    let (id, secret) = make_token(&owner, json!({"role": "reader"})).await;
    let ask = |name: &str, action: &str| json!({name: &id, "action": action, "resource": "role/a"});
    let mut answered = Vec::new();
    for action in ["viewRole", "createRole"] {
        let answer = owner
            .post("/api/v2/decisions", &ask("tokenId", action))
            .await;
        answered.push(answer.expect(200).text("/decisionId"));
    }
    let batch =
        json!({"token": secret, "action": "viewRole", "decisions": [{"resource": "role/b"}]});
    let answer = owner.post("/api/v2/decisions", &batch).await.expect(200);
    answered.push(answer.text("/decisions/0/decisionId"));
    let evaluation = json!({"subject": {"type": "member", "id": member}, "action": {"name": "viewRole"},
        "resource": {"type": "role", "id": "c"}});
    let answer = owner
        .post("/access/v1/evaluation", &evaluation)
        .await
        .expect(200);
    answered.push(answer.text("/context/decision_id"));
    let form = [("token", secret.as_str())];
    let introspect = owner
        .request(reqwest::Method::POST, "/oauth/introspect")
        .form(&form);
    assert!(introspect.send().await.unwrap().status().is_success());
    owner
        .with("X-Original-Method", "GET")
        .with("X-Original-URI", "/")
        .get("/forward-auth/nginx")
        .await
        .expect(403);
    let sql = "SELECT door, token_id, member_id, action, resource, CAST(allowed AS TEXT), reason, layer \
               FROM decision ORDER BY number";
    let found = rows(&mut server, sql).await;
    let owners = identity.text("/tokenId");
    let expected = [
        texts(&[
            "native", &id, &member, "viewRole", "role/a", "1", "allowed", "",
        ]),
        texts(&[
            "native",
            &id,
            &member,
            "createRole",
            "role/a",
            "0",
            "not_allowed_by_scope",
            "scope",
        ]),
        texts(&[
            "native", &id, &member, "viewRole", "role/b", "1", "allowed", "",
        ]),
        texts(&[
            "authzen", "", &member, "viewRole", "role/c", "1", "allowed", "",
        ]),
        texts(&["oauth", &id, &member, "", "", "1", "allowed", ""]),
        // No route was for it, so all that was decided is that the token works.
        texts(&["nginx", &owners, &member, "", "", "1", "allowed", ""]),
    ];
    assert_eq!(found, expected);
    let file = server.data().join("decisions.db");
    let ids = query(
        &file,
        "SELECT decision_id FROM decision ORDER BY number LIMIT 4",
    )
    .await;
    let ids: Vec<_> = ids.into_iter().flatten().flatten().collect();
    assert_eq!(ids, answered);
    let secrets = query(&file, "SELECT group_concat(quote(resource)) FROM decision").await;
    assert!(!format!("{secrets:?}").contains(&secret));
}

#[tokio::test]
async fn only_what_is_asked_for_is_written_and_only_so_many_are_kept() {
    let env = [
        ("KEYLEDGER_DECISION_LOG_DENIED", "1"),
        ("KEYLEDGER_DECISION_LOG_ROWS_MAX", "5"),
    ];
    let mut server = Server::start_with(&env).await;
    let owner = server.owner();
    for number in 0..12 {
        for (action, token) in [
            ("viewRole", server.owner_secret()),
            ("viewRole", "nonsense"),
        ] {
            let form =
                json!({"token": token, "action": action, "resource": format!("role/r{number}")});
            owner.post("/api/v2/decisions", &form).await.expect(200);
        }
    }
    let found = rows(
        &mut server,
        "SELECT reason, resource FROM decision ORDER BY number",
    )
    .await;
    let expected: Vec<_> = (7..12)
        .map(|number| texts(&["unknown", &format!("role/r{number}")]))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn nothing_is_written_unless_it_is_asked_for() {
    let mut server = Server::start().await;
    let form = json!({"action": "viewRole", "resource": "role/a"});
    server
        .owner()
        .post("/api/v2/decisions", &form)
        .await
        .expect(200);
    server.stop().await;
    assert!(!server.data().join("decisions.db").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_at_once_is_counted_and_nobody_waits() {
    let mut server = Server::start_with(&ALL).await;
    let owner = server.owner();
    let question = json!({"resource": "role/a"});
    let batch = json!({"action": "viewRole", "decisions": vec![question; 1_000]});
    let mut asked = 0_i64;
    let mut calls = Vec::new();
    for _ in 0..200 {
        let (owner, batch) = (owner.clone(), batch.clone());
        calls.push(tokio::spawn(async move {
            owner.post("/api/v2/decisions", &batch).await.status
        }));
        asked += 1_000;
    }
    for call in calls {
        assert_eq!(call.await.unwrap(), 200);
    }
    let sql = "SELECT CAST((SELECT count(*) FROM decision) AS TEXT), \
               CAST((SELECT coalesce(sum(dropped), 0) FROM decision_drop) AS TEXT)";
    let found = rows(&mut server, sql).await;
    let counts: Vec<i64> = found[0]
        .iter()
        .map(|text| text.as_ref().unwrap().parse().unwrap())
        .collect();
    // Written or counted, each once.
    assert_eq!(counts[0] + counts[1], asked, "{counts:?}");
    assert!(counts[0] >= 65_536, "{counts:?}");
}
