//! Containment against brute force: on a small universe every question is asked, and the answer must be the same.
#![cfg(test)]

use std::sync::Arc;

use keyledger_domain::containment::{Surplus, SurplusError, surplus};
use keyledger_domain::ids::MemberId;
use keyledger_domain::permission::{Layer, LayerKind, Permission};
use keyledger_domain::policy::{
    Effect, Env, Policy, Resource, RoleAttributes, Statement, reference,
};
use keyledger_domain::role::BuiltIn;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn permission(layers: Vec<Vec<Vec<Statement>>>) -> Permission {
    let layer = |policies: Vec<Vec<Statement>>| Layer {
        kind: LayerKind::Scope,
        policies: policies
            .into_iter()
            .map(|statements| Arc::new(Policy::parse(statements).expect("a policy")))
            .collect(),
    };
    let layers = layers.into_iter().map(layer).collect();
    Permission::new(
        layers,
        MemberId::from_bytes([7; 12]),
        RoleAttributes::default(),
    )
}

fn of(text: &str) -> Permission {
    permission(vec![vec![serde_json::from_str(text).expect("statements")]])
}

/// What the plain model of the language says.
fn model(permission: &Permission, action: &str, resource: &str) -> bool {
    permission.layers.iter().all(|layer| {
        layer.policies.iter().any(|policy| {
            let env = Env::default();
            reference::decide(policy.statements(), action, resource, &env).is_allow()
        })
    })
}

/// Every question of the small universe.
fn questions() -> (Vec<String>, Vec<String>) {
    let words: Vec<String> = ["a", "b", "aa", "ab", "ba", "bb", "c", "aba"]
        .map(str::to_owned)
        .into();
    let mut segments = Vec::new();
    for kind in ["p", "q", "r"] {
        for name in ["a", "b", "ab", "ba", "c", "bab"] {
            for tags in ["", ";a", ";b", ";a,b", ";ab", ";{k:a}", ";a,{k:b}"] {
                segments.push(format!("{kind}/{name}{tags}"));
            }
        }
    }
    let mut resources = vec!["acct".to_owned()];
    resources.extend(segments.clone());
    for first in segments.iter().step_by(3) {
        for second in segments.iter().step_by(5) {
            resources.push(format!("{first}:{second}"));
        }
    }
    (words, resources)
}

fn pattern() -> impl Strategy<Value = &'static str> {
    select(&["*", "a", "b", "a*", "*b", "*a*", "ab", "c"][..])
}

fn segment() -> impl Strategy<Value = String> {
    let kind = select(&["p", "q", "*"][..]);
    let tags = select(
        &[
            "", "", "", ";a", ";b*", ";a,b", ";{k:a}", ";{k:*}", ";a,{k:b}", ";*",
        ][..],
    );
    (kind, pattern(), tags).prop_map(|(kind, name, tags)| format!("{kind}/{name}{tags}"))
}

fn specifier() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("*".to_owned()),
        1 => Just("acct".to_owned()),
        6 => segment(),
        4 => (segment(), segment()).prop_map(|(one, other)| format!("{one}:{other}")),
    ]
}

fn statement() -> impl Strategy<Value = Statement> {
    let actions = vec(pattern().prop_map(str::to_owned), 1..3);
    let resources = vec(specifier(), 1..3);
    (any::<[bool; 3]>(), actions, resources).prop_map(
        |([deny, not_a, not_r], actions, resources)| {
            let (resources, not_resources) = if not_r {
                (None, Some(resources))
            } else {
                (Some(resources), None)
            };
            let (actions, not_actions) = if not_a {
                (None, Some(actions))
            } else {
                (Some(actions), None)
            };
            Statement {
                effect: if deny { Effect::Deny } else { Effect::Allow },
                resources,
                not_resources,
                actions,
                not_actions,
            }
        },
    )
}

fn any_permission() -> impl Strategy<Value = Permission> {
    vec(vec(vec(statement(), 1..4), 1..3), 1..3).prop_map(permission)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn containment_is_what_asking_everything_says(inner in any_permission(), outer in any_permission()) {
        let found = surplus(&inner, &outer).expect("small enough");
        if let Some(Surplus { action, resource }) = &found {
            prop_assert!(Resource::parse(resource).is_ok(), "{resource}");
            prop_assert!(model(&inner, action, resource), "inner denies {action} on {resource}");
            prop_assert!(!model(&outer, action, resource), "outer allows {action} on {resource}");
        } else {
            let (actions, resources) = questions();
            for action in &actions {
                for text in &resources {
                    let resource = Resource::parse(text).expect("a resource");
                    let more = inner.allows(action, &resource) && !outer.allows(action, &resource);
                    prop_assert!(!more, "missed {action} on {text}");
                }
            }
        }
    }

    #[test]
    fn everything_is_contained_in_itself(one in any_permission()) {
        prop_assert_eq!(surplus(&one, &one), Ok(None));
    }
}

