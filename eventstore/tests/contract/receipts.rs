//! Idempotency keys.

use keyledger_eventstore::{Appended, Receipt, ReceiptKey, Refused};

use super::support::*;

pub(super) async fn a_repetition_gets_the_first_answer(log: Log) {
    let mut request = keyed(at(token(1), 0), "kä y'\"🗝", 1);
    request.events.push(event(token(1)));
    let first = one(&log, request, 10).await.unwrap();
    assert!(!first.replayed);
    let again = keyed(at(token(1), 0), "kä y'\"🗝", 1);
    let replayed = Appended {
        replayed: true,
        ..first
    };
    assert_eq!(one(&log, again, 20).await, Ok(replayed));
    assert_eq!(log.head().await.unwrap().position, p(2));
    let receipt = Receipt {
        fingerprint: [1; 32],
        first_position: p(1),
        last_position: p(2),
        recorded_at_ms: 10,
    };
    assert_eq!(
        log.receipt(account(1), "kä y'\"🗝").await.unwrap(),
        Some(receipt)
    );
    assert_eq!(log.receipt(account(1), "other").await.unwrap(), None);
}

pub(super) async fn another_request_under_the_key_is_refused(log: Log) {
    one(&log, keyed(at(token(1), 0), "key", 1), 1)
        .await
        .unwrap();
    let other = keyed(at(token(2), 0), "key", 2);
    assert_eq!(one(&log, other, 1).await, Err(Refused::KeyReused));
}

pub(super) async fn receipts_hold_inside_one_batch(log: Log) {
    let batch = [
        keyed(at(token(1), 0), "key", 1),
        keyed(at(token(1), 0), "key", 1),
        keyed(at(token(2), 0), "key", 2),
        keyed(at(token(2), 0), "KEY", 2),
    ];
    let answers = log.append(&batch, 1).await.unwrap();
    let first = answers[0].clone().unwrap();
    let replayed = Appended {
        replayed: true,
        ..first
    };
    assert_eq!(answers[1], Ok(replayed));
    assert_eq!(answers[2], Err(Refused::KeyReused));
    assert_eq!(answers[3].as_ref().unwrap().first, p(2));
}

pub(super) async fn a_refused_request_leaves_its_key_free(log: Log) {
    let batch = [
        keyed(at(token(1), 5), "key", 1),
        keyed(at(token(1), 0), "key", 2),
    ];
    let answers = log.append(&batch, 1).await.unwrap();
    assert!(matches!(answers[0], Err(Refused::Conflict { .. })));
    assert!(answers[1].is_ok());
}

pub(super) async fn keys_are_of_an_account(log: Log) {
    one(&log, keyed(at(token(1), 0), "key", 1), 1)
        .await
        .unwrap();
    let mut other = at(token(2), 0);
    other.receipt = Some(ReceiptKey {
        account: account(2),
        key: "key".to_owned(),
        fingerprint: [2; 32],
    });
    assert!(!one(&log, other, 1).await.unwrap().replayed);
}
