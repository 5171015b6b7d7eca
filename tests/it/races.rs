//! Many requests at once about one thing: each answer is true, and together they make sense.

use std::collections::BTreeSet;
use std::future::Future;

use serde_json::json;

use crate::support::{Answer, Api, Server, make_token};

const AT_ONCE: usize = 24;

/// Starts calls together, and gives all their answers.
async fn together<F>(calls: impl Iterator<Item = F>) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let started: Vec<_> = calls.map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for call in started {
        answers.push(call.await.expect("an answer"));
    }
    answers
}

/// Requires one answer with `status`, and that all others are the error.
fn one_wins(answers: Vec<Answer>, status: u16, error: u16, code: &str) {
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == status);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.expect_error(error, code, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_makes_one_role_and_one_e_mail_one_member() {
    let server = Server::start().await;
    let before = server.position().await;
    let calls = (0..AT_ONCE).map(|_| {
        let owner = server.owner();
        let form = json!({"key": "k", "name": "n", "policy": []});
        async move { owner.post("/api/v2/roles", &form).await }
    });
    one_wins(together(calls).await, 201, 409, "conflict");
    let calls = (0..AT_ONCE).map(|index| {
        let owner = server.owner();
        let email = if index % 2 == 0 {
            "a@x.example"
        } else {
            "A@X.example"
        };
        async move {
            let form = json!([{"email": email}]);
            owner.post("/api/v2/members", &form).await
        }
    });
    let answers = together(calls).await;
    one_wins(answers, 201, 400, "email_already_exists_in_account");
    assert_eq!(server.position().await, before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_resets_the_last_one_in_the_log_holds() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, first) = make_token(&owner, json!({"role": "reader"})).await;
    let calls = (0..AT_ONCE).map(|_| {
        let owner = server.owner();
        let path = format!("/api/v2/tokens/{id}/reset");
        async move { owner.post_nothing(&path).await }
    });
    let mut secrets = vec![(0, first)];
    for answer in together(calls).await {
        if answer.status == 200 {
            secrets.push((answer.position(), answer.text("/token")));
        } else {
            answer.expect_error(409, "optimistic_locking_error", "try again");
        }
    }
    secrets.sort();
    assert!(secrets.len() > 1, "no reset went through");
    let (_, last) = secrets.pop().unwrap();
    let who = "/api/v2/caller-identity";
    server.anonymous().token(&last).get(who).await.expect(200);
    for (_, dead) in secrets {
        server.anonymous().token(&dead).get(who).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_deleted_once() {
    let server = Server::start().await;
    let (id, _) = make_token(&server.owner(), json!({"role": "reader"})).await;
    let before = server.position().await;
    let calls = (0..AT_ONCE).map(|_| {
        let owner = server.owner();
        let path = format!("/api/v2/tokens/{id}");
        async move { owner.delete(&path).await }
    });
    one_wins(together(calls).await, 204, 404, "not_found");
    assert_eq!(server.position().await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_operation_guards_against_lost_updates() {
    let server = Server::start().await;
    let form = json!({"role": "reader", "description": "0"});
    let (id, _) = make_token(&server.owner(), form).await;
    let path = format!("/api/v2/tokens/{id}");
    let counters = (0..8).map(|_| {
        let (owner, path) = (server.owner(), path.clone());
        tokio::spawn(async move {
            let mut added = 0;
            for _ in 0..20 {
                let old = owner.get(&path).await.expect(200).text("/description");
                let new = (old.parse::<u32>().unwrap() + 1).to_string();
                let patch = json!([
                    {"op": "test", "path": "/description", "value": old},
                    {"op": "replace", "path": "/description", "value": new},
                ]);
                let answer = owner.patch(&path, &patch).await;
                match answer.status {
                    200 => added += 1,
                    409 => drop(answer.expect_error(409, "optimistic_locking_error", "")),
                    _ => drop(answer.expect_error(422, "patch_failed", "test of /description")),
                }
            }
            added
        })
    });
    let mut added = 0;
    for counter in counters.collect::<Vec<_>>() {
        added += counter.await.expect("no wrong answer");
    }
    let last = server.owner().get(&path).await.text("/description");
    assert_eq!(last, added.to_string());
    assert!(added > 0);
}

/// Makes tokens until it is refused, and gives the position and secret of each.
async fn make_until_refused(api: Api, refused: u16) -> Vec<(i64, String)> {
    let mut made = Vec::new();
    loop {
        let form = json!({"role": "admin", "serviceToken": made.len() % 2 == 0});
        let answer = api.post("/api/v2/tokens", &form).await;
        if answer.status == refused {
            return made;
        }
        let answer = answer.expect(201);
        made.push((answer.position(), answer.text("/token")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_made_with_a_role_that_its_maker_has_lost() {
    let server = Server::start().await;
    let (id, session) = server.member("a@example.com", "admin").await;
    let makers: Vec<_> = (0..8)
        .map(|_| tokio::spawn(make_until_refused(session.clone(), 403)))
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let demote = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    let path = format!("/api/v2/members/{id}");
    let demoted = server.owner().patch(&path, &demote).await.expect(200);
    let mut positions = BTreeSet::new();
    for maker in makers {
        let made = maker.await.expect("only 201 and 403");
        positions.extend(made.into_iter().map(|(position, _)| position));
    }
    assert!(positions.len() > 8, "too few to mean anything");
    let last = positions.last().copied().unwrap();
    assert!(last < demoted.position(), "made at {last}, demoted before");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_outlives_its_member_by_being_made_during_the_removal() {
    let server = Server::start().await;
    let (id, session) = server.member("a@example.com", "admin").await;
    let makers: Vec<_> = (0..8)
        .map(|_| tokio::spawn(make_until_refused(session.clone(), 401)))
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let path = format!("/api/v2/members/{id}");
    let removed = server.owner().delete(&path).await.expect(204).position();
    let (mut personal, mut service) = (0, 0);
    for maker in makers {
        let made = maker.await.expect("only 201 and 401");
        for (index, (position, secret)) in made.into_iter().enumerate() {
            assert!(position < removed, "made at {position} after {removed}");
            let token = server.anonymous().token(&secret);
            let answer = token.get("/api/v2/caller-identity").await;
            if index % 2 == 0 {
                service += 1;
                answer.expect(200);
            } else {
                personal += 1;
                answer.expect_error(401, "unauthorized", "its member was removed");
            }
        }
    }
    assert!(personal > 0 && service > 0, "{personal} {service}");
}
