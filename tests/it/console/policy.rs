//! `/settings/policy`: what is said of a policy while it is typed.

use super::browser;
use crate::support::Server;

#[tokio::test]
async fn an_error_has_its_place_and_a_good_policy_is_tried() {
    let server = Server::start().await;
    let browser = browser(&server, "a@example.com", "reader").await;
    let check = async |policy: &str, action: &str, resource: &str| {
        let fields = [
            ("policy", policy),
            ("try-action", action),
            ("try-resource", resource),
        ];
        let page = browser.form("/settings/policy", &fields).await.expect(200);
        assert!(!page.body.contains("<html"), "a part of a page");
        page.body
    };
    let good =
        "[\n {\"effect\": \"allow\", \"actions\": [\"view*\"],\n  \"resources\": [\"proj/*\"]}\n]";
    let said = check(good, "", "").await;
    assert!(said.contains("One statement, well formed"), "{said}");
    let said = check(good, "viewProject", "proj/web").await;
    assert!(said.contains("statement 1 allows it"), "{said}");
    let said = check(good, "deleteProject", "proj/web").await;
    assert!(said.contains("no statement is about it"), "{said}");
    let said = check(&good.replace("proj/", "pro j/"), "", "").await;
    assert!(said.contains("Line 3, column 17:"), "{said}");
    assert!(said.contains("/0/resources/0"), "{said}");
    let said = check("[{]", "", "").await;
    assert!(said.contains("Line 1, column 3:"), "{said}");
    let said = check("[\"<script>alert(1)</script>\"]", "", "").await;
    assert!(!said.contains("<script>"), "{said}");
    // Nobody is told anything who is not signed in.
    let stranger = server.anonymous().with("Origin", &server.url());
    let fields = [("policy", good)];
    stranger.form("/settings/policy", &fields).await.expect(303);
}
