//! `GET /api/v2/openapi.json`.

use crate::support::Server;

#[tokio::test]
async fn the_document_is_there_as_json_without_a_credential() {
    let server = Server::start().await;
    let answer = server.anonymous().get("/api/v2/openapi.json").await;
    let answer = answer.expect(200);
    let media = answer.header("content-type").unwrap();
    assert!(media.starts_with("application/json"), "{media}");
    assert!(answer.text("/openapi").starts_with("3.0"));
    let yaml = server.anonymous().get("/openapi.yaml").await.expect(200);
    let in_yaml: Vec<&str> = yaml
        .body
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("operationId: "))
        .collect();
    let paths = answer.json["paths"].as_object().unwrap();
    let mut in_json: Vec<&str> = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let mut in_yaml = in_yaml;
    in_json.sort_unstable();
    in_yaml.sort_unstable();
    assert_eq!(in_json, in_yaml);
    assert!(in_json.contains(&"getOpenapiSpec") && in_json.contains(&"getIps"));
    // Every error answer that has a reason to wait says for how long.
    let limited = "/paths/~1api~1v2~1tokens/get/responses/429";
    let headers = answer.json.pointer(&format!("{limited}/headers")).unwrap();
    for name in ["RETRY-AFTER", "X-RATELIMIT-RESET"] {
        let found = headers.as_object().unwrap().keys();
        let found = found.map(|key| key.to_uppercase()).any(|key| key == name);
        assert!(found, "{name}: {headers}");
    }
}
