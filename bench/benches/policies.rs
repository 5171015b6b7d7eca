//! One question to four policy engines, each with the same policy of four statements, in one run.
//!
//! The question: may a token of this member turn flag `checkout-redesign` of project `default` on in `production`?
//! 1. allow anything on flags of environments that are tagged `staging`
//! 2. forbid `updateOn` on flags in `production`
//! 3. allow `createAccessToken` on members' tokens
//! 4. allow `update*` on flags whose name begins with `ops_`
//!
//! Each engine is given its policy parsed and its question as its users have it at hand: Keyledger a text, Cedar entities,
//! Casbin texts, Rego a value. `decide` is that decision alone, with the question built outside where an engine lets one
//! build it; `question and decision` builds it too.

use std::hint::black_box;

use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use criterion::{Criterion, criterion_group, criterion_main};
use keyledger_domain::policy::{Effect, Env, Policy, Resource, RoleAttributes, Statement, Verdict};
use regorus::{Engine, Value};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ALLOWED: &str = "proj/default:env/qa-1;staging:flag/checkout-redesign";
const DENIED: &str = "proj/default:env/production:flag/checkout-redesign";
const ACTION: &str = "updateOn";

fn statement(effect: Effect, action: &str, resource: &str) -> Statement {
    Statement {
        effect,
        resources: Some(vec![resource.to_owned()]),
        not_resources: None,
        actions: Some(vec![action.to_owned()]),
        not_actions: None,
    }
}

fn keyledger(c: &mut Criterion) {
    let policy = Policy::parse(vec![
        statement(Effect::Allow, "*", "proj/*:env/*;staging:flag/*"),
        statement(Effect::Deny, "updateOn", "proj/*:env/production:flag/*"),
        statement(Effect::Allow, "createAccessToken", "member/*:token/*"),
        statement(Effect::Allow, "update*", "proj/*:env/*:flag/ops_*"),
    ])
    .unwrap();
    let env = Env {
        member_id: "5f1e0a3c9b7d2e4f6a8c0b1d",
        attributes: RoleAttributes::empty(),
    };
    let mut group = c.benchmark_group("keyledger");
    for (name, text, allowed) in [("allow", ALLOWED, true), ("deny", DENIED, false)] {
        let resource = Resource::parse(text).unwrap();
        let decide = |resource: &Resource<'_>| policy.decide(black_box(ACTION), resource, &env);
        assert_eq!(matches!(decide(&resource), Verdict::Allow(_)), allowed);
        group.bench_function(format!("decide/{name}"), |b| {
            b.iter(|| black_box(decide(black_box(&resource))));
        });
        group.bench_function(format!("question and decision/{name}"), |b| {
            b.iter(|| {
                let resource = Resource::parse(black_box(text)).unwrap();
                black_box(decide(&resource))
            });
        });
    }
}

