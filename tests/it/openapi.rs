//! `openapi.yaml` is what the binary prints.

use crate::support::run;

#[test]
fn the_document_in_the_repository_is_the_one_that_the_binary_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let stored = std::fs::read_to_string(path).unwrap();
    let (success, printed, error) = run(std::path::Path::new("."), &["openapi"]);
    assert!(success, "{error}");
    assert!(printed.contains("operationId: postToken"));
    assert!(
        stored == printed,
        "openapi.yaml is stale: run `make openapi` and look at the difference"
    );
}
