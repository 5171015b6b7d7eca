//! The reading side.

use keyledger_domain::ids::{MemberId, RoleId, StreamRef};
use keyledger_eventstore::LogError;
use keyledger_eventstore::limits::READ_EVENTS_MAX;

use super::support::*;

pub(super) async fn pages_follow_each_other(log: Log) {
    one(&log, some(token(1), 25), 1).await.unwrap();
    let mut after = p(0);
    let mut sizes = Vec::new();
    loop {
        let page = log.read(after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        assert_eq!(page[0].position, after.next());
        after = last.position;
        sizes.push(page.len());
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(log.read(p(0), 0).await.unwrap(), []);
    assert_eq!(log.read(p(0), u32::MAX).await.unwrap().len(), 25);
}

pub(super) async fn what_is_at_hand_is_what_would_be_read(log: Log) {
    assert_eq!(log.read_recent(p(0), 9).await.unwrap(), []);
    for n in 1..=4 {
        one(&log, some(token(n), 3), 1).await.unwrap();
    }
    // Refused and repeated requests leave nothing to hand on.
    let refused = one(&log, at(token(1), 9), 1).await;
    assert!(refused.is_err());
    let request = keyed(some(token(9), 1), "key", 1);
    for _ in 0..2 {
        one(&log, request.clone(), 1).await.unwrap();
    }
    for after in 0..=14 {
        for limit in [0, 1, 5, u32::MAX] {
            let at_hand = log.read_recent(p(after), limit).await.unwrap();
            // An engine need not keep any.
            if !at_hand.is_empty() {
                assert_eq!(at_hand, log.read(p(after), limit).await.unwrap());
            }
        }
    }
}

pub(super) async fn a_range_includes_both_ends(log: Log) {
    one(&log, some(token(1), 10), 1).await.unwrap();
    let positions = |events: Vec<keyledger_eventstore::StoredEvent>| -> Vec<i64> {
        events.iter().map(|e| e.position.get()).collect()
    };
    assert_eq!(
        positions(log.read_range(p(3), p(5)).await.unwrap()),
        [3, 4, 5]
    );
    assert_eq!(positions(log.read_range(p(5), p(5)).await.unwrap()), [5]);
    assert_eq!(positions(log.read_range(p(0), p(2)).await.unwrap()), [1, 2]);
    assert_eq!(
        positions(log.read_range(p(9), p(99)).await.unwrap()),
        [9, 10]
    );
    assert_eq!(log.read_range(p(5), p(4)).await.unwrap(), []);
    let most = i64::from(READ_EVENTS_MAX);
    assert!(log.read_range(p(1), p(most)).await.is_ok());
    let over = log.read_range(p(1), p(most + 1)).await;
    assert!(matches!(over, Err(LogError::Limit { .. })));
}

pub(super) async fn the_ground_is_read_in_the_order_of_the_log(log: Log) {
    for n in 1..=4 {
        let member = StreamRef::member(account(1), MemberId::from_bytes([n; 12]));
        let role = StreamRef::role(account(1), RoleId::from_bytes([5 - n; 12]));
        one(&log, some(token(u32::from(n)), 2), 1).await.unwrap();
        one(&log, some(member, 1), 1).await.unwrap();
        one(&log, some(role, 1), 1).await.unwrap();
    }
    let read = |n, after, up_to, limit| {
        let log = log.clone();
        async move {
            let read = log.read_ground(account(n), p(after), p(up_to), limit);
            let events = read.await.unwrap().into_iter();
            events.map(|e| e.position.get()).collect::<Vec<_>>()
        }
    };
    assert_eq!(read(1, 0, 99, 99).await, [3, 4, 7, 8, 11, 12, 15, 16]);
    assert_eq!(read(1, 3, 12, 99).await, [4, 7, 8, 11, 12]);
    assert_eq!(read(1, 3, 12, 2).await, [4, 7]);
    assert_eq!(read(1, 16, 99, 99).await, [0; 0]);
    assert_eq!(read(9, 0, 99, 99).await, [0; 0]);
}

pub(super) async fn a_stream_is_read_up_to_a_position(log: Log) {
    for n in [1, 2, 1, 2, 1] {
        one(&log, some(token(n), 1), 1).await.unwrap();
    }
    let versions = |up_to| {
        let log = log.clone();
        async move {
            let events = log.read_stream(&token(1), up_to).await.unwrap();
            let pairs = events.iter().map(|e| (e.position.get(), e.version));
            pairs.collect::<Vec<_>>()
        }
    };
    assert_eq!(versions(None).await, [(1, 1), (3, 2), (5, 3)]);
    assert_eq!(versions(Some(p(4))).await, [(1, 1), (3, 2)]);
    assert_eq!(versions(Some(p(5))).await, [(1, 1), (3, 2), (5, 3)]);
    assert_eq!(versions(Some(p(0))).await, []);
    // The same id under another kind is another stream.
    let member = StreamRef::member(account(1), MemberId::from_bytes(token(1).id));
    assert_eq!(log.read_stream(&member, None).await.unwrap(), []);
}

pub(super) async fn a_time_is_a_position(log: Log) {
    assert_eq!(log.position_at(i64::MAX).await.unwrap(), p(0));
    // Positions 1 to 9: three at 100, three at 200 (the clock went back once), three at 300.
    for now in [100, 100, 100, 200, 150, 200, 300, 300, 300] {
        one(&log, some(token(1), 1), now).await.unwrap();
    }
    for (time, position) in [
        (-5, 0),
        (99, 0),
        (100, 3),
        (199, 3),
        (200, 6),
        (299, 6),
        (300, 9),
        (i64::MAX, 9),
    ] {
        assert_eq!(log.position_at(time).await.unwrap(), p(position), "{time}");
    }
}

pub(super) async fn stream_heads_come_in_order(log: Log) {
    for n in [3, 1, 2, 1, 300] {
        one(&log, some(token(n), 1), 1).await.unwrap();
    }
    one(&log, some(StreamRef::account(account(1)), 1), 1)
        .await
        .unwrap();
    let all = log.stream_heads(None, 10).await.unwrap();
    let expected = [
        (StreamRef::account(account(1)), 1),
        (token(1), 2),
        (token(2), 1),
        (token(3), 1),
        (token(300), 1),
    ];
    assert_eq!(all, expected);
    let page = log.stream_heads(Some(&token(1)), 2).await.unwrap();
    assert_eq!(page, expected[2..4]);
}
