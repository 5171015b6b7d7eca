//! `openapi.yaml` is what the binary prints.

mod quality;

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

#[test]
fn every_path_stands_in_the_document_once_with_all_of_its_operations() {
    let (_, printed, _) = run(std::path::Path::new("."), &["openapi"]);
    let paths: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("  /") && line.ends_with(':'))
        .collect();
    let mut once = paths.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), paths.len(), "{paths:?}");
    let operations = printed
        .lines()
        .filter(|line| line.trim_start().starts_with("operationId: "))
        .count();
    assert_eq!((paths.len(), operations), (36, 52));
}
