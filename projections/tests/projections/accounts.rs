//! Accounts, e-mails and what the index refuses.

use keyledger_domain::command::{Command, RemoveMember};
use keyledger_domain::event::{Event, TokenDeleted};
use keyledger_domain::ids::{AccountId, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::scope::TokenKind;
use keyledger_eventstore::Position;
use keyledger_projections::{ApplyError, AuthFailure, DecideFailure};

use super::world::{World, empty_live};

#[test]
fn an_e_mail_finds_the_active_member_whatever_its_case() {
    let mut world = World::new();
    let member = world.invite("reader");
    let email = world.state.member(member).unwrap().email.clone();
    let live = world.live();
    assert_eq!(
        live.find_email(&email.to_uppercase()),
        Some((world.account, member))
    );
    assert_eq!(live.find_email("nobody@example.com"), None);
    world
        .give(
            &world.owner(),
            &Command::RemoveMember(RemoveMember { id: member }),
        )
        .unwrap();
    assert_eq!(world.live().find_email(&email), None);
}

#[test]
fn a_token_answers_only_for_its_own_account() {
    let mut world = World::new();
    let (token, _) = world.token(&world.owner(), TokenKind::Personal, "admin", None);
    let live = world.live();
    let resource = Resource::parse("proj/a").unwrap();
    let ask = |account| live.decide_by_id(account, token, "viewProject", &resource, world.now_ms);
    assert_eq!(ask(world.account), Ok(()));
    let other = AccountId::from_bytes([7; 12]);
    assert_eq!(ask(other), Err(DecideFailure::Auth(AuthFailure::Unknown)));
    assert!(live.grant(other, token).is_none());
    assert!(live.with_state(other, |_| ()).is_none());
    assert_eq!(live.accounts(), [world.account]);
}

#[test]
fn a_gap_stops_the_index() {
    let world = World::new();
    let live = empty_live();
    live.apply(&world.log[..1]).unwrap();
    let expected = ApplyError::Gap {
        expected: Position::new(2),
        found: Position::new(3),
    };
    assert_eq!(live.apply(&world.log[2..]), Err(expected));
    assert_eq!(live.position(), Position::new(1));
}

#[test]
fn an_unknown_event_stops_the_index_after_what_came_before_it() {
    let mut world = World::new();
    world.log[2].event_type = "token.frobnicated".to_owned();
    let live = empty_live();
    let error = live.apply(&world.log).unwrap_err();
    assert!(matches!(error, ApplyError::UnknownEvent { .. }), "{error}");
    assert_eq!(live.position(), Position::new(2));
}

#[test]
fn an_event_about_what_is_not_there_stops_the_index() {
    let mut world = World::new();
    let missing = Event::TokenDeleted(TokenDeleted {
        id: TokenId::from_bytes([1; 12]),
    });
    let stored = world.log.last_mut().unwrap();
    stored.event_type = missing.type_name().to_owned();
    stored.stream = missing.stream(world.account);
    stored.payload = keyledger_domain::event::encode(&missing).unwrap();
    let error = empty_live().apply(&world.log).unwrap_err();
    assert!(matches!(error, ApplyError::Inconsistent { .. }), "{error}");
}

#[test]
fn an_event_in_another_stream_stops_the_index() {
    let mut world = World::new();
    world.log[2].stream.id = [9; 12];
    let error = empty_live().apply(&world.log).unwrap_err();
    assert!(matches!(error, ApplyError::WrongStream { .. }), "{error}");
}

#[test]
fn an_event_of_an_account_that_was_never_made_stops_the_index() {
    let mut world = World::new();
    let mut log = world.log.split_off(1);
    for (stored, position) in log.iter_mut().zip(1..) {
        stored.position = Position::new(position);
    }
    let error = empty_live().apply(&log).unwrap_err();
    assert!(matches!(error, ApplyError::Inconsistent { .. }), "{error}");
}
