//! What the policy language refuses, with the exact words and places.
#![cfg(test)]

use std::collections::BTreeMap;

use keyledger_domain::policy::{Effect, Policy, PolicyError, Resource, RoleAttributes, Statement};

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
fn specifiers_are_refused_with_their_place() {
    let segment = "a segment is type/name";
    let name = "a name ends at ':', ';' or the end";
    let tag = "a tag ends at ',', ':' or the end";
    let property = "a property is {key:value}, several are {key:value,key:value}";
    let known = "the placeholders are ${roleAttribute/name} and ${memberId}";
    let dollar = "'$' only begins a placeholder, ${roleAttribute/name} or ${memberId}";
    let table = [
        ("proj/*:;x", "unexpected ';'", 8, segment),
        ("proj", "unexpected end", 5, segment),
        ("proj:env/*", "unexpected ':'", 5, segment),
        ("*:flag/*", "unexpected ':'", 2, segment),
        ("**", "unexpected '*'", 2, segment),
        ("pro*/x", "unexpected '*'", 4, segment),
        ("pröj/x", "unexpected 'ö'", 3, segment),
        ("//proj/x", "unexpected '/'", 2, segment),
        ("/acct", "unexpected end", 6, segment),
        ("acct:proj/x", "unexpected ':'", 5, segment),
        ("proj/x:acct", "unexpected end", 12, segment),
        ("proj/x:*", "unexpected end", 9, segment),
        ("proj/x:", "unexpected end", 8, segment),
        ("proj/", "unexpected end", 6, "a name cannot be empty"),
        ("proj/:env/x", "unexpected ':'", 6, "a name cannot be empty"),
        ("proj/a,b", "unexpected ','", 7, name),
        ("proj/{a:b}", "unexpected '{'", 6, "a name cannot be empty"),
        ("proj/a}", "unexpected '}'", 7, name),
        (
            "proj/é\tb",
            "unexpected '\\t'",
            7,
            "control characters are not allowed",
        ),
        (
            "proj/\u{85}",
            "unexpected '\\u{85}'",
            6,
            "control characters are not allowed",
        ),
        ("env/x;", "unexpected end", 7, "a tag cannot be empty"),
        ("env/x;a,,b", "unexpected ','", 9, "a tag cannot be empty"),
        (
            "env/x;a,:flag/x",
            "unexpected ':'",
            9,
            "a tag cannot be empty",
        ),
        ("env/x;a;b", "unexpected ';'", 8, tag),
        ("env/x;a{b:c}", "unexpected '{'", 8, tag),
        ("env/x;{}", "unexpected '}'", 8, property),
        ("env/x;{k}", "unexpected '}'", 9, property),
        ("env/x;{:v}", "unexpected ':'", 8, property),
        ("env/x;{k:}", "unexpected '}'", 10, property),
        ("env/x;{k:v", "unexpected end", 11, property),
        ("env/x;{k:v:w}", "unexpected ':'", 11, property),
        ("env/x;{k*:v}", "unexpected '*'", 9, property),
        ("env/x;{k:v}x", "unexpected 'x'", 12, tag),
        ("proj/a$b", "unexpected '$'", 7, dollar),
        ("proj/$", "unexpected '$'", 6, dollar),
        (
            "proj/${memberId",
            "unexpected end",
            16,
            "a placeholder ends at '}'",
        ),
        ("proj/${memberID}", "unknown placeholder", 6, known),
        ("proj/x${roleAttribute/}", "unknown placeholder", 7, known),
        ("proj/${roleAttribute/a b}", "unknown placeholder", 6, known),
        ("proj/${roleAttribute}", "unknown placeholder", 6, known),
    ];
    for (text, problem, column, rule) in table {
        let error = refusal(vec![
            allow(&["*"], &["*"]),
            allow(&["acct", "*", text], &["*"]),
        ]);
        let shown = text.replace('\t', "\\t").replace('\u{85}', "\\u{85}");
        let expected =
            format!("/1/resources/2: {problem} at character {column} of \"{shown}\": {rule}");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.column(), Some(column));
        assert_eq!(error.pointer(), "/1/resources/2");
    }
}

#[test]
fn statements_are_refused_as_a_whole() {
    let both = Statement {
        not_resources: Some(vec!["acct".to_owned()]),
        ..allow(&["*"], &["*"])
    };
    let both_actions = Statement {
        not_actions: Some(vec!["a".to_owned()]),
        ..allow(&["*"], &["*"])
    };
    let neither = Statement {
        actions: None,
        ..allow(&["*"], &[])
    };
    let empty_not = Statement {
        resources: None,
        not_resources: Some(vec![]),
        ..allow(&["*"], &["*"])
    };
    let table = [
        (
            both,
            "/0: a statement has either resources or notResources, not both",
        ),
        (
            both_actions,
            "/0: a statement has either actions or notActions, not both",
        ),
        (neither, "/0: a statement needs actions or notActions"),
        (allow(&[], &["*"]), "/0/resources: the list cannot be empty"),
        (empty_not, "/0/notResources: the list cannot be empty"),
        (allow(&["*"], &[]), "/0/actions: the list cannot be empty"),
        (
            allow(&[""], &["*"]),
            "/0/resources/0: a specifier cannot be empty",
        ),
        (
            allow(&["*"], &["a", ""]),
            "/0/actions/1: an action cannot be empty",
        ),
        (
            allow(&["*"], &["a b"]),
            "/0/actions/0: unexpected ' ' at character 2 of \"a b\": an action is letters, digits, '_', '.', ':', '-' and '*'",
        ),
    ];
    for (statement, expected) in table {
        assert_eq!(refusal(vec![statement]).to_string(), expected);
    }
}

