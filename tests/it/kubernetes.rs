//! Kubernetes' webhooks, with reviews as its API server sends them.

use serde_json::{Value, json};

use crate::support::{Answer, Api, Server, make_token};

const TOKEN_ID: &str = "authentication.keyledger/token-id";

async fn asker(server: &Server) -> Api {
    let policy = json!([{"effect": "allow", "actions": ["askDecisions"], "resources": ["acct"]}]);
    let form = json!({"inlineRole": policy, "serviceToken": true});
    let (_, secret) = make_token(&server.owner(), form).await;
    server.anonymous().token(&format!("Bearer {secret}"))
}

async fn token_review(api: &Api, secret: &str) -> Answer {
    let review = json!({
        "kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": null},
        "spec": {"token": secret, "audiences": ["https://kubernetes.default.svc"]},
        "status": {"user": {}},
    });
    api.post("/kubernetes/token-review", &review).await
}

async fn access_review(api: &Api, spec: Value) -> Answer {
    let review = json!({
        "kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
        "metadata": {"creationTimestamp": null}, "spec": spec, "status": {"allowed": false},
    });
    api.post("/kubernetes/subject-access-review?cluster=prod", &review)
        .await
}

/// A service token for pods of one namespace, and its review's user.
async fn deployer(server: &Server, api: &Api) -> (String, String, Value) {
    let policy = json!([
        {"effect": "allow", "actions": ["get", "list"], "resources": ["cluster/prod:namespace/web:pods/*"]},
        {"effect": "deny", "actions": ["*"], "resources": ["cluster/*:namespace/*:pods/*;{subresource:exec}"]},
        {"effect": "allow", "actions": ["get"], "resources": ["cluster/prod:url/healthz"]},
    ]);
    let form = json!({"inlineRole": policy, "serviceToken": true});
    let (id, secret) = make_token(&server.owner(), form).await;
    let review = token_review(api, &secret).await.expect(200);
    (id, secret, review.json["status"]["user"].clone())
}

#[tokio::test]
async fn a_token_is_reviewed_as_its_user() {
    let server = Server::start().await;
    let api = asker(&server).await;
    let (id, secret, user) = deployer(&server, &api).await;
    let expected = json!({
        "username": format!("service-token/{id}"), "uid": id, "groups": ["keyledger:service-tokens"],
        "extra": {TOKEN_ID: [id]},
    });
    assert_eq!(user, expected);
    let member = server
        .owner()
        .get("/api/v2/caller-identity")
        .await
        .expect(200);
    let review = token_review(&api, server.owner_secret()).await.expect(200);
    assert_eq!(review.json["kind"], "TokenReview");
    assert_eq!(review.json["apiVersion"], "authentication.k8s.io/v1");
    assert_eq!(review.json["status"]["authenticated"], true);
    let user = &review.json["status"]["user"];
    assert_eq!(
        user["username"],
        format!("member/{}", member.text("/memberId"))
    );
    assert_eq!(user["groups"], json!(["keyledger:personal-tokens"]));
    let deleted = server
        .owner()
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    let after = api.with("X-Keyledger-Min-Position", &deleted.position().to_string());
    for secret in [secret.as_str(), "nonsense"] {
        let review = token_review(&after, secret).await.expect(200);
        assert_eq!(review.json["status"], json!({"authenticated": false}));
    }
}

#[tokio::test]
async fn access_is_reviewed_by_the_token_that_was_reviewed_or_by_the_member() {
    let server = Server::start().await;
    let api = asker(&server).await;
    let (id, _, user) = deployer(&server, &api).await;
    let spec = |attributes: Value| {
        json!({"user": user["username"], "uid": user["uid"], "groups": user["groups"], "extra": user["extra"],
            "resourceAttributes": attributes})
    };
    let pod = |verb: &str, namespace: &str, name: &str, subresource: &str| {
        spec(
            json!({"namespace": namespace, "verb": verb, "version": "v1", "resource": "pods", "name": name,
            "subresource": subresource}),
        )
    };
    for (spec, allowed, denied) in [
        (pod("get", "web", "web-1", ""), true, false),
        (pod("list", "web", "", ""), true, false),
        (pod("get", "web", "web-1", "log"), true, false),
        (pod("get", "web", "web-1", "exec"), false, true),
        (pod("delete", "web", "web-1", ""), false, false),
        (pod("get", "kube-system", "web-1", ""), false, false),
        (
            spec(json!({"namespace": "web", "verb": "*", "group": "*", "resource": "*"})),
            false,
            false,
        ),
    ] {
        let review = access_review(&api, spec.clone()).await.expect(200);
        let status = &review.json["status"];
        assert_eq!(status["allowed"], allowed, "{spec}: {status}");
        assert_eq!(status["denied"] == true, denied, "{spec}: {status}");
        assert!(
            status["reason"]
                .as_str()
                .unwrap()
                .starts_with("keyledger: ")
        );
    }
    let url = |path: &str| {
        json!({"user": user["username"], "extra": user["extra"],
            "nonResourceAttributes": {"path": path, "verb": "get"}})
    };
    let review = access_review(&api, url("/healthz")).await.expect(200);
    assert_eq!(review.json["status"]["allowed"], true);
    let review = access_review(&api, url("/metrics")).await.expect(200);
    assert_eq!(review.json["status"]["allowed"], false);
    // A member by name, and somebody whom nobody here knows.
    let member = server
        .owner()
        .get("/api/v2/caller-identity")
        .await
        .expect(200)
        .text("/memberId");
    let attributes = json!({"namespace": "web", "verb": "get", "resource": "pods", "name": "a"});
    for (user, allowed) in [
        (format!("member/{member}"), true),
        ("system:node:a".to_owned(), false),
    ] {
        let review = json!({"user": user, "resourceAttributes": attributes});
        let review = access_review(&api, review).await.expect(200);
        assert_eq!(review.json["status"]["allowed"], allowed, "{user}");
    }
    server
        .owner()
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    let review = access_review(&api, pod("get", "web", "web-1", ""))
        .await
        .expect(200);
    assert_eq!(review.json["status"]["allowed"], false);
}

#[tokio::test]
async fn reviews_that_are_wrong_are_told_so() {
    let server = Server::start().await;
    let api = asker(&server).await;
    let spec = json!({"user": "a", "resourceAttributes": {"verb": "get", "resource": "pods",
        "name": "a;{subresource:log}"}});
    access_review(&api, spec).await.expect(400);
    access_review(&api, json!({"user": "a"})).await.expect(400);
    let other = json!({"apiVersion": "v1", "kind": "TokenReview", "spec": {"token": "a"}});
    let answer = api.post("/kubernetes/token-review", &other).await;
    answer.expect_error(400, "invalid_request", "apiVersion");
    token_review(&server.anonymous(), "a").await.expect(401);
    api.get("/kubernetes/token-review").await.expect(405);
}
