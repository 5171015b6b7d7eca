//! The evaluator that serves decisions against the reference model, on random input.
#![cfg(test)]

use std::collections::BTreeMap;

use keyledger_domain::policy::{
    Effect, Env, Policy, Resource, RoleAttributes, Statement, Verdict, reference,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const NAME: &[&str] = &["a", "b", "/", "é", "$5"];
const GLOB: &[&str] = &[
    "a",
    "b",
    "é",
    "/",
    "*",
    "*",
    "a",
    "b",
    "*",
    "${roleAttribute/x}",
    "${roleAttribute/y}",
    "${memberId}",
];
const ACTIONS: [&str; 6] = ["a", "ab", "bab", "c", "", "a*"];

/// Texts made of a few parts, so that patterns and resources meet often.
fn text(parts: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(parts), 1..=most).prop_map(|parts| parts.concat())
}

fn segment(
    kinds: &'static [&'static str],
    name: BoxedStrategy<String>,
) -> impl Strategy<Value = String> {
    let property = (select(&["k", "l"][..]), name.clone());
    let property = property.prop_map(|(key, value)| format!("{key}:{value}"));
    let selector = prop_oneof![
        2 => name.clone(),
        1 => vec(property, 1..3).prop_map(|properties| format!("{{{}}}", properties.join(","))),
    ];
    (select(kinds), name, vec(selector, 0..3)).prop_map(|(kind, name, selectors)| {
        let mark = if selectors.is_empty() { "" } else { ";" };
        format!("{kind}/{name}{mark}{}", selectors.join(","))
    })
}

fn resource() -> impl Strategy<Value = String> {
    let segments = vec(segment(&["t", "u"], text(NAME, 4).boxed()), 1..3);
    prop_oneof![1 => Just("acct".to_owned()), 9 => segments.prop_map(|segments| segments.join(":"))]
}

fn specifier() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("*".to_owned()), text(GLOB, 5)].boxed();
    let segments = vec(segment(&["t", "u", "*", "/t"], name), 1..3);
    prop_oneof![
        1 => Just("acct".to_owned()),
        1 => Just("*".to_owned()),
        12 => segments.prop_map(|segments| segments.join(":")),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let action = text(&["a", "b", "*"], 4);
    let statement = (
        any::<[bool; 3]>(),
        vec(specifier(), 1..4),
        vec(action, 1..3),
    );
    vec(statement, 0..4).prop_filter_map("too many placeholders", |statements| {
        let statements = statements.into_iter().map(
            |([allow, resources_in, actions_in], resources, actions)| Statement {
                effect: if allow { Effect::Allow } else { Effect::Deny },
                resources: resources_in.then(|| resources.clone()),
                not_resources: (!resources_in).then_some(resources),
                actions: actions_in.then(|| actions.clone()),
                not_actions: (!actions_in).then_some(actions),
            },
        );
        Policy::parse(statements.collect()).ok()
    })
}

/// Some of it as only storage could hold it: unusable values must count for nothing.
fn attributes() -> impl Strategy<Value = RoleAttributes> {
    let value = prop_oneof![
        6 => text(&["a", "b", "é", "*"], 3),
        1 => select(&["", "a:b", "a;b", "${memberId}", "a,b", "{", "\n"][..]).prop_map(str::to_owned),
    ];
    (vec(value.clone(), 0..4), vec(value, 0..3))
        .prop_map(|(x, y)| serde_json::from_value(serde_json::json!({"x": x, "y": y})).unwrap())
}

/// A resource that is likely to match: a specifier with its holes filled.
fn fill(specifier: &str, fillings: &[String], attributes: &RoleAttributes) -> String {
    let mut filling = fillings.iter().cycle();
    let mut filled = specifier.replace(":/", ":").replace(":*/", ":u/");
    filled = filled.strip_prefix('/').unwrap_or(&filled).to_owned();
    if let Some(rest) = filled.strip_prefix("*/") {
        filled = format!("t/{rest}");
    }
    let x = attributes.get("x").first();
    let y = attributes.get("y").last();
    for (hole, value) in [
        ("${roleAttribute/x}", x),
        ("${roleAttribute/y}", y),
        ("${memberId}", None),
        ("*", None),
    ] {
        while filled.contains(hole) {
            let value = value.or(filling.next()).unwrap().replace('*', "b");
            filled = filled.replacen(hole, &value, 1);
        }
    }
    filled
}

