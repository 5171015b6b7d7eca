//! Freezing a policy, and reading back what was stored.
#![cfg(test)]

use keyledger_domain::policy::{
    Effect, Env, FROZEN_SPECIFIERS_MAX, Policy, RoleAttributes, Statement,
};
use serde_json::json;

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

#[test]
fn freezing_substitutes_and_drops() {
    let original: Policy = serde_json::from_value(json!([
        {"effect": "allow", "resources": ["proj/${roleAttribute/p}:env/${roleAttribute/e}", "acct"], "actions": ["*"]},
        {"effect": "allow", "resources": ["proj/${roleAttribute/none}"], "actions": ["*"]},
        {"effect": "deny", "notResources": ["proj/${roleAttribute/none}"], "actions": ["erase"]},
        {"effect": "allow", "resources": ["member/${memberId}:token/*"], "actions": ["*"]},
    ]))
    .unwrap();
    assert!(original.has_placeholders());
    let attributes = serde_json::from_value(json!({"p": ["a", "b*"], "e": ["x", "y"]})).unwrap();
    let attributes = RoleAttributes::parse(attributes).unwrap();
    let frozen = original
        .freeze(&Env {
            member_id: "ab12",
            attributes: &attributes,
        })
        .unwrap();
    let expected = json!([
        {
            "effect": "allow",
            "resources": ["proj/a:env/x", "proj/a:env/y", "proj/b*:env/x", "proj/b*:env/y", "acct"],
            "actions": ["*"],
        },
        {"effect": "deny", "resources": ["*"], "actions": ["erase"]},
        {"effect": "allow", "resources": ["member/ab12:token/*"], "actions": ["*"]},
    ]);
    assert_eq!(serde_json::to_value(&frozen).unwrap(), expected);
    assert!(!frozen.has_placeholders());
    assert_eq!(frozen.freeze(&Env::default()).unwrap(), frozen);
}

#[test]
fn the_encodings_are_the_vendors() {
    let text = r#"[{"effect":"deny","notResources":["acct"],"notActions":["a"]}]"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&policy).unwrap(), text);
    let bytes = rmp_serde::to_vec_named(&policy).unwrap();
    assert_eq!(rmp_serde::from_slice::<Policy>(&bytes).unwrap(), policy);
    let refused = serde_json::from_str::<Policy>(r#"[{"effect":"allow","actions":["a"]}]"#);
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.starts_with("/0: a statement needs resources or notResources"),
        "{refused}"
    );
    let attributes: RoleAttributes = serde_json::from_str(r#"{"k":["v"]}"#).unwrap();
    assert_eq!(attributes.get("k"), ["v"]);
    assert!(attributes.get("l").is_empty() && !attributes.is_empty());
    assert_eq!(
        serde_json::to_string(&attributes).unwrap(),
        r#"{"k":["v"]}"#
    );
}

#[test]
fn freezing_is_bounded_and_its_result_can_be_stored() {
    let values: Vec<String> = (0..32).map(|value| format!("v{value}")).collect();
    let attributes: RoleAttributes =
        serde_json::from_value(json!({"x": values, "y": values})).unwrap();
    let env = Env {
        member_id: "",
        attributes: &attributes,
    };
    let squared = "a/${roleAttribute/x}:b/${roleAttribute/y}";
    let frozen = Policy::parse(vec![allow(&[squared], &["*"])])
        .unwrap()
        .freeze(&env)
        .unwrap();
    let texts = frozen.statements()[0].resources.as_ref().unwrap();
    assert_eq!(texts.len(), FROZEN_SPECIFIERS_MAX);
    assert!(Policy::parse(frozen.statements().to_vec()).is_err());
    let bytes = rmp_serde::to_vec_named(&frozen).unwrap();
    assert_eq!(rmp_serde::from_slice::<Policy>(&bytes).unwrap(), frozen);

    let more = vec![
        allow(&[squared], &["*"]),
        allow(&["acct", "a/${roleAttribute/x}"], &["*"]),
    ];
    let error = Policy::parse(more)
        .unwrap()
        .freeze(&env)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "/1/resources/1: more than 1024 specifiers made of placeholders (FROZEN_SPECIFIERS_MAX)"
    );
    // A hundred million combinations are counted, not built; one placeholder without values ends it all.
    let hundred: RoleAttributes = serde_json::from_value(json!({"x": vec!["v"; 100]})).unwrap();
    let env = Env {
        member_id: "",
        attributes: &hundred,
    };
    let x = "${roleAttribute/x}";
    let policy = Policy::parse(vec![allow(&[&format!("a/{x}{x}{x}{x}")], &["*"])]).unwrap();
    assert!(
        policy
            .freeze(&env)
            .unwrap_err()
            .to_string()
            .ends_with("(FROZEN_SPECIFIERS_MAX)")
    );
    let policy =
        Policy::parse(vec![allow(&[&format!("a/{x}{x}{x}${{memberId}}")], &["*"])]).unwrap();
    assert!(policy.freeze(&env).unwrap().is_empty());

    let long: RoleAttributes =
        serde_json::from_value(json!({"x": vec!["é".repeat(256); 100]})).unwrap();
    let env = Env {
        member_id: "",
        attributes: &long,
    };
    let longest = format!("a/{x}:b/{}", "n".repeat(255));
    let policy = Policy::parse(vec![allow(&[longest.as_str(); 10], &["*"])]).unwrap();
    let frozen = policy.freeze(&env).unwrap();
    let again: Policy = serde_json::from_str(&serde_json::to_string(&frozen).unwrap()).unwrap();
    assert_eq!(again, frozen);
}
