//! Which secret works, and when.

use keyledger_domain::command::{
    Command, DeleteToken, DowngradeMember, RemoveMember, ResetToken, UpdateToken,
};
use keyledger_domain::ids::TokenId;
use keyledger_domain::policy::Resource;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::TokenKind;
use keyledger_projections::{AuthFailure, Live, Peppers};

use super::world::{World, pepper};

fn reset(world: &mut World, id: TokenId, expiry_ms: Option<i64>) -> String {
    let command = Command::ResetToken(ResetToken {
        id,
        secret: world.secret(id),
        expiry_ms,
    });
    world.give(&world.owner(), &command).unwrap();
    world.last_secret()
}

fn outcome(live: &Live, secret: &str, now_ms: i64) -> Result<TokenId, AuthFailure> {
    live.authenticate(secret, now_ms).map(|caller| caller.token)
}

#[test]
fn a_reset_without_a_grace_ends_the_old_secret_at_once() {
    let mut world = World::new();
    let (id, old) = world.token(&world.owner(), TokenKind::Personal, "reader", None);
    let new = reset(&mut world, id, None);
    let live = world.live();
    assert_eq!(
        outcome(&live, &old, world.now_ms),
        Err(AuthFailure::Unknown)
    );
    assert_eq!(outcome(&live, &new, world.now_ms), Ok(id));
}

#[test]
fn a_grace_ends_on_the_millisecond() {
    let mut world = World::new();
    let (id, old) = world.token(&world.owner(), TokenKind::Service, "reader", None);
    let until = world.now_ms + 1_000;
    let new = reset(&mut world, id, Some(until));
    let live = world.live();
    assert_eq!(outcome(&live, &old, until - 1), Ok(id));
    assert_eq!(outcome(&live, &old, until), Err(AuthFailure::Unknown));
    assert_eq!(outcome(&live, &new, until), Ok(id));
}

#[test]
fn a_second_reset_ends_the_earlier_grace() {
    let mut world = World::new();
    let (id, first) = world.token(&world.owner(), TokenKind::Personal, "reader", None);
    let until = world.now_ms + 60_000;
    let second = reset(&mut world, id, Some(until));
    let third = reset(&mut world, id, Some(until));
    let live = world.live();
    let now = world.now_ms;
    assert_eq!(outcome(&live, &first, now), Err(AuthFailure::Unknown));
    assert_eq!(outcome(&live, &second, now), Ok(id));
    assert_eq!(outcome(&live, &third, now), Ok(id));
}

#[test]
fn deletion_ends_every_secret_and_its_place_is_used_again() {
    let mut world = World::new();
    let (id, old) = world.token(&world.owner(), TokenKind::Personal, "reader", None);
    let until = world.now_ms + 60_000;
    let new = reset(&mut world, id, Some(until));
    world
        .give(&world.owner(), &Command::DeleteToken(DeleteToken { id }))
        .unwrap();
    let (next, secret) = world.token(&world.owner(), TokenKind::Personal, "reader", None);
    let live = world.live();
    let now = world.now_ms;
    assert_eq!(outcome(&live, &old, now), Err(AuthFailure::Unknown));
    assert_eq!(outcome(&live, &new, now), Err(AuthFailure::Unknown));
    assert_eq!(outcome(&live, &secret, now), Ok(next));
    assert!(live.grant(world.account, id).is_none());
}

#[test]
fn an_ended_grace_leaves_nothing_behind() {
    let mut world = World::new();
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(
            world
                .token(&world.owner(), TokenKind::Service, "reader", None)
                .0,
        );
    }
    for _ in 0..5 {
        for id in &ids {
            let until = world.now_ms + 10;
            reset(&mut world, *id, Some(until));
        }
        world.now_ms += 1_000;
    }
    let graces = world.live().memory_bytes();
    let mut plain = World::new();
    for _ in 0..100 {
        plain.token(&plain.owner(), TokenKind::Service, "reader", None);
    }
    // The maps keep their capacity; the point is that five rounds take no more than one.
    assert!(graces <= plain.live().memory_bytes() + 32_768);
}

#[test]
fn an_expiry_ends_a_token_on_the_millisecond_and_can_be_taken_away() {
    let mut world = World::new();
    let expiry = world.now_ms + 1_000;
    let (id, secret) = world.token(&world.owner(), TokenKind::Personal, "reader", Some(expiry));
    let live = world.live();
    assert_eq!(outcome(&live, &secret, expiry - 1), Ok(id));
    assert_eq!(outcome(&live, &secret, expiry), Err(AuthFailure::Expired));
    let command = Command::UpdateToken(UpdateToken {
        id,
        name: None,
        description: None,
        scope: None,
        expiry_ms: Some(0),
        default_api_version: None,
    });
    world.give(&world.owner(), &command).unwrap();
    assert_eq!(outcome(&world.live(), &secret, expiry), Ok(id));
}

#[test]
fn a_removed_member_takes_personal_tokens_along_and_leaves_service_tokens() {
    let mut world = World::new();
    let member = world.invite("writer");
    let actor = world.session(member);
    let (_, personal) = world.token(&actor, TokenKind::Personal, "writer", None);
    let (service, secret) = world.token(&actor, TokenKind::Service, "writer", None);
    let command = Command::RemoveMember(RemoveMember { id: member });
    world.give(&world.owner(), &command).unwrap();
    let live = world.live();
    let now = world.now_ms;
    assert_eq!(
        outcome(&live, &personal, now),
        Err(AuthFailure::Deactivated)
    );
    assert_eq!(outcome(&live, &secret, now), Ok(service));
}

#[test]
fn a_demotion_narrows_personal_tokens_at_once_and_leaves_service_tokens() {
    let mut world = World::new();
    let member = world.invite("writer");
    let actor = world.session(member);
    let (_, personal) = world.token(&actor, TokenKind::Personal, "writer", None);
    let (_, service) = world.token(&actor, TokenKind::Service, "writer", None);
    let resource = Resource::parse("proj/a").unwrap();
    let may = |world: &World, secret: &str| {
        let live = world.live();
        live.decide(secret, "updateName", &resource, world.now_ms)
            .is_ok()
    };
    assert!(may(&world, &personal) && may(&world, &service));
    let command = Command::DowngradeMember(DowngradeMember {
        id: member,
        to: BuiltIn::Reader,
    });
    world.give(&world.owner(), &command).unwrap();
    assert!(!may(&world, &personal) && may(&world, &service));
}

#[test]
fn secrets_under_an_older_pepper_work_and_those_under_none_do_not() {
    let mut world = World::new();
    world.pepper = pepper(1);
    let (id, old) = world.token(&world.owner(), TokenKind::Personal, "reader", None);
    assert_eq!(outcome(&world.live(), &old, world.now_ms), Ok(id));
    let peppers = Peppers {
        current: pepper(2),
        older: Vec::new(),
    };
    let live = Live::new(peppers, "api-".to_owned());
    live.apply(&world.log).unwrap();
    assert_eq!(
        outcome(&live, &old, world.now_ms),
        Err(AuthFailure::Unknown)
    );
}

#[test]
fn junk_is_malformed() {
    let live = World::new().live();
    for junk in [
        "",
        "api-",
        "api-00000000-0000-4000-0000-000000000000",
        "Bearer x",
    ] {
        assert_eq!(outcome(&live, junk, 0), Err(AuthFailure::Malformed));
    }
}
