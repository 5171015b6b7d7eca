//! Every answer has the fields that the vendor's published clients require, each of the right type.

use serde_json::json;

use crate::support::{Server, collection, in_seconds, make_role, member, role, token};

#[tokio::test]
async fn tokens_have_the_vendors_shape_wherever_they_come_from() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "looker", &["view*"], &["*"]).await;
    let path = "/api/v2/tokens";
    for scope in [
        json!({"role": "reader"}),
        json!({"customRoleIds": ["looker"]}),
        json!({"inlineRole": [{"effect": "allow", "actions": ["*"], "resources": ["*"]}]}),
    ] {
        for service in [false, true] {
            let mut form = scope.clone();
            form["serviceToken"] = json!(service);
            form["expiry"] = json!(in_seconds(3_600));
            let made = owner.post(path, &form).await.expect(201);
            token(&made.json, true);
            let one = format!("{path}/{}", made.text("/_id"));
            let reset = format!("{one}/reset");
            let clone = format!("{one}/clone");
            token(&owner.post_nothing(&reset).await.expect(200).json, true);
            token(&owner.post_nothing(&clone).await.expect(201).json, true);
            let patch = json!([{"op": "replace", "path": "/name", "value": "renamed"}]);
            token(&owner.patch(&one, &patch).await.expect(200).json, false);
            token(&owner.get(&one).await.expect(200).json, false);
        }
    }
    let list = owner.get(path).await.expect(200);
    let items = collection(&list.json);
    assert_eq!(items.len(), 13);
    for item in items {
        token(item, false);
    }
}

#[tokio::test]
async fn members_have_the_vendors_shape_wherever_they_come_from() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = "/api/v2/members";
    let form =
        json!([{"email": "a@example.com", "password": "long enough"}, {"email": "b@example.com"}]);
    let invited = owner.post(path, &form).await.expect(201);
    for item in collection(&invited.json) {
        member(item);
    }
    let one = format!("{path}/{}", invited.text("/items/0/_id"));
    let patch = json!([{"op": "replace", "path": "/role", "value": "writer"}]);
    member(&owner.patch(&one, &patch).await.expect(200).json);
    member(&owner.get(&one).await.expect(200).json);
    member(&owner.get(&format!("{path}/me")).await.expect(200).json);
    let list = owner.get(path).await.expect(200);
    let items = collection(&list.json);
    assert_eq!(items.len(), 3);
    for item in items {
        member(item);
    }
}

#[tokio::test]
async fn roles_have_the_vendors_shape_wherever_they_come_from() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = "/api/v2/roles";
    let policy = json!([{"effect": "deny", "notActions": ["view*"], "notResources": ["proj/*"]}]);
    let form = json!({"key": "k", "name": "n", "policy": policy});
    role(&owner.post(path, &form).await.expect(201).json);
    let one = format!("{path}/k");
    let patch = json!([{"op": "replace", "path": "/description", "value": "d"}]);
    role(&owner.patch(&one, &patch).await.expect(200).json);
    role(&owner.get(&one).await.expect(200).json);
    let list = owner.get(path).await.expect(200);
    let items = collection(&list.json);
    assert_eq!(items.len(), 1);
    role(&items[0]);
}

#[tokio::test]
async fn pages_link_only_to_pages_that_exist_in_every_collection() {
    let server = Server::start().await;
    let owner = server.owner();
    for index in 0..5 {
        let key = format!("r{index}");
        make_role(&owner, &key, &["*"], &["proj/*"]).await;
        server.invite(&format!("{key}@example.com"), "reader").await;
        let form = json!({"role": "reader", "name": key});
        owner.post("/api/v2/tokens", &form).await.expect(201);
    }
    for (path, total) in [
        ("/api/v2/tokens", 6),
        ("/api/v2/tokens?showAll=true", 6),
        ("/api/v2/members", 6),
        ("/api/v2/roles", 5),
    ] {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("{path}{join}limit=2"));
        let mut seen = Vec::new();
        while let Some(href) = next {
            let page = owner.get(&href).await.expect(200);
            assert_eq!(page.integer("/totalCount"), total, "{href}");
            let links = &page.json["_links"];
            for other in ["first", "prev"] {
                assert_eq!(links.get(other).is_some(), !seen.is_empty(), "{href}");
            }
            seen.extend(page.items("_id"));
            next = links["next"]["href"].as_str().map(str::to_owned);
            if let Some(next) = &next {
                assert_eq!(next.contains("showAll=true"), path.contains("showAll"));
            }
        }
        let unique: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), unique.len()), (total as usize, total as usize));

        // Beyond the end there is nothing, and no link to another page of nothing.
        let beyond = format!("{path}{join}limit=2&offset=100");
        let page = owner.get(&beyond).await.expect(200);
        assert!(page.items("_id").is_empty());
        for name in ["first", "prev", "last", "next"] {
            if let Some(href) = page.json["_links"][name]["href"].as_str() {
                let there = owner.get(href).await.expect(200);
                assert!(
                    !there.items("_id").is_empty(),
                    "{name} of {beyond} is the empty page {href}"
                );
            }
        }
    }
}

#[tokio::test]
async fn lists_show_a_write_as_soon_as_it_is_acknowledged() {
    let server = Server::start().await;
    let owner = server.owner();
    for index in 0..15 {
        let key = format!("r{index}");
        let role = make_role(&owner, &key, &["*"], &["proj/*"]).await;
        let listed = owner.get("/api/v2/roles").await.expect(200);
        assert!(listed.items("_id").contains(&role), "role {index}");
        let form = json!([{"email": format!("{key}@example.com")}]);
        let invited = owner.post("/api/v2/members", &form).await.expect(201);
        let listed = owner.get("/api/v2/members").await.expect(200);
        let id = invited.text("/items/0/_id");
        assert!(listed.items("_id").contains(&id), "member {index}");
        let form = json!({"role": "reader", "name": key});
        let made = owner.post("/api/v2/tokens", &form).await.expect(201);
        let id = made.text("/_id");
        let listed = owner.get("/api/v2/tokens").await.expect(200);
        assert_eq!(listed.items("_id").first(), Some(&id), "token {index}");
        let path = format!("/api/v2/tokens/{id}");
        let patch = json!([{"op": "replace", "path": "/name", "value": "renamed"}]);
        owner.patch(&path, &patch).await.expect(200);
        let listed = owner.get("/api/v2/tokens").await.expect(200);
        assert_eq!(listed.text("/items/0/name"), "renamed");
        owner.delete(&path).await.expect(204);
        let listed = owner.get("/api/v2/tokens").await.expect(200);
        assert!(!listed.items("_id").contains(&id), "deleted {index}");
    }
}
