//! EraseMember, and what a sealed event says with its key and without.

use keyledger_domain::command::{Command, EraseMember};
use keyledger_domain::event::personal::{erased_email, is_personal, is_sealed, seal, sealed};
use keyledger_domain::event::{
    CodecError, Event, MemberErased, MemberInvited, MemberJoined, decode, encode,
};
use keyledger_domain::ids::MemberId;
use keyledger_domain::state::{Inconsistency, Recorded, State, evolve};

use crate::sample::*;
use crate::scenario::*;

fn erase(id: MemberId) -> Command {
    Command::EraseMember(EraseMember { id })
}

#[test]
fn a_removed_member_is_erased_by_the_operator_alone_and_once() {
    let gone = given(house()).and([removed(WRITER)]);
    for who in [OWNER, ADMIN, READER] {
        let gone = given(house()).and([removed(WRITER)]);
        gone.when(Who::Member(who), erase(WRITER))
            .then_rejected(forbidden("only the operator"));
    }
    let given = gone
        .when(Who::Operator, erase(WRITER))
        .then([Event::MemberErased(MemberErased { id: WRITER })])
        .when(Who::Operator, erase(WRITER))
        .then_nothing();
    let member = &given.state.members[&WRITER];
    assert!(member.is_erased() && !member.is_active());
    assert_eq!(member.email, erased_email(WRITER));
    assert_eq!(
        (member.first_name.as_str(), member.last_name.as_str()),
        ("", "")
    );
}

#[test]
fn whoever_is_in_the_account_is_removed_first() {
    given(house())
        .when(Who::Operator, erase(WRITER))
        .then_rejected(conflict("remove the member first"))
        .when(Who::Operator, erase(NEW_MEMBER))
        .then_rejected(not_found("member"));
    // And no log says otherwise.
    let mut given = given(house());
    let event = Event::MemberErased(MemberErased { id: WRITER });
    let recorded = Recorded {
        account: ACCOUNT,
        version: given.version(event.stream(ACCOUNT)) + 1,
        recorded_at_ms: 0,
        event: &event,
    };
    let refused = evolve(&mut given.state, &recorded);
    assert!(matches!(refused, Err(Inconsistency::Missing { .. })));
}

#[test]
fn an_email_that_was_erased_may_come_back_as_somebody_new() {
    let given = given(house()).and([
        removed(WRITER),
        Event::MemberErased(MemberErased { id: WRITER }),
    ]);
    assert!(given.state.member_by_email(&erased_email(WRITER)).is_none());
}

/// What a sealed event is read as, with the key and without.
fn both(event: &Event) -> (Event, Event) {
    let (kind, plain) = (event.type_name(), encode(event).unwrap());
    assert!(is_personal(kind, 1) && !is_personal(kind, 2) && is_sealed(kind, 2));
    let stored = seal(kind, &plain, b"hidden".to_vec()).unwrap();
    assert_eq!(sealed(kind, &stored).unwrap(), b"hidden");
    (
        decode(kind, 1, &plain).unwrap(),
        decode(kind, 2, &stored).unwrap(),
    )
}

#[test]
fn without_its_key_an_event_says_what_happened_and_not_to_whom() {
    let invited = house()
        .into_iter()
        .find(|event| matches!(event, Event::MemberInvited(event) if event.id == WRITER))
        .unwrap();
    let (with, without) = both(&invited);
    assert_eq!(with, invited);
    let (Event::MemberInvited(with), Event::MemberInvited(without)) = (with, without) else {
        panic!("an invitation");
    };
    let tombstone = MemberInvited {
        email: erased_email(WRITER),
        first_name: String::new(),
        last_name: String::new(),
        password_hash: None,
        ..with
    };
    assert_eq!(without, tombstone);
    let joined = Event::MemberJoined(MemberJoined {
        id: WRITER,
        first_name: Some("Ada".to_owned()),
        last_name: None,
        password_hash: "$argon2id$".to_owned(),
    });
    let (with, without) = both(&joined);
    assert_eq!(with, joined);
    let tombstone = MemberJoined {
        id: WRITER,
        first_name: None,
        last_name: None,
        password_hash: String::new(),
    };
    assert_eq!(without, Event::MemberJoined(tombstone));
}

#[test]
fn nothing_else_is_sealed() {
    let event = Event::MemberErased(MemberErased { id: WRITER });
    let payload = encode(&event).unwrap();
    assert!(!is_personal(event.type_name(), 1) && !is_sealed(event.type_name(), 2));
    for refused in [
        seal(event.type_name(), &payload, Vec::new()),
        sealed(event.type_name(), &payload),
        seal("member.invited", b"\x80", Vec::new()),
        sealed("member.joined", b"\xc0"),
    ] {
        assert!(
            matches!(
                refused,
                Err(CodecError::Unknown { .. } | CodecError::Malformed { .. })
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn the_state_is_the_same_whether_the_key_was_there_or_not() {
    let end = [
        removed(WRITER),
        Event::MemberErased(MemberErased { id: WRITER }),
    ];
    let ends = |first: Vec<Event>| -> State { given(first).and(end.clone()).state };
    let without = house().into_iter().map(|event| match event {
        Event::MemberInvited(invited) if invited.id == WRITER => {
            both(&Event::MemberInvited(invited)).1
        }
        other => other,
    });
    let (with, without) = (ends(house()), ends(without.collect()));
    assert_eq!(
        with.ground_to_bytes().unwrap(),
        without.ground_to_bytes().unwrap()
    );
}
