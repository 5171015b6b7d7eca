//! `/api/v2/auditlog`.

mod bounds;
mod counts;
mod entry;
mod every_event;
mod list;
mod pages;
mod visibility;

use serde_json::{Value, json};

use crate::support::{Api, Server, make_role, make_token};

/// A server in whose account something has happened: a role, a team, a member and tokens.
async fn busy() -> (Server, Api) {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "deployer", &["view*"], &["role/*"]).await;
    let patch = json!({"comment": "narrower now", "patch": [{"op": "replace", "path": "/name", "value": "Deployers"}]});
    owner
        .patch("/api/v2/roles/deployer", &patch)
        .await
        .expect(200);
    owner
        .post("/api/v2/teams", &json!({"key": "web", "name": "Web"}))
        .await
        .expect(201);
    make_token(&owner, json!({"name": "ci", "role": "reader"})).await;
    let service = json!({"name": "robot", "role": "reader", "serviceToken": true});
    make_token(&owner, service).await;
    (server, owner)
}

/// The events of a page, in its order.
fn events(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["_event"].as_str().unwrap())
        .collect()
}

/// All entries, page by page, by following the links.
async fn all(api: &Api, path: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = api.get(&path).await.expect(200);
        found.extend(page.json["items"].as_array().unwrap().iter().cloned());
        let link = page
            .json
            .pointer("/_links/next/href")
            .and_then(Value::as_str);
        next = link.map(str::to_owned);
        assert!(found.len() < 1_000, "the links go on for ever");
    }
    found
}
