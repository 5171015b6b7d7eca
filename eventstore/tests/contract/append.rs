//! Positions, versions, preconditions and what one request means to the next.

use keyledger_eventstore::{Append, ChainCheck, Expect, Refused, chain};

use super::support::*;

pub(super) async fn an_empty_log_has_the_genesis_head(log: Log) {
    let head = log.head().await.unwrap();
    assert_eq!(head.position, p(0));
    assert_eq!(head.hash, chain::genesis(chain::LOG));
    assert_eq!(head.recorded_at_ms, 0);
    assert_eq!(log.read(p(0), 10).await.unwrap(), []);
    assert_eq!(log.append(&[], 5).await.unwrap(), []);
    assert_sound(&log).await;
}

pub(super) async fn events_get_dense_positions_versions_and_a_chain(log: Log) {
    let sent = [some(token(1), 2), some(token(2), 1), some(token(1), 1)];
    let answers = log.append(&sent, 77).await.unwrap();
    let places: Vec<_> = answers
        .iter()
        .map(|a| a.as_ref().unwrap())
        .map(|a| (a.first.get(), a.last.get(), a.recorded_at_ms, a.replayed))
        .collect();
    assert_eq!(
        places,
        [(1, 2, 77, false), (3, 3, 77, false), (4, 4, 77, false)]
    );
    let stored = log.read(p(0), 100).await.unwrap();
    let versions: Vec<_> = stored
        .iter()
        .map(|e| (e.position.get(), e.version))
        .collect();
    assert_eq!(versions, [(1, 1), (2, 2), (3, 1), (4, 3)]);
    let mut check = ChainCheck::genesis();
    for (event, new) in stored.iter().zip(sent.iter().flat_map(|r| &r.events)) {
        check.check(event).unwrap();
        assert_eq!(event.id, new.id);
        assert_eq!(event.stream, new.stream);
        assert_eq!(event.event_type, new.event_type);
        assert_eq!(event.schema_version, new.schema_version);
        assert_eq!(event.payload, new.payload);
        assert_eq!(event.metadata, new.metadata);
        assert_eq!(event.recorded_at_ms, 77);
    }
    let head = log.head().await.unwrap();
    assert_eq!((head.position, head.hash), (check.position, check.hash));
    assert_sound(&log).await;
}

pub(super) async fn a_conflict_does_not_fail_its_neighbours(log: Log) {
    let answers = log
        .append(&[at(token(1), 0), at(token(1), 0), at(token(2), 0)], 1)
        .await
        .unwrap();
    assert_eq!(answers[0].as_ref().unwrap().first, p(1));
    assert_eq!(
        answers[1],
        Err(Refused::Conflict {
            stream: token(1),
            expected: 0,
            actual: 1
        })
    );
    assert_eq!(answers[2].as_ref().unwrap().first, p(2));
    assert_sound(&log).await;
}

pub(super) async fn a_request_sees_those_before_it(log: Log) {
    one(&log, at(token(1), 0), 1).await.unwrap();
    let answers = log
        .append(&[at(token(1), 1), at(token(1), 2), at(token(1), 3)], 2)
        .await
        .unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

pub(super) async fn preconditions_cover_streams_that_are_only_read(log: Log) {
    one(&log, at(token(1), 0), 1).await.unwrap();
    let reading = |version| Append {
        expect: vec![
            Expect {
                stream: token(1),
                version,
            },
            Expect {
                stream: token(2),
                version: 0,
            },
        ],
        events: vec![event(token(2))],
        ..Append::default()
    };
    let refused = one(&log, reading(0), 2).await.unwrap_err();
    assert!(matches!(refused, Refused::Conflict { actual: 1, .. }));
    one(&log, reading(1), 2).await.unwrap();
    assert_eq!(log.read_stream(&token(1), None).await.unwrap().len(), 1);
    assert_sound(&log).await;
}

pub(super) async fn a_refused_request_leaves_nothing_behind(log: Log) {
    let mut request = keyed(at(token(1), 0), "key", 1);
    request.expect.push(Expect {
        stream: token(9),
        version: 4,
    });
    one(&log, request, 1).await.unwrap_err();
    assert_eq!(log.head().await.unwrap().position, p(0));
    assert_eq!(log.receipt(account(1), "key").await.unwrap(), None);
    assert_eq!(log.stream_heads(None, 10).await.unwrap(), []);
}

pub(super) async fn time_never_goes_back(log: Log) {
    for (now, recorded) in [(100, 100), (50, 100), (-1, 100), (101, 101), (101, 101)] {
        let appended = one(&log, some(token(1), 1), now).await.unwrap();
        assert_eq!(appended.recorded_at_ms, recorded);
    }
    assert_eq!(log.head().await.unwrap().recorded_at_ms, 101);
    assert_sound(&log).await;
}

pub(super) async fn the_same_events_again_are_found(log: Log) {
    let mut request = at(token(1), 0);
    request.events.push(event(token(2)));
    let first = one(&log, request.clone(), 10).await.unwrap();
    // Its precondition does not hold any more: the events are recognised before it is looked at.
    assert_eq!(one(&log, request.clone(), 20).await.unwrap(), first);
    let fresh = at(token(3), 0);
    let batch = [request, fresh.clone(), fresh];
    let answers = log.append(&batch, 30).await.unwrap();
    assert_eq!(answers[0], Ok(first));
    assert_eq!(answers[1].as_ref().unwrap().first, p(3));
    assert_eq!(answers[2], answers[1]);
    assert_eq!(log.head().await.unwrap().position, p(3));
    assert_sound(&log).await;
}

pub(super) async fn an_event_id_is_accepted_once(log: Log) {
    let taken = event(token(1));
    let id = taken.id;
    let with = |events| Append {
        events,
        ..Append::default()
    };
    one(&log, with(vec![taken.clone()]), 1).await.unwrap();
    let mut elsewhere = taken.clone();
    elsewhere.stream = token(2);
    let batch = [
        with(vec![taken.clone(), event(token(1))]),
        with(vec![event(token(1)), taken.clone()]),
        with(vec![elsewhere]),
        with(vec![taken.clone(), taken]),
        at(token(5), 0),
    ];
    let answers = log.append(&batch, 2).await.unwrap();
    let (fresh, refused) = answers.split_last().unwrap();
    for (index, answer) in refused.iter().enumerate() {
        let expected = match index {
            // The first is known, the second is not: the second is where the run breaks.
            0 => batch[0].events[1].id,
            _ => id,
        };
        assert_eq!(
            *answer,
            Err(Refused::EventIdUsed { id: expected }),
            "{index}"
        );
    }
    assert_eq!(fresh.as_ref().unwrap().first, p(2));
    assert_sound(&log).await;
}

pub(super) async fn many_rows_go_into_one_transaction(log: Log) {
    let mut next = 1;
    for count in [499, 500, 501, 999, 1_000] {
        let batch = [some(token(1), count), at(token(2), next - 1)];
        let answers = log.append(&batch, next).await.unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        next += 1;
    }
    let many: Vec<_> = (10..1_010)
        .map(|n| keyed(at(token(n), 0), &n.to_string(), 1))
        .collect();
    let answers = log.append(&many, next).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
    assert_sound(&log).await;
}
