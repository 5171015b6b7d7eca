//! An exported log that was changed: every change is found, and the first bad record is named.

#[cfg(test)]
mod tamper {
    use keyledger_domain::ids::{AccountId, EventId, MemberId, StreamRef, TokenId};
    use keyledger_eventstore::chain::{self, Link};
    use keyledger_eventstore::checkpoint::{Checkpoint, origin};
    use keyledger_eventstore::export::{BadRecord, Verifier, event_line, header_line};
    use keyledger_eventstore::merkle::Tree;
    use keyledger_eventstore::{ChainCheck, Position, StoredEvent};
    use proptest::prelude::*;

    const EVENTS: i64 = 40;

    /// Events of some streams, chained.
    fn events() -> Vec<StoredEvent> {
        let account = AccountId::from_bytes([7; 12]);
        let mut versions = [0_i64; 5];
        let mut events: Vec<StoredEvent> = Vec::new();
        for position in 1..=EVENTS {
            let which = usize::try_from(position % 5).unwrap();
            versions[which] += 1;
            let id = [u8::try_from(which).unwrap(); 12];
            let stream = match which {
                0 => StreamRef::account(account),
                1 | 2 => StreamRef::member(account, MemberId::from_bytes(id)),
                _ => StreamRef::token(account, TokenId::from_bytes(id)),
            };
            let number = u8::try_from(position).unwrap();
            events.push(StoredEvent {
                position: Position::new(position),
                id: EventId::from_bytes([number; 16]),
                stream,
                version: versions[which],
                event_type: "thing.happened".to_owned(),
                schema_version: 1,
                recorded_at_ms: 1_795_500_000_000 + position / 3,
                // A map of a text and bytes, in MessagePack.
                payload: vec![0x82, 0xa1, b'n', number, 0xa1, b'b', 0xc4, 2, 1, number],
                metadata: vec![0x80],
                hash: [0; 32],
                opened: None,
            });
        }
        hashed(events)
    }

    /// The same with hashes that fit, as whoever forges a log would make them.
    fn hashed(mut events: Vec<StoredEvent>) -> Vec<StoredEvent> {
        let mut previous = ChainCheck::genesis().hash;
        for event in &mut events {
            event.hash = chain::hash(&previous, &Link::from(&*event));
            previous = event.hash;
        }
        events
    }

    fn lines(events: &[StoredEvent]) -> Vec<String> {
        let (first, last) = (&events[0], events.last().unwrap());
        let header = header_line(&origin(&first.hash), events.len() as u64, &last.hash);
        std::iter::once(header)
            .chain(events.iter().map(event_line))
            .collect()
    }

    fn checkpoint(events: &[StoredEvent], size: usize) -> Checkpoint {
        let mut tree = Tree::default();
        for event in &events[..size] {
            tree.push(&event.hash);
        }
        let last = &events[size - 1];
        Checkpoint {
            origin: origin(&events[0].hash),
            size: size as u64,
            root: tree.root(),
            chain: last.hash,
            recorded_at_ms: last.recorded_at_ms,
        }
    }

    fn verify(lines: &[String], checkpoints: Vec<Checkpoint>) -> Result<u64, BadRecord> {
        let mut verifier = Verifier::new(checkpoints);
        for line in lines {
            verifier.line(line)?;
        }
        verifier.finish().map(|log| log.vouched)
    }

    fn first_bad(lines: &[String], checkpoints: Vec<Checkpoint>) -> u64 {
        match verify(lines, checkpoints) {
            Err(BadRecord::Record { position, .. }) => position,
            Err(BadRecord::Header(_)) => 0,
            Ok(_) => panic!("the change was not found: {lines:#?}"),
        }
    }

    /// A change of one record, or of the header, which is number 0.
    #[derive(Debug, Clone)]
    enum Change {
        Edit {
            record: usize,
            at: prop::sample::Index,
            to: char,
        },
        Delete {
            record: usize,
        },
        Swap {
            one: usize,
            other: usize,
        },
        Repeat {
            record: usize,
            after: usize,
        },
        Truncate {
            from: usize,
        },
    }