/// A generator whose permissions never contain one another would prove half of it.
#[test]
fn the_random_permissions_are_contained_and_not_contained_often_enough() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut contained, mut not) = (0, 0);
    for _ in 0..300 {
        let pair = (any_permission(), any_permission());
        let (inner, outer) = pair.new_tree(&mut runner).expect("a pair").current();
        match surplus(&inner, &outer) {
            Ok(None) => contained += 1,
            Ok(Some(_)) => not += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(contained >= 60 && not >= 60, "{contained} {not}");
}

#[test]
fn built_in_roles_contain_the_lower_ones_and_not_the_higher_ones() {
    let role = |role: BuiltIn| permission(vec![vec![role.scope_policy().statements().to_vec()]]);
    for inner in BuiltIn::ALL {
        for outer in BuiltIn::ALL {
            let found = surplus(&role(inner), &role(outer)).expect("small");
            assert_eq!(
                found.is_none(),
                inner <= outer,
                "{inner} in {outer}: {found:?}"
            );
        }
    }
    // The example is one that people know.
    let found = surplus(&role(BuiltIn::Owner), &role(BuiltIn::Admin)).expect("small");
    let expected = Surplus {
        action: "updateAccountOwner".to_owned(),
        resource: "acct".to_owned(),
    };
    assert_eq!(found, Some(expected));
}

#[test]
fn the_example_has_the_tags_and_properties_that_matter() {
    let inner = of(
        r#"[{"effect":"allow","actions":["updateOn"],"resources":["proj/*:env/*;qa,{critical:true}:flag/*"]}]"#,
    );
    let outer = of(
        r#"[{"effect":"allow","actions":["update*"],"resources":["proj/*:env/*:flag/*"]},
        {"effect":"deny","actions":["*"],"resources":["proj/*:env/*;{critical:true}:flag/*"]}]"#,
    );
    let found = surplus(&inner, &outer).expect("small").expect("a surplus");
    assert_eq!(found.action, "updateOn");
    assert_eq!(found.resource, "proj/x:env/x;qa,{critical:true}:flag/x");
    assert_eq!(surplus(&outer, &outer), Ok(None));
}

#[test]
fn placeholders_are_what_they_stand_for() {
    let text = r#"[{"effect":"allow","actions":["*"],"resources":["member/${memberId}:token/*"]}]"#;
    let own = of(text);
    let all = of(r#"[{"effect":"allow","actions":["*"],"resources":["member/*:token/*"]}]"#);
    assert_eq!(surplus(&own, &all), Ok(None));
    assert!(surplus(&all, &own).expect("small").is_some());
    let mut other = of(text);
    other.member_id = MemberId::from_bytes([8; 12]).to_string();
    assert!(surplus(&own, &other).expect("small").is_some());
}

#[test]
fn a_hostile_policy_is_refused() {
    let stars: Vec<String> = ('a'..='z').map(|c| format!("proj/*{c}*")).collect();
    let many = |effect: Effect, resources: Vec<String>| Statement {
        effect,
        resources: Some(resources),
        not_resources: None,
        actions: Some(vec!["*".to_owned()]),
        not_actions: None,
    };
    let hostile = permission(vec![vec![
        stars
            .iter()
            .map(|one| many(Effect::Allow, vec![one.clone()]))
            .collect(),
    ]]);
    // It ends by the bound of states, however long the policy.
    assert_eq!(
        surplus(&hostile, &of("[]")).map(|_| ()),
        Err(SurplusError::TooComplex)
    );
}

#[test]
fn a_large_ordinary_policy_is_settled() {
    // Two hundred projects by name, a tag on each environment: what people write.
    let resources: Vec<String> = (0..200)
        .map(|n| format!("proj/customer-{n}:env/production;team-{}:flag/*", n % 7))
        .collect();
    let wide = permission(vec![vec![vec![Statement {
        effect: Effect::Allow,
        resources: Some(resources.clone()),
        not_resources: None,
        actions: Some(vec!["update*".to_owned(), "create*".to_owned()]),
        not_actions: None,
    }]]]);
    let narrow = permission(vec![vec![vec![Statement {
        effect: Effect::Allow,
        resources: Some(resources[1..].to_vec()),
        not_resources: None,
        actions: Some(vec!["*".to_owned()]),
        not_actions: None,
    }]]]);
    assert_eq!(surplus(&narrow, &narrow), Ok(None));
    let found = surplus(&wide, &narrow)
        .expect("settled")
        .expect("one is left out");
    assert_eq!(
        found.resource,
        "proj/customer-0:env/production;team-0:flag/x"
    );
}
