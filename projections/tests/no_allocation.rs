//! A decision allocates nothing, whatever kind of token asks and whatever the answer is.
//!
//! A binary of its own, because counting takes a global allocator.
#![cfg(test)]

#[path = "projections/world.rs"]
mod world;

use keyledger_domain::command::{
    AssignRoles, Command, CreateRole, CreateToken, ResetToken, ScopeChoice,
};
use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::Resource;
use keyledger_domain::scope::{RoleBinding, TokenKind};
use keyledger_projections::{AuthFailure, DecideFailure, Named};
use world::World;

const POLICY: &str = r#"[
    {"effect":"allow","resources":["proj/${roleAttribute/project}:env/*"],"actions":["update*"]},
    {"effect":"allow","resources":["member/${memberId}:token/*"],"actions":["*"]},
    {"effect":"deny","notResources":["proj/*","member/*"],"notActions":["view*"]}
]"#;

/// Tokens of every kind and scope, one of them in the grace of a reset.
fn world() -> World {
    let mut world = World::new();
    let owner = world.owner();
    let policy: Vec<_> = serde_json::from_str(POLICY).unwrap();
    let id = world.role_id();
    let role = Command::CreateRole(CreateRole {
        id,
        key: "role".to_owned(),
        name: "Role".to_owned(),
        description: String::new(),
        policy: policy.clone(),
        base_permissions: Some("reader".to_owned()),
        resource_category: None,
    });
    world.give(&owner, &role).unwrap();
    let member = world.invite("writer");
    let assign = Command::AssignRoles(AssignRoles {
        id: member,
        custom_roles: vec!["role".to_owned()],
    });
    let writer = world.session(member);
    world.token(&writer, TokenKind::Personal, "writer", None);
    world.token(&writer, TokenKind::Service, "reader", None);
    let expiry = world.now_ms + 1;
    world.token(&writer, TokenKind::Personal, "reader", Some(expiry));
    world.now_ms += 2;
    world.give(&owner, &assign).unwrap();
    for (kind, custom, binding) in [
        (TokenKind::Personal, true, None),
        (TokenKind::Service, true, Some(RoleBinding::Live)),
        (TokenKind::Service, false, None),
        (TokenKind::Personal, false, None),
    ] {
        let id = world.token_id();
        let command = Command::CreateToken(CreateToken {
            id,
            secret: world.secret(id),
            name: String::new(),
            description: String::new(),
            kind,
            scope: ScopeChoice {
                role: None,
                custom_roles: custom.then(|| vec!["role".to_owned()]),
                inline: (!custom).then(|| policy.clone()),
            },
            role_binding: binding,
            expiry_ms: None,
            default_api_version: None,
        });
        world.give(&owner, &command).unwrap();
        let reset = Command::ResetToken(ResetToken {
            id,
            secret: world.secret(id),
            expiry_ms: Some(world.now_ms + 60_000),
        });
        world.give(&owner, &reset).unwrap();
    }
    world
}

#[test]
fn a_decision_allocates_nothing() {
    let world = world();
    let live = world.live();
    let mut allowed = 0;
    for (token, secret, _) in &world.secrets {
        for (action, text) in [
            ("viewProject", "proj/a"),
            ("updateOn", "proj/a:env/b:flag/c;tag,{key:value}"),
            ("updateAccountOwner", "acct"),
            ("not an action", "proj/a"),
        ] {
            let mut ask = || {
                let resource = Resource::parse(text).unwrap();
                let by_secret = live.decide(secret, action, &resource, world.now_ms);
                let id = *token;
                let by_id = live.decide_by_id(world.account, id, action, &resource, world.now_ms);
                allowed += usize::from(by_secret.is_ok());
                assert_eq!(by_secret.map(drop), by_id);
                let judged = live.judge(secret, (action, &resource), world.now_ms);
                assert_eq!(judged.outcome, by_id);
                assert_eq!(judged.holder.map(|holder| holder.token), Some(id));
                assert_eq!(judged.position, live.position());
            };
            // The first question of a process compiles the built-in roles and picks the code for
            // SHA-256 that the processor runs fastest.
            ask();
            let counted = allocation_counter::measure(ask);
            assert_eq!(counted.count_total, 0, "{token}: {action} on {text}");
        }
    }
    let junk = allocation_counter::measure(|| {
        let resource = Resource::parse("proj/a").unwrap();
        assert!(live.decide("junk", "viewProject", &resource, 0).is_err());
        let judged = live.judge("junk", ("viewProject", &resource), 0);
        assert!(judged.outcome.is_err() && judged.holder.is_none());
    });
    assert_eq!(junk.count_total, 0);
    assert!(allowed > 0);
}

#[test]
fn questions_that_are_answered_at_once_are_answered_as_one_by_one() {
    let world = world();
    let live = world.live();
    let resource = Resource::parse("proj/a:env/b:flag/c").unwrap();
    let mut statuses = 0;
    for (token, secret, _) in &world.secrets {
        let by_secret = live.named(secret);
        let by_id = Named::Id(world.account, *token);
        let one = live.judge(secret, ("updateOn", &resource), world.now_ms);
        live.at_once(world.now_ms, |moment| {
            let counted = allocation_counter::measure(|| {
                assert_eq!(moment.judge(&by_secret, ("updateOn", &resource)), one);
                assert_eq!(moment.judge(&by_id, ("updateOn", &resource)), one);
            });
            assert_eq!(counted.count_total, 0, "{token}");
            let status = moment.status(&by_secret);
            let works = !matches!(one.outcome, Err(DecideFailure::Auth(_)));
            assert_eq!(status.outcome.is_ok(), works);
            statuses += usize::from(works);
            let elsewhere = Named::Id(AccountId::from_bytes([9; 12]), *token);
            let unknown = Err(DecideFailure::Auth(AuthFailure::Unknown));
            assert_eq!(moment.status(&elsewhere).outcome, unknown);
            let malformed = Err(DecideFailure::Auth(AuthFailure::Malformed));
            assert_eq!(moment.status(&live.named("junk")).outcome, malformed);
        });
    }
    assert!(statuses > 0);
}
