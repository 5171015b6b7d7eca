//! AuthZEN Authorization API 1.0. `basic`, `batch`, `search` and `discovery` are the cases of the certification scenario
//! (openid/authzen, `certification/authorization-api-1_0-scenario.md`), by its anchors; `beyond` is what it leaves open.

mod basic;
mod batch;
mod beyond;
mod discovery;
mod search;

use serde_json::{Value, json};

use crate::support::{Answer, Api, Server, make_token};

const PUBLIC_URL: &str = "https://pdp.acme.example";

/// A server with the scenario's fixture (c-1), and a caller who may ask.
struct Fixture {
    server: Server,
    asker: Api,
}

fn allow(actions: &[&str], resources: &[&str]) -> Value {
    json!({"effect": "allow", "actions": actions, "resources": resources})
}

impl Fixture {
    async fn start() -> Self {
        let env = [
            ("KEYLEDGER_AUTHZEN_USER_EMAIL", "{id}@acme.example"),
            ("KEYLEDGER_PUBLIC_URL", PUBLIC_URL),
        ];
        let server = Server::start_with(&env).await;
        let owner = server.owner();
        let policies = [
            (
                "alice",
                json!([
                    allow(&["read", "write"], &["record/record-1"]),
                    {"effect": "deny", "actions": ["write"], "resources": ["record/*;{status:archived}"]},
                    allow(&["delete"], &["record/*;{action.soft:true}"]),
                ]),
            ),
            (
                "bob",
                json!([
                    allow(
                        &["read"],
                        &["record/record-1", "record/record-2;{status:archived}"]
                    ),
                    allow(
                        &["write"],
                        &["record/*;{status:archived,subject.role:admin}"]
                    ),
                ]),
            ),
        ];
        for (name, policy) in policies {
            let role = json!({"key": name, "name": name, "policy": policy});
            owner.post("/api/v2/roles", &role).await.expect(201);
            let email = format!("{name}@acme.example");
            let member = json!([{"email": email, "customRoles": [name]}]);
            owner.post("/api/v2/members", &member).await.expect(201);
        }
        let policy = json!([allow(&["askDecisions"], &["acct"])]);
        let form = json!({"inlineRole": policy, "serviceToken": true});
        let (_, secret) = make_token(&owner, form).await;
        let asker = server.anonymous().token(&format!("Bearer {secret}"));
        Self { server, asker }
    }

    async fn post(&self, endpoint: &str, body: &Value) -> Answer {
        self.asker
            .post(&format!("/access/v1/{endpoint}"), body)
            .await
    }

    async fn evaluate(&self, body: &Value) -> bool {
        let answer = self.post("evaluation", body).await.expect(200);
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
        answer.json["decision"].as_bool().expect("a decision")
    }
}

fn user(id: &str) -> Value {
    json!({"type": "user", "id": id})
}

fn record(id: &str) -> Value {
    json!({"type": "record", "id": id})
}

/// A question of the three entities.
fn question(subject: Value, action: Value, resource: Value) -> Value {
    json!({"subject": subject, "action": action, "resource": resource})
}
