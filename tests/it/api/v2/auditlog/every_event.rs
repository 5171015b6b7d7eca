//! Each kind of event that can happen, as an entry in full.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::all;
use crate::support::{Api, Server, in_seconds, make_role, make_token, password, run};

/// What no answer may hold, by the way.
const NEVER: [&str; 5] = ["digest", "argon2", "password_hash", "pepper", "bounds"];

/// Lets everything happen at least once; gives what must stay secret.
async fn everything(server: &Server) -> Vec<String> {
    let owner = server.owner();
    let role = make_role(&owner, "deployer", &["view*"], &["proj/*"]).await;
    let comment = "made wider";
    let wider = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*"]}]);
    let patch = json!({"comment": comment, "patch": [
        {"op": "replace", "path": "/policy", "value": wider},
        {"op": "replace", "path": "/description", "value": "deploys"},
    ]});
    let path = "/api/v2/roles/deployer";
    owner.patch(path, &patch).await.expect(200);

    let ada = server.invite("ada@acme.test", "writer").await;
    let form = json!([{"email": "bob@acme.test", "role": "reader", "firstName": "Bob"}]);
    let invited = owner.post("/api/v2/members", &form).await.expect(201);
    let bob = invited.text("/items/0/_id");
    let path = format!("/api/v2/members/{bob}/invitation");
    let code = owner.post_nothing(&path).await.expect(201).text("/code");
    let form = json!({"code": code, "password": password("bob@acme.test"), "lastName": "B."});
    server
        .anonymous()
        .post("/invitation", &form)
        .await
        .expect(204);
    for (path, value) in [
        ("/role", json!("reader")),
        ("/role", json!("admin")),
        ("/customRoles", json!(["deployer"])),
        ("/customRoles", json!([])),
        ("/roleAttributes", json!({"project": ["web"]})),
    ] {
        let patch = json!([{"op": "replace", "path": path, "value": value}]);
        let member = format!("/api/v2/members/{ada}");
        owner.patch(&member, &patch).await.expect(200);
    }

    let team =
        json!({"key": "web", "name": "Web", "memberIDs": [ada], "customRoleKeys": ["deployer"]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    let grant = json!({"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [ada, bob]});
    for instructions in [
        json!([{"kind": "addMembers", "values": [bob]}]),
        json!([{"kind": "removeCustomRoles", "values": ["deployer"]}]),
        json!([grant]),
        json!([{"kind": "updateName", "value": "The web"}]),
        json!([{"kind": "addRoleAttribute", "key": "project", "values": ["web"]}]),
    ] {
        let path = "/api/v2/teams/web";
        owner.instruct(path, &instructions).await.expect(200);
    }

    let mut secrets = vec![
        server.owner_secret().to_owned(),
        code.split_once('.').unwrap().1.to_owned(),
        password("ada@acme.test"),
        password("bob@acme.test"),
    ];
    let admin = server.sign_in("ada@acme.test").await;
    let inline = json!({"name": "in-line", "inlineRole": wider});
    let (personal, secret) = make_token(&admin, inline).await;
    secrets.push(secret);
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "renamed"},
        {"op": "remove", "path": "/inlineRole"},
        {"op": "add", "path": "/customRoleIds", "value": [role]},
        {"op": "add", "path": "/expiry", "value": in_seconds(3_600)},
    ]);
    let path = format!("/api/v2/tokens/{personal}");
    admin.patch(&path, &patch).await.expect(200);
    let service =
        json!({"customRoleIds": ["deployer"], "serviceToken": true, "roleBinding": "live"});
    let (service, secret) = make_token(&owner, service).await;
    secrets.push(secret);
    let reset = format!("/api/v2/tokens/{service}/reset?expiry={}", in_seconds(600));
    secrets.push(owner.post_nothing(&reset).await.expect(200).text("/token"));
    let path = format!("/api/v2/tokens/{service}/clone");
    secrets.push(owner.post_nothing(&path).await.expect(201).text("/token"));

    owner
        .delete(&format!("/api/v2/tokens/{service}"))
        .await
        .expect(204);
    owner
        .delete(&format!("/api/v2/members/{bob}"))
        .await
        .expect(204);
    owner.delete("/api/v2/teams/web").await.expect(204);
    owner.delete("/api/v2/roles/deployer").await.expect(204);
    let before = server.position().await;
    let (success, _, error) = run(&server.data(), &["account", "plan", "pro"]);
    assert!(success, "{error}");
    while server.position().await == before {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    secrets
}

/// What a JSON Patch of `add`, `remove` and `replace` makes of a document.
fn patched(document: &Value, delta: &Value) -> Value {
    let mut document = document.clone();
    for operation in delta.as_array().unwrap() {
        let path = operation["path"].as_str().unwrap();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        match document.pointer_mut(parent).unwrap() {
            Value::Object(fields) => match operation["op"].as_str().unwrap() {
                "remove" => drop(fields.remove(&key).unwrap()),
                _ => drop(fields.insert(key, operation["value"].clone())),
            },
            Value::Array(list) => match operation["op"].as_str().unwrap() {
                "remove" => drop(list.remove(key.parse().unwrap())),
                "add" => list.insert(key.parse().unwrap(), operation["value"].clone()),
                _ => list[key.parse::<usize>().unwrap()] = operation["value"].clone(),
            },
            other => panic!("{path} in {other}"),
        }
    }
    document
}

async fn in_full(owner: &Api, entry: &Value) -> Value {
    let href = entry["_links"]["self"]["href"].as_str().unwrap();
    let full = owner.get(href).await.expect(200).json;
    for (field, value) in entry.as_object().unwrap() {
        assert_eq!(&full[field], value, "{field} of {entry}");
    }
    full
}

#[tokio::test]
async fn every_event_is_an_entry_that_says_what_changed_and_no_secret() {
    let server = Server::start().await;
    let secrets = everything(&server).await;
    let owner = server.owner();
    let entries = all(&owner, "/api/v2/auditlog?limit=20").await;
    let mut kinds = BTreeSet::new();
    for entry in &entries {
        let full = in_full(&owner, entry).await;
        let event = full["_event"].as_str().unwrap();
        kinds.insert(event.to_owned());
        let makes =
            ["account.created", "member.invited"].contains(&event) || event.ends_with(".created");
        let ends = event.ends_with(".deleted") || event == "member.removed";
        let (before, after) = (full.get("previousVersion"), full.get("currentVersion"));
        assert_eq!(before.is_none(), makes, "{full}");
        assert_eq!(after.is_none(), ends, "{full}");
        match (before, after) {
            (Some(before), Some(after)) => {
                assert_ne!(before, after, "{event} changed nothing that shows");
                assert_eq!(&patched(before, &full["delta"]), after, "{full}");
            }
            _ => assert!(full.get("delta").is_none(), "{full}"),
        }
        let text = full.to_string();
        for secret in &secrets {
            let bare = secret.strip_prefix("api-").unwrap_or(secret);
            assert!(!text.contains(bare), "{secret} is in {text}");
        }
        for word in NEVER {
            assert!(!text.contains(word), "{word} is in {text}");
        }
    }
    assert_eq!(kinds.len(), 23, "{kinds:?}");
    let position = server.position().await;
    assert_eq!(i64::try_from(entries.len()).unwrap(), position);
}

#[tokio::test]
async fn who_left_the_account_is_in_no_later_version_of_a_team() {
    let server = Server::start().await;
    let owner = server.owner();
    let ada = server.invite("ada@acme.test", "reader").await;
    let bob = server.invite("bob@acme.test", "reader").await;
    let grant = json!({"actionSet": "maintainTeam", "memberIDs": [ada, bob]});
    let team =
        json!({"key": "web", "name": "Web", "memberIDs": [ada, bob], "permissionGrants": [grant]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    owner
        .delete(&format!("/api/v2/members/{bob}"))
        .await
        .expect(204);
    let rename = json!([{"kind": "updateName", "value": "The web"}]);
    owner
        .instruct("/api/v2/teams/web", &rename)
        .await
        .expect(200);
    let page = owner
        .get("/api/v2/auditlog?spec=team/web")
        .await
        .expect(200);
    let renamed = in_full(&owner, &page.json["items"][0]).await;
    for version in ["previousVersion", "currentVersion"] {
        assert_eq!(renamed[version]["memberIDs"], json!([ada]), "{version}");
        let granted = &renamed[version]["permissionGrants"][0]["memberIDs"];
        assert_eq!(granted, &json!([ada]), "{version}");
    }
    assert_eq!(
        renamed["delta"],
        json!([{"op": "replace", "path": "/name", "value": "The web"}])
    );
    // When the team was made, both were there.
    let made = in_full(&owner, &page.json["items"][1]).await;
    let members = made["currentVersion"]["memberIDs"].as_array().unwrap();
    assert_eq!(members.len(), 2, "{made}");
}
