//! How long a token that was deleted is still taken for alive.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::load::{self, Connection, Latencies, Question};
use crate::servers::Process;
use crate::tokens::{self, RESOURCE};

/// How long a token still works after its end was asked for, and after it was acknowledged, while others load the
/// server that is asked.
pub async fn revocations(
    server: &Process,
    owner: &str,
    asked: &Process,
    busy: &Question,
) -> (Latencies, Latencies) {
    const TIMES: usize = 200;
    let (address, busy) = (asked.address, busy.clone());
    let loaded =
        tokio::spawn(async move { load::closed(address, &busy, Duration::from_secs(60)).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (mut after_request, mut after_answer) = (Vec::new(), Vec::new());
    let mut api = Connection::open(server.address)
        .await
        .expect("a connection");
    let mut probe = Connection::open(asked.address).await.expect("a connection");
    for _ in 0..TIMES {
        let (id, secret) = tokens::four_statements(server.address, owner).await;
        let body = json!({"action": "updateOn", "resource": RESOURCE}).to_string();
        let question = Question::new(
            "POST",
            "/api/v2/decisions",
            &[("Authorization", &secret)],
            &body,
        );
        while load::status(probe.ask(&question).await.expect("an answer")) != "200" {}
        let path = format!("/api/v2/tokens/{id}");
        let delete = async {
            let start = Instant::now();
            tokens::call(&mut api, owner, "DELETE", &path, &Value::Null).await;
            (start, Instant::now())
        };
        let probing = async {
            let mut last = Instant::now();
            loop {
                let answer = probe.ask(&question).await.expect("an answer");
                match load::status(answer) {
                    "200" => last = Instant::now(),
                    _ => return last,
                }
                tokio::task::yield_now().await;
            }
        };
        let ((start, acknowledged), last) = tokio::join!(delete, probing);
        after_request.push(last.saturating_duration_since(start));
        after_answer.push(last.saturating_duration_since(acknowledged));
    }
    loaded.abort();
    (
        load::percentiles(0.0, 0.0, after_request),
        load::percentiles(0.0, 0.0, after_answer),
    )
}
