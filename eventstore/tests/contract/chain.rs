//! The chain: its layout against another implementation, and what it notices.

use keyledger_domain::ids::{AccountId, EventId, StreamRef, TokenId};
use keyledger_eventstore::chain::{Link, genesis, hash};
use keyledger_eventstore::{ChainCheck, LogError, Position, StoredEvent};
use proptest::prelude::*;

fn stored() -> StoredEvent {
    let account = AccountId::from_bytes(*b"account-id-1");
    let mut event = StoredEvent {
        position: Position::new(1),
        id: EventId::from_bytes(*b"event-id-16bytes"),
        stream: StreamRef::token(account, TokenId::from_bytes(*b"token-id-012")),
        version: 1,
        event_type: "token.created".to_owned(),
        schema_version: 2,
        recorded_at_ms: 1_764_000_000_000,
        payload: b"the payload".to_vec(),
        metadata: b"who".to_vec(),
        hash: [0; 32],
        opened: None,
    };
    event.hash = hash(&genesis(0), &Link::from(&event));
    event
}

#[test]
fn the_layout_is_the_documented_one() {
    // Computed with Python's hashlib and struct from the table in chain.rs.
    let hex: String = stored().hash.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(
        hex,
        "9685b11040223575c5bfa485fc13cdfc5434e8b8bdf4ace55ec190d60d769733"
    );
}

#[test]
fn a_gap_and_a_wrong_hash_are_named() {
    let event = stored();
    let mut check = ChainCheck::genesis();
    check.check(&event).unwrap();
    let again = check.check(&event).unwrap_err();
    assert!(matches!(again, LogError::Corrupt { position, .. } if position.get() == 2));
    let mut other = ChainCheck::resume(Position::ZERO, [9; 32]);
    let wrong = other.check(&event).unwrap_err();
    assert!(matches!(wrong, LogError::Corrupt { position, .. } if position.get() == 1));
    assert_eq!(other.position, Position::ZERO);
}

#[test]
fn bytes_cannot_move_from_one_part_to_the_next() {
    let mut moved = stored();
    moved.metadata.extend(moved.payload.drain(..1));
    assert_ne!(hash(&genesis(0), &Link::from(&moved)), moved.hash);
}

/// Changes one byte of one field, chosen by number.
fn flip(event: &mut StoredEvent, field: usize, index: usize, mask: u8) {
    fn in_bytes(bytes: &mut [u8], index: usize, mask: u8) {
        let length = bytes.len();
        bytes[index % length] ^= mask;
    }
    fn in_number(number: i64, index: usize, mask: u8) -> i64 {
        // The highest byte stays: a position below zero cannot be made.
        let mut bytes = number.to_be_bytes();
        bytes[1 + index % 7] ^= mask;
        i64::from_be_bytes(bytes)
    }
    match field {
        0 => event.position = Position::new(in_number(event.position.get(), index, mask)),
        1 => event.version = in_number(event.version, index, mask),
        2 => event.recorded_at_ms = in_number(event.recorded_at_ms, index, mask),
        3 => {
            let mut bytes = event.schema_version.to_be_bytes();
            in_bytes(&mut bytes, index, mask);
            event.schema_version = u16::from_be_bytes(bytes);
        }
        4 => {
            let mut bytes = *event.id.as_bytes();
            in_bytes(&mut bytes, index, mask);
            event.id = EventId::from_bytes(bytes);
        }
        5 => {
            let mut bytes = *event.stream.account.as_bytes();
            in_bytes(&mut bytes, index, mask);
            event.stream.account = AccountId::from_bytes(bytes);
        }
        6 => in_bytes(&mut event.stream.id, index, mask),
        7 => {
            let mut bytes = event.event_type.clone().into_bytes();
            // Six bits keep it ASCII.
            in_bytes(&mut bytes, index, (mask & 0x3f).max(1));
            event.event_type = String::from_utf8(bytes).unwrap();
        }
        8 => in_bytes(&mut event.payload, index, mask),
        _ => in_bytes(&mut event.metadata, index, mask),
    }
}

proptest! {
    #[test]
    fn any_changed_byte_changes_the_hash(
        field in 0_usize..10, index in 0_usize..64, mask in 1_u8..=255,
        payload in proptest::collection::vec(any::<u8>(), 1..64),
    ) {
        let mut event = stored();
        event.payload = payload;
        event.hash = hash(&genesis(0), &Link::from(&event));
        let before = event.clone();
        flip(&mut event, field, index, mask);
        prop_assert_ne!(&event, &before);
        prop_assert_ne!(hash(&genesis(0), &Link::from(&event)), before.hash);
        prop_assert!(ChainCheck::genesis().check(&event).is_err());
        prop_assert!(ChainCheck::genesis().check(&before).is_ok());
    }

    #[test]
    fn any_changed_predecessor_changes_the_hash(index in 0_usize..32, mask in 1_u8..=255) {
        let mut previous = genesis(0);
        previous[index] ^= mask;
        prop_assert_ne!(hash(&previous, &Link::from(&stored())), stored().hash);
    }
}
