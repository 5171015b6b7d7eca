//! What keeps pages from others: headers, origins, and names that are no HTML.

use super::{HOME, browser};
use crate::support::Server;

#[tokio::test]
async fn every_page_has_a_strict_policy_and_is_kept_by_nobody() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    for path in [
        HOME,
        "/sign-in",
        "/settings/authorization/tokens/new",
        "/settings/overview",
        "/settings/members",
        "/settings/members/new",
        "/settings/roles/new",
        "/settings/teams",
        "/settings/audit",
        "/settings/sessions",
        "/invitation",
        "/settings/nothing",
    ] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy").expect(path);
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        for inline in [" style=", "<style", " onclick=", "<script>"] {
            assert!(!page.body.contains(inline), "{path} has {inline}");
        }
    }
    browser.get("/settings/nothing").await.expect(404);
    assert_eq!(
        browser.get("/").await.expect(303).header("location"),
        Some(HOME)
    );
    let style = browser.get("/assets/console.css").await.expect(200);
    let tag = style.header("etag").unwrap().to_owned();
    let again = browser.with("If-None-Match", &tag);
    again.get("/assets/console.css").await.expect(304);
    browser.get("/assets/../console.css").await.expect(404);
    // What answers a form is not made smaller: it may hold a secret beside what the form said.
    let small = browser.with("Accept-Encoding", "gzip");
    let list = small.get(HOME).await.expect(200);
    assert_eq!(list.header("content-encoding"), Some("gzip"));
    let fields = [("scope", "reader"), ("name", "small"), ("key", "k")];
    let made = small
        .form("/settings/authorization/tokens/new", &fields)
        .await;
    assert_eq!(made.expect(200).header("content-encoding"), None);
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    let fields = [("scope", "reader"), ("name", "forged"), ("key", "k")];
    let path = "/settings/authorization/tokens/new";
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", ""] {
        let foreign = browser.with("Origin", origin);
        foreign.form(path, &fields).await.expect(403);
        foreign.form("/sign-out", &[]).await.expect(403);
        foreign.form("/join", &[("code", "a")]).await.expect(403);
        foreign
            .form("/settings/policy", &[("policy", "[]")])
            .await
            .expect(403);
        foreign
            .form("/settings/members/new", &[("email", "m@evil.example")])
            .await
            .expect(403);
        foreign
            .form("/sign-in", &[("email", "a")])
            .await
            .expect(403);
    }
    let page = browser.get(HOME).await.expect(200);
    assert!(!page.body.contains("forged"));
}

#[tokio::test]
async fn names_are_shown_and_never_obeyed() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "admin").await;
    let hostile = "<script>alert(1)</script>\"'><img src=x>{{7*7}}";
    let fields = [("scope", "reader"), ("name", hostile), ("key", "k")];
    let made = browser.form("/settings/authorization/tokens/new", &fields);
    let mut pages = vec![made.await.expect(200), browser.get(HOME).await.expect(200)];
    let list = server.owner().get("/api/v2/tokens?showAll=true").await;
    let items = list.json["items"].as_array().unwrap();
    let id = items.iter().find(|item| item["name"] == hostile).unwrap()["_id"].clone();
    for action in ["clone", "reset", "delete"] {
        let path = format!("{HOME}/tokens/{}/{action}", id.as_str().unwrap());
        pages.push(browser.get(&path).await.expect(200));
    }
    for page in pages {
        assert!(
            page.body.contains("&#60;script&#62;alert(1)"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        assert!(!page.body.contains("<img src=x"), "{}", page.body);
    }
}