#[test]
fn resources_are_refused_with_their_place() {
    let star = "a resource is concrete and has no '*'";
    let table = [
        ("", 1, "unexpected end", "a segment is type/name"),
        ("*", 1, "unexpected '*'", star),
        ("proj/*", 6, "unexpected '*'", star),
        ("*/a", 1, "unexpected '*'", star),
        ("env/a;x*", 8, "unexpected '*'", star),
        ("env/a;{k:*}", 10, "unexpected '*'", star),
        (
            "proj/${memberId}",
            6,
            "unexpected '$'",
            "a resource is concrete and has no placeholders",
        ),
        ("/proj/a", 1, "unexpected '/'", "a segment is type/name"),
        ("acct:proj/a", 5, "unexpected ':'", "a segment is type/name"),
        ("proj/é:", 8, "unexpected end", "a segment is type/name"),
        ("proj/é:/x", 8, "unexpected '/'", "a segment is type/name"),
        ("proj/", 6, "unexpected end", "a name cannot be empty"),
        (
            "proj/a\u{7f}",
            7,
            "unexpected '\\u{7f}'",
            "control characters are not allowed",
        ),
        (
            "proj/a\u{9f}",
            7,
            "unexpected '\\u{9f}'",
            "control characters are not allowed",
        ),
        (
            "proj/a,b",
            7,
            "unexpected ','",
            "a segment ends at ':' or the end, its tags follow one ';'",
        ),
        (
            "env/a;b;c",
            8,
            "unexpected ';'",
            "a segment ends at ':' or the end, its tags follow one ';'",
        ),
        ("env/a;", 7, "unexpected end", "a tag cannot be empty"),
        (
            "env/a;{k:v",
            11,
            "unexpected end",
            "a property is {key:value}, several are {key:value,key:value}",
        ),
        (
            "env/a;{k}",
            9,
            "unexpected '}'",
            "a property is {key:value}, several are {key:value,key:value}",
        ),
    ];
    for (text, column, problem, rule) in table {
        let error = Resource::parse(text).unwrap_err();
        let shown = text
            .replace('\u{7f}', "\\u{7f}")
            .replace('\u{9f}', "\\u{9f}");
        assert_eq!(
            error.to_string(),
            format!("{problem} at character {column} of \"{shown}\": {rule}")
        );
        assert_eq!(error.column(), Some(column));
    }
}

#[test]
fn attributes_are_refused_with_their_place() {
    let refusal = |key: &str, values: Vec<String>| {
        RoleAttributes::parse(BTreeMap::from([(key.to_owned(), values)]))
            .unwrap_err()
            .to_string()
    };
    let key_rule = "a key is 1 to 256 of letters, digits, '_', '.' and '-'";
    let value_rule = "a value has no ':', ';', ',', '{', '}', '$' and no control characters";
    assert_eq!(refusal("", vec![]), format!("/: {key_rule}"));
    assert_eq!(
        refusal("a/b", vec![]),
        format!("/a~1b: unexpected '/' at character 2 of \"a/b\": {key_rule}")
    );
    let values = vec!["ok*".to_owned(), "é:".to_owned()];
    assert_eq!(
        refusal("k", values),
        format!("/k/1: unexpected ':' at character 2 of \"é:\": {value_rule}")
    );
    assert_eq!(
        refusal("k", vec![String::new()]),
        "/k/0: a value cannot be empty"
    );
    let long = "more than 256 characters (ATTRIBUTE_CHARS_MAX)";
    assert_eq!(refusal("k", vec!["é".repeat(257)]), format!("/k/0: {long}"));
    assert!(refusal(&"k".repeat(257), vec![]).ends_with(long));
    let many = vec!["v".to_owned(); 101];
    assert_eq!(
        refusal("k", many.clone()),
        "/k: more than 100 values (ATTRIBUTE_VALUES_MAX)"
    );
    let keys = |count: usize| {
        (0..count)
            .map(|key| (key.to_string(), vec!["é".repeat(256)]))
            .collect()
    };
    assert!(RoleAttributes::parse(keys(64)).is_ok());
    let error = RoleAttributes::parse(keys(65)).unwrap_err().to_string();
    assert_eq!(error, "more than 64 attributes (ATTRIBUTES_MAX)");
}
