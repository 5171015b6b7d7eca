//! Limits on everything, each for the request that breaks it.

use keyledger_eventstore::limits::*;
use keyledger_eventstore::{Append, Expect, LogError, Refused};

use super::support::*;

fn changed(change: impl FnOnce(&mut Append)) -> Append {
    let mut request = some(token(1), 1);
    change(&mut request);
    request
}

pub(super) async fn a_malformed_request_is_refused_alone(log: Log) {
    let expect = Expect {
        stream: token(1),
        version: 0,
    };
    let cases = [
        ("no events", Append::default()),
        ("events", some(token(1), EVENTS_MAX + 1)),
        (
            "payload",
            changed(|r| r.events[0].payload = vec![0; PAYLOAD_BYTES_MAX + 1]),
        ),
        (
            "metadata",
            changed(|r| r.events[0].metadata = vec![0; METADATA_BYTES_MAX + 1]),
        ),
        ("no type", changed(|r| r.events[0].event_type = "".into())),
        (
            "odd type",
            changed(|r| r.events[0].event_type = "töken".into()),
        ),
        (
            "long type",
            changed(|r| r.events[0].event_type = "x".repeat(101).into()),
        ),
        (
            "expects",
            changed(|r| r.expect = vec![expect; EXPECTS_MAX + 1]),
        ),
        ("no key", keyed(some(token(1), 1), "", 1)),
        ("long key", keyed(some(token(1), 1), &"ä".repeat(256), 1)),
        ("control", keyed(some(token(1), 1), "a\0b", 1)),
        (
            "bytes",
            changed(|r| {
                r.events = some(token(1), 9).events;
                for event in &mut r.events {
                    event.payload = vec![0; PAYLOAD_BYTES_MAX];
                }
            }),
        ),
    ];
    for (index, (name, bad)) in (1..).zip(cases) {
        let answers = log
            .append(&[bad, at(token(2), index - 1)], 1)
            .await
            .unwrap();
        assert!(
            matches!(
                answers[0],
                Err(Refused::TooLarge { .. } | Refused::Invalid { .. })
            ),
            "{name}: {answers:?}"
        );
        assert_eq!(answers[1].as_ref().unwrap().first, p(index), "{name}");
    }
    assert_sound(&log).await;
}

pub(super) async fn a_batch_has_a_limit(log: Log) {
    let many: Vec<_> = (0..=BATCH_REQUESTS_MAX)
        .map(|_| some(token(1), 1))
        .collect();
    let refused = log.append(&many, 1).await;
    assert!(matches!(refused, Err(LogError::Limit { .. })));
    let large = changed(|r| r.events[0].payload = vec![0; PAYLOAD_BYTES_MAX]);
    let refused = log.append(&vec![large; 32], 1).await;
    assert!(matches!(refused, Err(LogError::Limit { .. })));
    assert_eq!(log.head().await.unwrap().position, p(0));
}

pub(super) async fn what_is_just_within_the_limits_is_stored(log: Log) {
    let request = changed(|r| {
        r.events[0].payload = vec![1; PAYLOAD_BYTES_MAX];
        r.events[0].metadata = vec![2; METADATA_BYTES_MAX];
        r.events[0].event_type = "~".repeat(EVENT_TYPE_CHARS_MAX).into();
        r.events[0].schema_version = u16::MAX;
    });
    let request = keyed(request, &"🗝".repeat(RECEIPT_KEY_CHARS_MAX), 1);
    one(&log, request, i64::MAX).await.unwrap();
    let bare = changed(|r| {
        r.events[0].payload = Vec::new();
        r.events[0].metadata = Vec::new();
        r.events[0].schema_version = 0;
    });
    one(&log, bare, i64::MIN).await.unwrap();
    assert_eq!(log.head().await.unwrap().recorded_at_ms, NUMBER_MAX);
    assert_sound(&log).await;
}