/// Resources to ask `policy` about: one unrelated, and one for each specifier.
fn resources(
    policy: &Policy,
    other: String,
    fillings: &[String],
    attributes: &RoleAttributes,
) -> Vec<String> {
    let lists = policy
        .statements()
        .iter()
        .flat_map(|s| [&s.resources, &s.not_resources]);
    let filled = lists
        .flatten()
        .flatten()
        .map(|specifier| fill(specifier, fillings, attributes));
    filled
        .chain([other])
        .filter(|text| Resource::parse(text).is_ok())
        .collect()
}

fn kind(verdict: Verdict) -> std::mem::Discriminant<Verdict> {
    std::mem::discriminant(&verdict)
}

fn allow(resource: &str) -> Statement {
    Statement {
        effect: Effect::Allow,
        resources: Some(vec![resource.to_owned(), "*/*".to_owned()]),
        not_resources: None,
        actions: Some(vec!["*".to_owned()]),
        not_actions: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn decisions_equal_the_reference(
        policy in policy(),
        other in resource(),
        fillings in vec(text(&["a", "b"], 3), 1..4),
        attributes in attributes(),
        member_id in select(&["", "a", "ab", "a*"][..]),
    ) {
        let env = Env { member_id, attributes: &attributes };
        let frozen = policy.freeze(&env).unwrap();
        prop_assert!(!frozen.has_placeholders());
        for text in resources(&policy, other, &fillings, &attributes) {
            let resource = Resource::parse(&text).unwrap();
            for action in ACTIONS {
                let found = policy.decide(action, &resource, &env);
                let expected = reference::decide(policy.statements(), action, &text, &env);
                prop_assert_eq!(found, expected, "{} on {}", action, text);
                let later = frozen.decide(action, &resource, &Env::default());
                prop_assert_eq!(kind(later), kind(found), "frozen: {} on {}", action, text);
            }
        }
        let json = serde_json::to_string(&frozen).unwrap();
        prop_assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), frozen);
    }

    #[test]
    fn globs_of_many_stars_equal_the_reference(
        pattern in text(&["a", "b", "*", "*"], 12),
        name in text(&["a", "b"], 14),
    ) {
        let statement = Statement { resources: Some(vec![format!("t/{pattern}")]), ..allow("*") };
        let policy = Policy::parse(vec![statement]).unwrap();
        let text = format!("t/{name}");
        let found = policy.decide("a", &Resource::parse(&text).unwrap(), &Env::default());
        prop_assert_eq!(found, reference::decide(policy.statements(), "a", &text, &Env::default()));
    }

    #[test]
    fn policies_survive_their_encodings(policy in policy()) {
        prop_assert_eq!(&Policy::parse(policy.statements().to_vec()).unwrap(), &policy);
        let json = serde_json::to_string(&policy).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Policy>(&json).unwrap(), &policy);
        let bytes = rmp_serde::to_vec_named(&policy).unwrap();
        prop_assert_eq!(&rmp_serde::from_slice::<Policy>(&bytes).unwrap(), &policy);
    }

    #[test]
    fn arbitrary_texts_do_no_harm(
        free in any::<String>(),
        alike in "[a*/:;,{}$ \u{80}é]{0,24}",
        action in any::<String>(),
    ) {
        let texts = BTreeMap::from([(free.clone(), vec![alike.clone()])]);
        let _ = RoleAttributes::parse(texts);
        let _ = Policy::parse(vec![Statement { actions: Some(vec![action.clone()]), ..allow("*") }]);
        for text in [&free, &alike] {
            let statements = vec![allow(text)];
            let resource = Resource::parse(text);
            match (Policy::parse(statements.clone()), &resource) {
                (Ok(policy), Ok(resource)) => {
                    let found = policy.decide(&action, resource, &Env::default());
                    let expected = reference::decide(&statements, &action, text, &Env::default());
                    prop_assert_eq!(found, expected);
                }
                (Ok(_), Err(error)) => prop_assert!(text.contains(['*', '$']) || text.contains('/'), "{}", error),
                // What may be asked about may be named in a policy, but for a lone `$`.
                (Err(error), Ok(_)) => prop_assert!(text.contains('$'), "{}", error),
                (Err(error), Err(_)) => prop_assert_eq!(error.pointer(), "/0/resources/0"),
            }
        }
    }
}