fn cedar(c: &mut Criterion) {
    let policies: PolicySet = r#"
        permit(principal, action, resource is Flag) when { resource.tags.contains("staging") };
        forbid(principal, action == Action::"updateOn", resource is Flag) when { resource.env == "production" };
        permit(principal, action == Action::"createAccessToken", resource is Token);
        permit(principal, action in Action::"update", resource is Flag) when { resource.name like "ops_*" };
    "#
    .parse()
    .unwrap();
    let entities = |tags: &str, env: &str| {
        let json = format!(
            r#"[{{"uid": {{"type": "User", "id": "ada"}}, "attrs": {{}}, "parents": []}},
                {{"uid": {{"type": "Action", "id": "updateOn"}}, "attrs": {{}},
                  "parents": [{{"type": "Action", "id": "update"}}]}},
                {{"uid": {{"type": "Flag", "id": "checkout-redesign"}},
                  "attrs": {{"tags": [{tags}], "env": "{env}", "name": "checkout-redesign"}}, "parents": []}}]"#
        );
        Entities::from_json_str(&json, None).unwrap()
    };
    let uid = |text: &str| text.parse::<EntityUid>().unwrap();
    let (user, action) = (uid(r#"User::"ada""#), uid(r#"Action::"updateOn""#));
    let flag = uid(r#"Flag::"checkout-redesign""#);
    let authorizer = Authorizer::new();
    let mut group = c.benchmark_group("cedar-policy");
    for (name, tags, env, expected) in [
        ("allow", r#""staging""#, "qa-1", Decision::Allow),
        ("deny", "", "production", Decision::Deny),
    ] {
        let entities = entities(tags, env);
        let request = || {
            let (user, action, flag) = (user.clone(), action.clone(), flag.clone());
            Request::new(user, action, flag, Context::empty(), None).unwrap()
        };
        let asked = request();
        let decide = |request: &Request| authorizer.is_authorized(request, &policies, &entities);
        assert_eq!(decide(&asked).decision(), expected);
        group.bench_function(format!("decide/{name}"), |b| {
            b.iter(|| black_box(decide(black_box(&asked))));
        });
        group.bench_function(format!("question and decision/{name}"), |b| {
            b.iter(|| black_box(decide(&request())));
        });
    }
}

fn casbin(c: &mut Criterion) {
    let model = r#"
        [request_definition]
        r = act, env, tags, flag
        [policy_definition]
        p = eft, act, env, tags, flag
        [policy_effect]
        e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
        [matchers]
        m = keyMatch(r.act, p.act) && keyMatch(r.env, p.env) && keyMatch(r.tags, p.tags) && keyMatch(r.flag, p.flag)
    "#;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut group = c.benchmark_group("casbin");
    let mut enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(model).await.unwrap();
        Enforcer::new(model, MemoryAdapter::default())
            .await
            .unwrap()
    });
    let rules = [
        ["allow", "*", "*", "staging", "*"],
        ["deny", "updateOn", "production", "*", "*"],
        ["allow", "createAccessToken", "none", "none", "none"],
        ["allow", "update*", "*", "*", "ops_*"],
    ];
    for rule in rules {
        use casbin::MgmtApi as _;
        let rule = rule.iter().map(|text| (*text).to_owned()).collect();
        assert!(runtime.block_on(enforcer.add_policy(rule)).unwrap());
    }
    for (name, question, allowed) in [
        (
            "allow",
            (ACTION, "qa-1", "staging", "checkout-redesign"),
            true,
        ),
        (
            "deny",
            (ACTION, "production", "none", "checkout-redesign"),
            false,
        ),
    ] {
        assert_eq!(enforcer.enforce(question).unwrap(), allowed);
        group.bench_function(format!("question and decision/{name}"), |b| {
            b.iter(|| black_box(enforcer.enforce(black_box(question)).unwrap()));
        });
    }
}

fn rego(c: &mut Criterion) {
    let mut engine = Engine::new();
    let policy = r#"
        package keyledger
        import rego.v1
        default allow := false
        allow if { permitted; not forbidden }
        permitted if { input.kind == "flag"; "staging" in input.tags }
        permitted if { input.kind == "token"; input.action == "createAccessToken" }
        permitted if { input.kind == "flag"; startswith(input.action, "update"); startswith(input.name, "ops_") }
        forbidden if { input.kind == "flag"; input.action == "updateOn"; input.env == "production" }
    "#;
    engine
        .add_policy("keyledger.rego".to_owned(), policy.to_owned())
        .unwrap();
    let mut group = c.benchmark_group("regorus");
    for (name, tags, env, allowed) in [
        ("allow", r#"["staging"]"#, "qa-1", true),
        ("deny", "[]", "production", false),
    ] {
        let text = format!(
            r#"{{"action": "updateOn", "kind": "flag", "env": "{env}", "tags": {tags}, "name": "checkout-redesign"}}"#
        );
        let input = Value::from_json_str(&text).unwrap();
        let mut decide = |input: Value| {
            engine.set_input(input);
            engine.eval_rule("data.keyledger.allow".to_owned()).unwrap()
        };
        assert_eq!(decide(input.clone()), Value::from(allowed));
        group.bench_function(format!("decide/{name}"), |b| {
            b.iter(|| black_box(decide(black_box(input.clone()))));
        });
    }
}

criterion_group!(benches, keyledger, cedar, casbin, rego);
criterion_main!(benches);
