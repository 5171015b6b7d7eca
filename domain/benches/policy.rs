//! How long a decision takes: on a parsed resource, reading the resource, and both.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]
#![allow(
    clippy::expect_used,
    reason = "a benchmark that cannot start should stop"
)]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use keyledger_domain::policy::{Effect, Env, Policy, Resource, RoleAttributes, Statement};

const ALLOWED: &str = "proj/default:env/qa-1;staging,eu:flag/checkout-redesign";
const DENIED: &str = "proj/default:env/production:flag/checkout-redesign";

fn statement(effect: Effect, resource: &str, action: &str) -> Statement {
    Statement {
        effect,
        resources: Some(vec![resource.to_owned()]),
        not_resources: None,
        actions: Some(vec![action.to_owned()]),
        not_actions: None,
    }
}

fn policy(fourth: &str) -> Policy {
    Policy::parse(vec![
        statement(Effect::Allow, "proj/*:env/*;staging:flag/*", "*"),
        statement(Effect::Deny, "proj/*:env/production:flag/*", "updateOn"),
        statement(Effect::Allow, "member/*:token/*", "createAccessToken"),
        statement(Effect::Allow, fourth, "update*"),
    ])
    .expect("the policy is well-formed")
}

fn policies(c: &mut Criterion) {
    let policy_of_four = policy("proj/*:env/*:flag/ops_*");
    let with_placeholder = policy("proj/${roleAttribute/projects}:env/*:flag/*");
    let attributes = RoleAttributes::parse(BTreeMap::from([(
        "projects".to_owned(),
        vec![
            "mobile".to_owned(),
            "web-*".to_owned(),
            "default".to_owned(),
        ],
    )]))
    .expect("the attributes are well-formed");
    let env = Env {
        member_id: "5f1e0a3c9b7d2e4f6a8c0b1d",
        attributes: &attributes,
    };

    let mut group = c.benchmark_group("policy");
    for (name, text) in [("allow", ALLOWED), ("deny", DENIED)] {
        let resource = Resource::parse(text).expect("the resource is well-formed");
        group.bench_function(format!("decide/{name}"), |b| {
            b.iter(|| policy_of_four.decide(black_box("updateOn"), black_box(&resource), &env));
        });
        group.bench_function(format!("parse_resource/{name}"), |b| {
            b.iter(|| Resource::parse(black_box(text)));
        });
        group.bench_function(format!("parse_and_decide/{name}"), |b| {
            b.iter(|| {
                let resource = Resource::parse(black_box(text)).ok()?;
                Some(policy_of_four.decide(black_box("updateOn"), &resource, &env))
            });
        });
    }
    let resource = Resource::parse("proj/default:env/qa-1:flag/f").expect("well-formed");
    group.bench_function("decide/placeholder", |b| {
        b.iter(|| with_placeholder.decide(black_box("updateOn"), black_box(&resource), &env));
    });
    group.finish();
}

criterion_group!(benches, policies);
criterion_main!(benches);
