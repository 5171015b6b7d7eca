//! What the policy language means, rule by rule.
#![cfg(test)]

use std::collections::BTreeMap;

use keyledger_domain::policy::{Env, Policy, Resource, RoleAttributes, Statement, Verdict};
use serde_json::json;

fn policy(statements: serde_json::Value) -> Policy {
    let statements: Vec<Statement> = serde_json::from_value(statements).unwrap();
    Policy::parse(statements).unwrap()
}

fn decide(policy: &Policy, action: &str, resource: &str, env: &Env<'_>) -> Verdict {
    let parsed = Resource::parse(resource).unwrap();
    assert_eq!(parsed.as_str(), resource);
    policy.decide(action, &parsed, env)
}

fn matches_in(specifier: &str, resource: &str, env: &Env<'_>) -> bool {
    let policy = policy(json!([{"effect": "allow", "resources": [specifier], "actions": ["*"]}]));
    decide(&policy, "read", resource, env).is_allow()
}

#[test]
fn specifiers_match_resources() {
    let table = [
        // The vendor's examples; its stray slash is ignored.
        (
            "proj/*:env/*;qa_*:/flag/*",
            "proj/a:env/b;qa_1:flag/c",
            true,
        ),
        (
            "proj/*:env/*;qa_*:/flag/*",
            "proj/a:env/b;eu,qa_1:flag/c",
            true,
        ),
        (
            "proj/*:env/*;qa_*:/flag/*",
            "proj/a:env/b;prod:flag/c",
            false,
        ),
        ("proj/*:env/*;qa_*:/flag/*", "proj/a:env/b:flag/c", false),
        (
            "proj/*:env/*:flag/*;testing-tag",
            "proj/a:env/b:flag/c;testing-tag",
            true,
        ),
        (
            "proj/*:env/*:flag/*;testing-tag",
            "proj/a:env/b;testing-tag:flag/c",
            false,
        ),
        ("member/*:token/*", "member/m1:token/t1", true),
        ("member/*:token/*", "service-token/t1", false),
        ("acct", "acct", true),
        ("acct", "proj/acct", false),
        ("/proj/a", "proj/a", true),
        // `*` alone is everything; `*` as a type is any type at this depth.
        ("*", "acct", true),
        ("*", "proj/a", true),
        ("*", "proj/a:env/b;x:flag/c", true),
        ("*/*", "proj/a", true),
        ("*/*", "acct", false),
        ("*/*", "proj/a:env/b", false),
        ("*/x:env/b", "proj/x:env/b", true),
        // A parent does not cover its children, nor a child its parent.
        ("proj/*:env/*", "proj/a:env/b:flag/c", false),
        ("proj/*:env/*:flag/*", "proj/a:env/b", false),
        ("proj/a", "proj/a", true),
        ("proj/a", "project/a", false),
        ("proj/A", "proj/a", false),
        // Globs stay within a name, which may have slashes.
        ("flag/ops_*", "flag/ops_", true),
        ("flag/ops_*", "flag/ops_1", true),
        ("flag/ops_*", "flag/xops_1", false),
        ("flag/*_ops", "flag/a_ops", true),
        ("flag/*_ops", "flag/a_ops_", false),
        ("flag/*mid*", "flag/amidb", true),
        ("flag/*mid*", "flag/amdib", false),
        ("flag/a*b*c", "flag/abc", true),
        ("flag/a*b*c", "flag/aXbYbZc", true),
        ("flag/a*b*c", "flag/acb", false),
        ("flag/a**c", "flag/ac", true),
        ("flag/aba*aba", "flag/ababa", false),
        ("flag/*aab", "flag/aaab", true),
        ("flag/x/*", "flag/x/y/z", true),
        ("flag/*ö*", "flag/schön", true),
        ("flag/a b*", "flag/a b c", true),
        ("flag/*", "flag/$5", true),
        // All selectors must match; any tag of the resource will do.
        ("env/*;a,b", "env/x;b,c,a", true),
        ("env/*;a,b", "env/x;a", false),
        ("env/*;a*,*b", "env/x;ab", true),
        ("env/*", "env/x;a", true),
        (
            "env/*;{critical:true}",
            "env/production;{critical:true}",
            true,
        ),
        (
            "env/*;{critical:true}",
            "env/production;{critical:false}",
            false,
        ),
        ("env/*;{critical:true}", "env/production;true", false),
        ("env/*;critical", "env/production;{critical:true}", false),
        ("env/*;{k:a*,l:*}", "env/x;t,{l:1},{k:ab}", true),
        ("env/*;{k:a*},{l:*},t", "env/x;{l:1,k:ab},t", true),
        ("env/*;{k:a*,l:*}", "env/x;{k:ab}", false),
        ("env/*;{k:v}", "env/x;{k:u,k:v}", true),
        (
            "proj/default;billing,core:env/*;{critical:true}:flag/x",
            "proj/default;billing,core:env/production;{critical:true}:flag/x",
            true,
        ),
    ];
    for (specifier, resource, expected) in table {
        let found = matches_in(specifier, resource, &Env::default());
        assert_eq!(found, expected, "{specifier} on {resource}");
    }
}

