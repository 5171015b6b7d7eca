//! Every limit of the policy language is exact, and named when it is passed.
#![cfg(test)]

use keyledger_domain::policy::{
    ENTRIES_MAX, Effect, Policy, PolicyError, Resource, STATEMENTS_MAX, Statement,
};

fn allow(resources: &[&str], actions: &[&str]) -> Statement {
    let owned = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
    Statement {
        effect: Effect::Allow,
        resources: owned(resources),
        not_resources: None,
        actions: owned(actions),
        not_actions: None,
    }
}

fn refusal(statements: Vec<Statement>) -> PolicyError {
    Policy::parse(statements).unwrap_err()
}

#[test]
fn every_limit_is_named_and_exact() {
    let repeat = |text: &str, count: usize, separator: &str| vec![text; count].join(separator);
    let specifiers = [
        (
            repeat("a/b", 8, ":"),
            ":a/b",
            "at most 8 segments (SEGMENTS_MAX)",
        ),
        (
            format!("a/{}", repeat("x", 255, "")),
            "x",
            "at most 255 bytes in a name (NAME_BYTES_MAX)",
        ),
        (
            format!(
                "a/b;t,{{{}}},{}",
                repeat("k:v", 8, ","),
                repeat("x", 7, ",")
            ),
            ",x",
            "at most 16 tags and properties on a segment (SELECTORS_MAX)",
        ),
        (
            format!("a/{}", repeat("${memberId}", 4, "x")),
            "${memberId}",
            "at most 4 placeholders in a specifier (PLACEHOLDERS_MAX)",
        ),
        (
            repeat(&format!("a/{}", "x".repeat(253)), 4, ":") + "x",
            "x",
            "more than 1024 bytes in a specifier (SPECIFIER_BYTES_MAX)",
        ),
    ];
    for (fits, more, expected) in specifiers {
        Policy::parse(vec![allow(&[&fits], &["*"])]).unwrap();
        let error = refusal(vec![allow(&[&format!("{fits}{more}")], &["*"])]).to_string();
        assert!(error.ends_with(expected), "{error}");
    }
    let error = refusal(vec![allow(&["*"], &["a"]); STATEMENTS_MAX + 1]).to_string();
    assert_eq!(error, "more than 128 statements (STATEMENTS_MAX)");
    let error = refusal(vec![allow(&["*"], &["a"; ENTRIES_MAX + 1])]).to_string();
    assert_eq!(error, "/0/actions: more than 256 entries (ENTRIES_MAX)");
    Policy::parse(vec![allow(&["*"], &[&"a".repeat(128)])]).unwrap();
    let error = refusal(vec![allow(&["*"], &[&"a".repeat(129)])]).to_string();
    assert_eq!(
        error,
        "/0/actions/0: more than 128 bytes in an action (ACTION_BYTES_MAX)"
    );
    let filler = "a/".to_owned() + &"x".repeat(253);
    let error = refusal(vec![
        allow(&[filler.as_str(); 256], &["*"]),
        allow(&[&filler], &["*"]),
    ]);
    assert_eq!(
        error.to_string(),
        "more than 65536 bytes in a policy (POLICY_BYTES_MAX)"
    );
    assert_eq!(error.pointer(), "");
    let huge = repeat("a/b", 300_000, ":");
    let error = refusal(vec![allow(&[&huge], &["*"])]).to_string();
    assert_eq!(
        error,
        "more than 65536 bytes in a policy (POLICY_BYTES_MAX)"
    );
}

#[test]
fn limits_of_resources_are_named_and_exact() {
    let limits = [
        (
            ["a/b"; 8].join(":"),
            ":a/b",
            "at most 8 segments (SEGMENTS_MAX)",
        ),
        (
            format!("a/{}", "x".repeat(255)),
            "x",
            "at most 255 bytes in a name (NAME_BYTES_MAX)",
        ),
        (
            format!("a/b;{}", ["t"; 16].join(",")),
            ",t",
            "at most 16 tags and properties on a segment (SELECTORS_MAX)",
        ),
        (
            format!(
                "a/b;{}",
                vec!["t".repeat(255); 7].join(",") + "," + &"t".repeat(252)
            ),
            "t",
            "at most 2048 bytes in a resource (RESOURCE_BYTES_MAX)",
        ),
    ];
    for (fits, more, expected) in limits {
        Resource::parse(&fits).unwrap();
        let error = Resource::parse(&format!("{fits}{more}"))
            .unwrap_err()
            .to_string();
        assert!(error.ends_with(expected), "{error}");
    }
}