    fn change() -> impl Strategy<Value = Change> {
        let last = usize::try_from(EVENTS).unwrap();
        let record = 1..=last;
        let letters = prop::char::range(' ', '~');
        prop_oneof![
            4 => (0..=last, any::<prop::sample::Index>(), letters).prop_map(|(record, at, to)| Change::Edit { record, at, to }),
            1 => record.clone().prop_map(|record| Change::Delete { record }),
            1 => (record.clone(), record.clone()).prop_map(|(one, other)| Change::Swap { one, other }),
            1 => (record.clone(), record.clone()).prop_map(|(record, after)| Change::Repeat { record, after }),
            1 => record.prop_map(|from| Change::Truncate { from }),
        ]
    }

    /// The changed lines, and the first record that is bad; nothing when nothing changed.
    fn changed(mut lines: Vec<String>, change: &Change) -> Option<(Vec<String>, usize)> {
        let bad = match change {
            Change::Edit { record, at, to } => {
                let line = &mut lines[*record];
                let mut letters: Vec<char> = line.chars().collect();
                let at = at.index(letters.len());
                if letters[at] == *to {
                    return None;
                }
                letters[at] = *to;
                *line = letters.into_iter().collect();
                *record
            }
            Change::Delete { record } => {
                lines.remove(*record);
                *record
            }
            Change::Swap { one, other } if one == other => return None,
            Change::Swap { one, other } => {
                lines.swap(*one, *other);
                *one.min(other)
            }
            Change::Repeat { record, after } => {
                let line = lines[*record].clone();
                lines.insert(after + 1, line);
                // Put before itself, it is its old place that is too much.
                if *record == after + 1 {
                    after + 2
                } else {
                    after + 1
                }
            }
            Change::Truncate { from } => {
                lines.truncate(*from);
                *from
            }
        };
        Some((lines, bad))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_single_change_is_found_and_the_first_bad_record_named(change in change()) {
            let lines = lines(&events());
            let Some((changed, bad)) = changed(lines, &change) else { return Ok(()) };
            prop_assert_eq!(first_bad(&changed, Vec::new()), bad as u64);
        }

        #[test]
        fn garbage_is_refused_without_harm(texts in prop::collection::vec(".{0,200}", 0..6)) {
            prop_assert!(verify(&texts, Vec::new()).is_err());
            let mut some = lines(&events());
            some.truncate(3);
            some.extend(texts);
            prop_assert!(verify(&some, Vec::new()).is_err());
        }
    }

    #[test]
    fn a_count_that_was_changed_is_the_headers_fault() {
        for count in [0, 1, 10, 39, 41, 49, 90] {
            let mut lines = lines(&events());
            lines[0] = lines[0].replace("\"events\":40", &format!("\"events\":{count}"));
            assert_eq!(first_bad(&lines, Vec::new()), 0, "{}", lines[0]);
        }
    }

    #[test]
    fn a_whole_log_is_whole() {
        let events = events();
        assert_eq!(verify(&lines(&events), Vec::new()), Ok(0));
        let checkpoints = [1, 17, 40].map(|size| checkpoint(&events, size)).to_vec();
        assert_eq!(verify(&lines(&events), checkpoints), Ok(40));
    }

    #[test]
    fn a_log_that_was_hashed_anew_is_found_by_the_checkpoints_around_the_change() {
        let events = events();
        for edited in 1..=40_usize {
            let mut forged = events.clone();
            forged[edited - 1].payload[3] ^= 1;
            let forged = hashed(forged);
            // The forger leaves nothing undone but the signature.
            assert_eq!(verify(&lines(&forged), Vec::new()), Ok(0));
            let sizes = [10, 20, 30, 40];
            let checkpoints = sizes.map(|size| checkpoint(&events, size)).to_vec();
            let named = first_bad(&lines(&forged), checkpoints);
            let begin = (edited - 1) / 10 * 10 + 1;
            // The first event names the log itself.
            let expected = if edited == 1 { 1 } else { begin as u64 };
            assert_eq!(named, expected, "{edited}");
        }
    }

    #[test]
    fn a_tail_that_was_cut_off_is_found_by_the_latest_checkpoint() {
        let events = events();
        for kept in 1..40 {
            let cut = lines(&events[..kept]);
            assert_eq!(verify(&cut, Vec::new()), Ok(0), "nothing inside says it");
            let named = first_bad(&cut, vec![checkpoint(&events, 40)]);
            assert_eq!(named, kept as u64 + 1);
        }
    }

    #[test]
    fn a_checkpoint_of_another_log_is_refused() {
        let events = events();
        let mut other = events.clone();
        other[0].payload[3] ^= 1;
        let other = checkpoint(&hashed(other), 20);
        assert!(verify(&lines(&events), vec![other]).is_err());
    }
}
