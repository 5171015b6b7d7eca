//! The Authorization tab, by its forms.

use super::{HOME, browser, hidden, secret};
use crate::support::Server;

const NEW: &str = "/settings/authorization/tokens/new";

#[tokio::test]
async fn a_token_is_made_shown_once_and_obscured_ever_after() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    let panel = browser.get(NEW).await.expect(200);
    let key = hidden(&panel, "key");
    let fields = [
        ("key", key.as_str()),
        ("name", "Deploy"),
        ("scope", "writer"),
        ("version", "20240415"),
        ("service", "on"),
    ];
    let made = browser.form(NEW, &fields).await.expect(200);
    let shown = secret(&made);
    let token = server.anonymous().token(&shown);
    let caller = token.get("/api/v2/caller-identity").await.expect(200);
    assert_eq!(caller.json["serviceToken"], true);
    // Sent twice, it is one token, and the secret is the same.
    let again = browser.form(NEW, &fields).await.expect(200);
    assert_eq!(secret(&again), shown);
    let list = browser.get(HOME).await.expect(200);
    assert!(!list.body.contains(&shown));
    assert_eq!(
        list.body.matches(">Deploy</a></th>").count(),
        1,
        "{}",
        list.body
    );
    let ending = &shown[shown.len() - 4..];
    assert!(list.body.contains(&format!("…{ending}")));
    assert!(list.body.contains("Service") && list.body.contains("a@example.com"));
}

#[tokio::test]
async fn a_policy_that_is_wrong_is_shown_again_with_what_is_wrong() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    for (policy, message) in [
        ("[{", "the policy, line 1, column 2"),
        (
            r#"[{"effect":"maybe","resources":["*"],"actions":["*"]}]"#,
            "effect",
        ),
    ] {
        let fields = [
            ("key", "k1"),
            ("name", "mine"),
            ("scope", "inline"),
            ("policy", policy),
        ];
        let page = browser.form(NEW, &fields).await;
        assert!(page.status == 400 || page.status == 422, "{}", page.status);
        assert!(
            page.body.contains("role=\"alert\"") && page.body.contains(message),
            "{}",
            page.body
        );
        assert!(page.body.contains("value=\"mine\""), "what was typed stays");
    }
    let policy = r#"[{"effect":"allow","resources":["proj/*"],"actions":["viewProject"]}]"#;
    let fields = [
        ("key", "k2"),
        ("name", "mine"),
        ("scope", "inline"),
        ("policy", policy),
    ];
    secret(&browser.form(NEW, &fields).await.expect(200));
    let list = browser.get(HOME).await.expect(200);
    assert!(list.body.contains("in-line policy"));
}

#[tokio::test]
async fn clone_reset_and_delete_ask_first_and_then_do_it() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    let fields = [("key", "k1"), ("name", "Nightly"), ("scope", "reader")];
    let first = secret(&browser.form(NEW, &fields).await.expect(200));
    let owner = server.owner();
    let list = owner.get("/api/v2/tokens?showAll=true").await.expect(200);
    let id = list.json["items"][0]["_id"].as_str().unwrap().to_owned();
    let works = |secret: String| {
        let api = server.anonymous().token(&secret);
        async move { api.get("/api/v2/caller-identity").await.status }
    };
    let at = |action: &str| format!("{HOME}/tokens/{id}/{action}");

    let fields = [("key", "k2"), ("name", "Copy")];
    let copied = browser.form(&at("clone"), &fields).await.expect(200);
    assert_eq!(works(secret(&copied)).await, 200);

    let page = browser.get(&at("reset")).await.expect(200);
    assert!(page.body.contains("Hours to keep the old token active"));
    let wrong = [("key", "k3"), ("hours", "1"), ("confirm", "nightly")];
    let refused = browser.form(&at("reset"), &wrong).await.expect(422);
    assert!(
        refused.body.contains("type the token&#39;s name"),
        "{}",
        refused.body
    );
    let made = hidden(&page, "made");
    let right = [
        ("key", "k3"),
        ("made", made.as_str()),
        ("hours", "1"),
        ("confirm", "Nightly"),
    ];
    let second = secret(&browser.form(&at("reset"), &right).await.expect(200));
    // Sent twice, it is one reset, which ends the first secret no sooner, and shows the same secret.
    let again = browser.form(&at("reset"), &right).await.expect(200);
    assert_eq!(secret(&again), second);
    assert_eq!(
        (works(first.clone()).await, works(second.clone()).await),
        (200, 200)
    );
    let right = [("key", "k4"), ("hours", "0"), ("confirm", "Nightly")];
    let third = secret(&browser.form(&at("reset"), &right).await.expect(200));
    assert_eq!(
        (works(second).await, works(third.clone()).await),
        (401, 200)
    );

    browser
        .form(&at("delete"), &[("key", "k5")])
        .await
        .expect(422);
    assert_eq!(works(third.clone()).await, 200);
    let right = [("key", "k5"), ("confirm", "Nightly")];
    let gone = browser.form(&at("delete"), &right).await.expect(303);
    let list = gone.header("location").unwrap().to_owned();
    let list = browser.get(&list).await.expect(200);
    assert!(list.body.contains("The token was deleted"));
    assert!(!list.body.contains(">Nightly<"), "{}", list.body);
    assert_eq!(works(third).await, 401);
}

#[tokio::test]
async fn what_one_may_not_do_is_refused_by_the_server() {
    let server = Server::start().await;
    let reader = browser(&server, "r@example.com", "reader").await;
    let fields = [
        ("key", "k1"),
        ("name", "more"),
        ("scope", "admin"),
        ("service", "on"),
    ];
    let page = reader.form(NEW, &fields).await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("role=\"alert\""));
    let list = server.owner().get("/api/v2/tokens?showAll=true").await;
    let id = list.json["items"][0]["_id"].as_str().unwrap().to_owned();
    let path = format!("{HOME}/tokens/{id}/delete");
    let fields = [("key", "k2"), ("confirm", "Owner's first token")];
    let page = reader.form(&path, &fields).await;
    assert!(page.status == 403 || page.status == 404, "{}", page.status);
    server
        .owner()
        .get("/api/v2/caller-identity")
        .await
        .expect(200);
}
