//! `GET /api/v2/tokens`.

use serde_json::{Value, json};

use crate::support::{Server, make_token};

const PATH: &str = "/api/v2/tokens";

#[tokio::test]
async fn a_list_shows_what_the_caller_may_see_the_newest_first_right_after_the_write() {
    let server = Server::start().await;
    let owner = server.owner();
    let (_, ariel) = server.member("ariel@example.com", "writer").await;
    let (mine, _) = make_token(&ariel, json!({"role": "reader", "name": "mine"})).await;
    let (service, _) = make_token(&owner, json!({"role": "reader", "serviceToken": true})).await;
    let seen = ariel.get(PATH).await.expect(200);
    assert_eq!(seen.items("_id"), [service.clone(), mine.clone()]);
    assert_eq!(seen.integer("/totalCount"), 2);
    assert_eq!(seen.json["items"][1]["token"].as_str().unwrap().len(), 4);
    // The owner's list holds the owner's own tokens; those of others only when all are asked for.
    assert!(!owner.get(PATH).await.items("_id").contains(&mine));
    let all = owner.get(&format!("{PATH}?showAll=true")).await.expect(200);
    assert!(all.items("_id").contains(&mine));
    let not_all = ariel.get(&format!("{PATH}?showAll=true")).await.expect(200);
    assert_eq!(not_all.integer("/totalCount"), 2);
    owner.delete(&format!("{PATH}/{service}")).await.expect(204);
    assert_eq!(ariel.get(PATH).await.items("_id"), [mine]);
}

#[tokio::test]
async fn pages_have_links_only_to_pages_that_exist() {
    let server = Server::start().await;
    let owner = server.owner();
    for index in 0..26 {
        make_token(
            &owner,
            json!({"role": "reader", "name": format!("t{index}")}),
        )
        .await;
    }
    let first = owner.get(PATH).await.expect(200);
    assert_eq!(first.items("_id").len(), 25);
    assert_eq!(first.integer("/totalCount"), 27);
    let links = &first.json["_links"];
    assert_eq!(
        (&links["first"], &links["prev"]),
        (&Value::Null, &Value::Null)
    );
    let next = links["next"]["href"].as_str().unwrap();
    let second = owner.get(next).await.expect(200);
    assert_eq!(second.items("_id").len(), 2);
    let links = &second.json["_links"];
    assert_eq!(
        (&links["next"], &links["last"]),
        (&Value::Null, &Value::Null)
    );
    let prev = links["prev"]["href"].as_str().unwrap();
    assert_eq!(owner.get(prev).await.items("_id"), first.items("_id"));
    for query in [
        "limit=0",
        "limit=-1",
        "limit=100000",
        "limit=x",
        "offset=-1",
        "showAll=maybe",
    ] {
        owner.get(&format!("{PATH}?{query}")).await.expect_error(
            400,
            "invalid_request",
            query.split('=').next().unwrap(),
        );
    }
}
