//! `POST /api/v2/teams/{key}/members`.

use serde_json::json;

use super::{ALL, make, start};

const MEMBERS: &str = "/api/v2/teams/web/members";

#[tokio::test]
async fn a_file_puts_all_of_its_members_in_or_none() {
    let (server, owner) = start().await;
    for name in ["ada", "bob", "cat"] {
        server.invite(&format!("{name}@acme.test"), "reader").await;
    }
    make(&owner, "web", json!({})).await;
    let wrong = "email,name\nada@acme.test,Ada\nnobody@acme.test\n\"ADA@acme.test\"\n";
    let refused = owner.upload(MEMBERS, wrong).await.expect(207);
    assert_eq!(refused.items("status"), ["success", "error", "error"]);
    assert_eq!(
        refused.text("/items/1/message"),
        "there is no member with this e-mail"
    );
    assert_eq!(
        refused.text("/items/2/message"),
        "the member is there twice"
    );
    let count = async || {
        let team = owner.get(&format!("/api/v2/teams/web?{ALL}")).await;
        team.integer("/members/totalCount")
    };
    assert_eq!(count().await, 0);
    let right = "\u{feff}ada@acme.test\r\n\r\nbob@acme.test, Bob\r\n";
    let added = owner.upload(MEMBERS, right).await.expect(201);
    assert_eq!(added.items("value"), ["ada@acme.test", "bob@acme.test"]);
    added.position();
    assert_eq!(count().await, 2);
    // Once more, with one who is new.
    owner
        .upload(MEMBERS, "bob@acme.test\ncat@acme.test")
        .await
        .expect(201);
    assert_eq!(count().await, 3);
}

#[tokio::test]
async fn a_file_that_makes_no_sense_is_refused() {
    let (_server, owner) = start().await;
    make(&owner, "web", json!({})).await;
    for file in ["", "email\n", "\n\n,,\n"] {
        owner.upload(MEMBERS, file).await.expect_error(
            400,
            "invalid_request",
            "file: has no e-mail",
        );
    }
    let many = "a@acme.test\n".repeat(10_001);
    owner.upload(MEMBERS, &many).await.expect_error(
        400,
        "invalid_request",
        "more than 10000 lines",
    );
    let none = owner
        .upload("/api/v2/teams/none/members", "a@acme.test")
        .await;
    none.expect_error(404, "not_found", "unknown team");
    let json = owner.post(MEMBERS, &json!([])).await;
    assert!((400..500).contains(&json.status), "{}", json.body);
}