#[test]
fn placeholders_stand_for_values() {
    let values = BTreeMap::from([
        (
            "teams".to_owned(),
            vec!["web".to_owned(), "app-*".to_owned()],
        ),
        ("env".to_owned(), vec!["qa".to_owned()]),
        ("none".to_owned(), vec![]),
    ]);
    let attributes = RoleAttributes::parse(values).unwrap();
    let env = Env {
        member_id: "569fdeadbeef1644facecafe",
        attributes: &attributes,
    };
    let table = [
        ("proj/${roleAttribute/teams}", "proj/web", true),
        ("proj/${roleAttribute/teams}", "proj/app-ios", true),
        ("proj/${roleAttribute/teams}", "proj/webs", false),
        ("proj/x-${roleAttribute/teams}-*", "proj/x-app-1-2", true),
        ("proj/x-${roleAttribute/teams}-*", "proj/x-web-", true),
        ("proj/x-${roleAttribute/teams}-*", "proj/x-web", false),
        (
            "proj/${roleAttribute/teams}${roleAttribute/env}",
            "proj/webqa",
            true,
        ),
        (
            "proj/${roleAttribute/teams}${roleAttribute/teams}",
            "proj/webapp-1",
            true,
        ),
        (
            "proj/a:env/*;${roleAttribute/env}",
            "proj/a:env/b;x,qa",
            true,
        ),
        (
            "proj/a:env/*;{team:${roleAttribute/teams}}",
            "proj/a:env/b;{team:app-x}",
            true,
        ),
        (
            "proj/a:env/*;{team:${roleAttribute/teams}}",
            "proj/a:env/b;{team:x}",
            false,
        ),
        ("proj/${roleAttribute/none}", "proj/web", false),
        ("proj/*${roleAttribute/none}", "proj/web", false),
        ("proj/${roleAttribute/absent}", "proj/web", false),
        (
            "member/${memberId}:token/*",
            "member/569fdeadbeef1644facecafe:token/t",
            true,
        ),
        (
            "member/${memberId}:token/*",
            "member/000fdeadbeef1644facecafe:token/t",
            false,
        ),
    ];
    for (specifier, resource, expected) in table {
        assert_eq!(
            matches_in(specifier, resource, &env),
            expected,
            "{specifier} on {resource}"
        );
    }
    assert!(!matches_in(
        "member/${memberId}:token/*",
        "member/x:token/t",
        &Env::default()
    ));
}

#[test]
fn actions_match_by_glob() {
    let table = [
        ("*", "updateOn", true),
        ("update*", "updateOn", true),
        ("update*", "Update", false),
        ("*On", "updateOn", true),
        ("u*O*", "updateOn", true),
        ("updateOn", "updateOn", true),
        ("updateOn", "updateOnly", false),
        ("s3:Get*", "s3:GetObject", true),
        // What is no action is granted by nothing.
        ("*", "", false),
        ("*", "two words", false),
        ("update*", "update*", false),
    ];
    for (pattern, action, expected) in table {
        let policy = policy(json!([{"effect": "allow", "resources": ["*"], "actions": [pattern]}]));
        let found = decide(&policy, action, "acct", &Env::default());
        assert_eq!(found.is_allow(), expected, "{pattern} on {action}");
    }
    let inverse =
        policy(json!([{"effect": "allow", "resources": ["*"], "notActions": ["delete*"]}]));
    let long = "a".repeat(129);
    let table = [
        ("read", Verdict::Allow(0)),
        ("deleteIt", Verdict::NoMatch),
        ("", Verdict::NoMatch),
        (long.as_str().get(1..).unwrap(), Verdict::Allow(0)),
        (long.as_str(), Verdict::NoMatch),
    ];
    for (action, expected) in table {
        assert_eq!(
            decide(&inverse, action, "acct", &Env::default()),
            expected,
            "{action}"
        );
    }
}

#[test]
fn a_deny_wins_and_the_first_of_its_kind_is_named() {
    let policy = policy(json!([
        {"effect": "allow", "resources": ["proj/*"], "actions": ["read"]},
        {"effect": "allow", "resources": ["proj/*"], "actions": ["*"]},
        {"effect": "deny", "notResources": ["proj/open", "proj/a*"], "notActions": ["read", "list"]},
        {"effect": "deny", "resources": ["*"], "actions": ["erase"]},
    ]));
    let table = [
        ("read", "proj/x", Verdict::Allow(0)),
        ("list", "proj/x", Verdict::Allow(1)),
        ("write", "proj/open", Verdict::Allow(1)),
        ("write", "proj/abc", Verdict::Allow(1)),
        ("write", "proj/x", Verdict::Deny(2)),
        ("erase", "proj/x", Verdict::Deny(2)),
        ("erase", "proj/open", Verdict::Deny(3)),
        ("list", "env/x", Verdict::NoMatch),
    ];
    for (action, resource, expected) in table {
        let found = decide(&policy, action, resource, &Env::default());
        assert_eq!(found, expected, "{action} on {resource}");
    }
    let nothing = Policy::parse(vec![]).unwrap();
    assert!(nothing.is_empty());
    assert_eq!(
        decide(&nothing, "read", "acct", &Env::default()),
        Verdict::NoMatch
    );
}

#[test]
fn matching_is_exact_at_every_length() {
    let attributes = BTreeMap::from([("x".to_owned(), vec!["b".to_owned()])]);
    let attributes = RoleAttributes::parse(attributes).unwrap();
    let env = Env {
        member_id: "",
        attributes: &attributes,
    };
    for length in 0..=251 {
        let resource = format!("flag/a{}bcd", "a".repeat(length));
        assert!(
            matches_in("flag/*a${roleAttribute/x}*d", &resource, &env),
            "{length}"
        );
        assert!(matches_in("flag/a*b*c*d", &resource, &env), "{length}");
        assert!(
            !matches_in("flag/a*${roleAttribute/x}d", &resource, &env),
            "{length}"
        );
    }
}
