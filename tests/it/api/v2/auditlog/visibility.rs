//! Whoever may see what an entry is about sees the entry: in lists, in counts, and alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{all, busy};
use crate::support::{Api, Server, in_seconds, make_role, make_token};

fn ids(entries: &[Value]) -> BTreeSet<String> {
    let id = |entry: &Value| entry["_id"].as_str().unwrap().to_owned();
    entries.iter().map(id).collect()
}

/// The events that a caller sees, after each way to see them was tried on each entry that there is.
async fn seen(server: &Server, who: &str, api: &Api) -> BTreeSet<String> {
    let list = all(api, "/api/v2/auditlog?limit=7").await;
    let shown = ids(&list);
    for entry in all(&server.owner(), "/api/v2/auditlog?limit=20").await {
        let id = entry["_id"].as_str().unwrap();
        let answer = api.get(&format!("/api/v2/auditlog/{id}")).await;
        if shown.contains(id) {
            answer.expect(200);
        } else {
            let resource = entry["target"]["resources"][0].as_str().unwrap();
            let denied = answer.expect_error(403, "forbidden", "not allowed");
            let name = entry["name"].as_str().unwrap();
            assert!(denied.text("/message").contains(resource), "{who}");
            let hidden = entry["kind"] != "account" && denied.body.contains(name);
            assert!(!hidden || resource.contains(name), "{who}: {}", denied.body);
        }
    }
    let path = format!("/api/v2/auditlog/counts?after=0&before={}", in_seconds(60));
    let counted = api.post(&path, &json!([])).await.expect(200);
    let total = counted.integer("/totalCount");
    assert_eq!(usize::try_from(total).unwrap(), shown.len(), "{who}");
    list.iter()
        .map(|entry| format!("{} {}", entry["_event"], entry["name"]).replace('"', ""))
        .collect()
}

fn set(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

#[tokio::test]
async fn lists_counts_and_single_entries_agree_for_everybody() {
    let (server, owner) = busy().await;
    let (reader_id, reader) = server.member("reader@acme.test", "reader").await;
    let (_, nobody) = server.member("nobody@acme.test", "no_access").await;
    let (_, admin) = server.member("admin@acme.test", "admin").await;
    make_token(&reader, json!({"name": "mine", "role": "reader"})).await;
    let everything = seen(&server, "owner", &owner).await;
    assert_eq!(everything.len(), 12, "{everything:?}");
    assert_eq!(seen(&server, "admin", &admin).await, everything);

    // Readers see all but other members' tokens.
    let hidden = set(&["token.created ci", "token.created Owner's first token"]);
    let of_reader: BTreeSet<_> = everything.difference(&hidden).cloned().collect();
    assert_eq!(seen(&server, "reader", &reader).await, of_reader);

    // Without access: what is about oneself, and service tokens, which every member sees.
    let of_nobody = set(&["member.invited nobody@acme.test", "token.created robot"]);
    assert_eq!(seen(&server, "no_access", &nobody).await, of_nobody);

    // A token sees what its scope shows, whoever made it.
    let (_, secret) = make_token(&owner, json!({"name": "narrow", "role": "reader"})).await;
    let narrow = server.anonymous().token(&secret);
    let list = seen(&server, "a reader's scope", &narrow).await;
    assert!(!list.contains("token.created mine"), "{list:?}");
    assert!(
        list.contains("token.created ci"),
        "the owner's own: {list:?}"
    );

    // A custom role that shows teams shows teams.
    make_role(&owner, "teams", &["viewTeam"], &["team/*"]).await;
    let patch = json!([{"op": "replace", "path": "/customRoles", "value": ["teams"]}]);
    let path = format!("/api/v2/members/{reader_id}");
    owner.patch(&path, &patch).await.expect(200);
    let of_teams = set(&[
        "member.invited reader@acme.test",
        "member.roles_assigned reader@acme.test",
        "team.created Web",
        "token.created mine",
        "token.created robot",
    ]);
    assert_eq!(seen(&server, "a custom role", &reader).await, of_teams);
}

#[tokio::test]
async fn what_is_gone_is_seen_by_whoever_might_see_it() {
    let (server, owner) = busy().await;
    let (reader_id, reader) = server.member("reader@acme.test", "reader").await;
    let (token, _) = make_token(&reader, json!({"name": "mine", "role": "reader"})).await;
    reader
        .delete(&format!("/api/v2/tokens/{token}"))
        .await
        .expect(204);
    owner.delete("/api/v2/teams/web").await.expect(204);
    owner.delete("/api/v2/roles/deployer").await.expect(204);
    let list = seen(&server, "reader", &reader).await;
    for one in [
        "token.created mine",
        "token.deleted mine",
        "team.deleted Web",
        "role.deleted Deployers",
    ] {
        assert!(list.contains(one), "{one} in {list:?}");
    }
    owner
        .delete(&format!("/api/v2/members/{reader_id}"))
        .await
        .expect(204);
    reader
        .get("/api/v2/auditlog")
        .await
        .expect_error(401, "unauthorized", "");
    let list = seen(&server, "owner", &owner).await;
    assert!(list.contains("member.removed reader@acme.test"), "{list:?}");
}
