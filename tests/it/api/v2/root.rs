//! `GET /api/v2`.

use crate::support::Server;

#[tokio::test]
async fn the_root_lists_the_collections_under_links_without_a_credential() {
    let server = Server::start().await;
    let answer = server.anonymous().get("/api/v2").await.expect(200);
    for name in [
        "self",
        "tokens",
        "members",
        "roles",
        "versions",
        "caller-identity",
        "openapi.json",
        "public-ip-list",
    ] {
        let href = answer.text(&format!("/links/{name}/href"));
        assert!(href.starts_with("/api/v2"), "{href}");
        assert_eq!(
            answer.text(&format!("/links/{name}/type")),
            "application/json"
        );
    }
    assert!(
        answer
            .header("x-request-id")
            .is_some_and(|id| id.len() == 36)
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_vendors_shape() {
    let server = Server::start().await;
    let api = server.owner();
    api.get("/api/v2/nothing")
        .await
        .expect_error(404, "not_found", "nothing at this path");
    let put = api.request(reqwest::Method::PUT, "/api/v2/tokens");
    let put = crate::support::Api::send(put).await;
    put.expect_error(405, "method_not_allowed", "does not take this method");
    // Whoever never had a credential is told the same.
    let anonymous = server.anonymous();
    anonymous.get("/api/v2/nothing").await.expect(404);
}

#[tokio::test]
async fn the_page_at_docs_comes_from_the_binary_alone() {
    let server = Server::start().await;
    let page = server.anonymous().get("/docs").await.expect(200);
    assert!(page.body.contains("swagger"), "no Swagger UI");
    let tags = tags(&page.body);
    assert!(
        tags.iter().any(|tag| tag.starts_with("<script")),
        "{tags:?}"
    );
    for tag in &tags {
        for attribute in ["src=", "href=", "srcset=", "action=", "data=", "poster="] {
            assert!(
                !tag.contains(attribute),
                "the page loads more than itself: {tag}"
            );
        }
    }
    for load in [
        "@import",
        "url(http",
        "url(\"http",
        "url(//",
        "importScripts(",
    ] {
        assert!(
            !page.body.contains(load),
            "the page loads from elsewhere: {load}"
        );
    }
    let document = server.anonymous().get("/openapi.yaml").await.expect(200);
    assert!(
        document.body.starts_with("openapi: 3.0"),
        "{}",
        &document.body[..60]
    );
}

/// The tags of a page, without what is inside scripts and styles.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        let end = tag.find('>').unwrap_or(tag.len() - 1);
        let start = rest.len() - tag.len() - 1;
        tags.push(&rest[start..=start + 1 + end]);
        rest = &tag[end + 1..];
        for kind in ["script", "style"] {
            if tag.starts_with(kind) {
                let close = format!("</{kind}>");
                rest = &rest[rest.find(&close).unwrap_or(rest.len())..];
            }
        }
    }
    tags
}

#[test]
fn the_search_for_tags_finds_them_and_looks_past_scripts() {
    let page = "<p>a<script src=\"x\">'<img src=y>'</script><style>a<b</style><link href=z>";
    let found = [
        "<p>",
        "<script src=\"x\">",
        "</script>",
        "<style>",
        "</style>",
        "<link href=z>",
    ];
    assert_eq!(tags(page), found);
}
