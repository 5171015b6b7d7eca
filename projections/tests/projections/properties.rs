//! Whatever happens, four ways to compute a decision agree, and the promises about tokens hold.

use std::collections::HashMap;

use keyledger_domain::event::Event;
use keyledger_domain::ids::TokenId;
use keyledger_domain::permission::LayerKind;
use keyledger_domain::policy::{Env, Resource, RoleAttributes, Statement, reference};
use keyledger_domain::scope::{RoleBinding, TokenKind};
use keyledger_domain::state::{State, Token, TokenStatus};
use keyledger_projections::{
    AuthFailure, DecideFailure, EffectiveRow, Live, Tables, catch_up_tables,
};
use proptest::prelude::*;

use super::harness::{PROBES, Step};
use super::memory_log::MemoryLog;
use super::world::{World, empty_live};

/// What a token is allowed, probe by probe.
pub(super) type Answers = [bool; PROBES.len()];

pub(super) fn answers(mut ask: impl FnMut(&str, &Resource<'_>) -> bool) -> Answers {
    PROBES.map(|(action, resource)| ask(action, &Resource::parse(resource).unwrap()))
}

fn by_fold(world: &World, token: &Token) -> Answers {
    answers(|action, resource| world.state.check(&token.grant, action, resource).is_ok())
}

/// What the rows of a view say, evaluated by the reference model of the language.
pub(super) fn by_rows(state: &State, token: &Token, rows: &[EffectiveRow]) -> Answers {
    let mut layers: HashMap<(LayerKind, u32), HashMap<i64, Vec<Statement>>> = HashMap::new();
    for row in rows {
        let layer = layers.entry((row.layer, row.layer_no)).or_default();
        let policy = layer.entry(row.policy_no).or_default();
        policy.extend(row.statement.iter().map(|(_, statement)| statement.clone()));
    }
    let member = state.members.get(&token.grant.member);
    let env = Env {
        member_id: member.map_or("", |member| member.id_text.as_str()),
        attributes: match (&token.grant.attributes, member) {
            (Some(own), _) => own,
            (None, Some(member)) => &member.attributes,
            (None, None) => RoleAttributes::empty(),
        },
    };
    answers(|action, resource| {
        !layers.is_empty()
            && layers.values().all(|policies| {
                policies.values().any(|statements| {
                    reference::decide(statements, action, resource.as_str(), &env).is_allow()
                })
            })
    })
}

fn status(world: &World, token: &Token) -> Result<(), AuthFailure> {
    match world.state.token_status(token, world.now_ms) {
        TokenStatus::Active => Ok(()),
        TokenStatus::Expired => Err(AuthFailure::Expired),
        TokenStatus::Deactivated => Err(AuthFailure::Deactivated),
        TokenStatus::Deleted => Err(AuthFailure::Unknown),
    }
}

/// The index against the fold, for every secret that there ever was.
fn check_live(world: &World, live: &Live) {
    for (id, secret, digest) in &world.secrets {
        let token = &world.state.tokens[id];
        let works = token.digest == *digest
            || token
                .previous
                .is_some_and(|old| old.digest == *digest && world.now_ms < old.until_ms);
        let expected = match works {
            true => status(world, token),
            false => Err(AuthFailure::Unknown),
        };
        let found = live.authenticate(secret, world.now_ms);
        match expected {
            Err(failure) => {
                assert_eq!(found, Err(failure));
                let asked = live.decide(
                    secret,
                    "viewProject",
                    &Resource::parse("proj/a").unwrap(),
                    world.now_ms,
                );
                assert_eq!(asked, Err(DecideFailure::Auth(failure)));
            }
            Ok(()) => {
                let caller = found.unwrap();
                assert_eq!(caller.token, *id);
                assert_eq!(caller.grant, token.grant);
                assert_eq!(caller.version, token.version);
                assert_eq!(caller.expiry_ms, token.expiry_ms);
                let by_secret = answers(|action, resource| {
                    live.decide(secret, action, resource, world.now_ms).is_ok()
                });
                let by_id = answers(|action, resource| {
                    live.decide_by_id(world.account, *id, action, resource, world.now_ms)
                        .is_ok()
                });
                assert_eq!(by_secret, by_fold(world, token), "{id}");
                assert_eq!(by_id, by_secret, "{id}");
            }
        }
    }
    let alive = world.state.tokens.values().filter(|token| !token.deleted);
    assert_eq!(live.token_count(), alive.count());
}

/// What service tokens were allowed when they were made.
#[derive(Default)]
struct Frozen(HashMap<TokenId, Answers>);

impl Frozen {
    fn check(&mut self, world: &World) {
        for token in world.state.tokens.values().filter(|token| !token.deleted) {
            let now = by_fold(world, token);
            if token.grant.kind == TokenKind::Service {
                if token.role_binding == RoleBinding::Frozen {
                    let then = self.0.entry(token.id).or_insert(now);
                    assert_eq!(*then, now, "service token {} changed", token.id);
                }
                continue;
            }
            // A personal token never exceeds its member, and dies with it.
            match world.state.member(token.grant.member) {
                None => assert_eq!(now, [false; PROBES.len()]),
                Some(member) => {
                    let ceiling = world.state.member_permission(member);
                    for ((action, resource), allowed) in PROBES.iter().zip(now) {
                        let resource = Resource::parse(resource).unwrap();
                        assert!(!allowed || ceiling.allows(action, &resource));
                    }
                }
            }
        }
    }
}

/// No token is made that may do what its maker may not.
fn check_made(world: &World, before: usize, maker_may: Option<Answers>) {
    let Some(maker_may) = maker_may else {
        return;
    };
    for stored in &world.log[before..] {
        let event = keyledger_domain::event::decode(
            &stored.event_type,
            stored.schema_version,
            &stored.payload,
        );
        if let Ok(Event::TokenCreated(event)) = event {
            let may = by_fold(world, &world.state.tokens[&event.id]);
            assert!(may.iter().zip(maker_may).all(|(may, maker)| !may || maker));
        }
    }
}

async fn check_tables(world: &World, tables: &Tables) {
    let log = MemoryLog(world.log.clone());
    catch_up_tables(&log, tables, world.now_ms).await.unwrap();
    for token in world.state.tokens.values() {
        let rows = tables
            .effective_permission(world.account, token.id)
            .await
            .unwrap();
        let ended = matches!(
            world.state.token_status(token, world.now_ms),
            TokenStatus::Deleted | TokenStatus::Deactivated
        );
        assert_eq!(rows.is_empty(), ended, "{}", token.id);
        if !ended {
            assert_eq!(
                by_rows(&world.state, token, &rows),
                by_fold(world, token),
                "{rows:#?}"
            );
        }
    }
}

fn run(steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("projections.db");
    let tables = runtime.block_on(Tables::open(&path)).unwrap();
    let mut world = World::new();
    let live = empty_live();
    let mut frozen = Frozen::default();
    let mut applied = 0;
    for (index, step) in steps.iter().enumerate() {
        let before = world.log.len();
        let maker_may = world.maker_may(*step);
        world.step(*step);
        check_made(&world, before, maker_may);
        live.apply(&world.log[applied..]).unwrap();
        applied = world.log.len();
        frozen.check(&world);
        if index % 8 == 7 || index + 1 == steps.len() {
            check_live(&world, &live);
        }
        if index % 32 == 31 || index + 1 == steps.len() {
            runtime.block_on(check_tables(&world, &tables));
        }
    }
}

impl World {
    /// What whoever takes this step may do before it.
    fn maker_may(&self, (_, who, _, _): Step) -> Option<Answers> {
        let actor = self.actor(who)?;
        Some(answers(|action, resource| {
            actor.permission.allows(action, resource)
        }))
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_way_to_decide_agrees(steps in prop::collection::vec(any::<Step>(), 1..128)) {
        run(&steps);
    }
}
