//! Uniqueness.

use keyledger_domain::ids::StreamRef;
use keyledger_eventstore::ClaimChange::{Release, Take};
use keyledger_eventstore::{Append, Claim, ClaimChange, Refused};

use super::support::*;

const KEY: [u8; 32] = [7; 32];

fn claiming(stream: StreamRef, changes: &[(ClaimChange, [u8; 32], StreamRef)]) -> Append {
    let claims = changes.iter().map(|&(change, key, stream)| Claim {
        key,
        change,
        stream,
    });
    Append {
        claims: claims.collect(),
        ..some(stream, 1)
    }
}

fn own(stream: StreamRef, change: ClaimChange) -> Append {
    claiming(stream, &[(change, KEY, stream)])
}

pub(super) async fn a_key_is_taken_and_released(log: Log) {
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), None);
    one(&log, own(token(1), Take), 1).await.unwrap();
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), Some(token(1)));
    // Taking what one holds changes nothing.
    one(&log, own(token(1), Take), 1).await.unwrap();
    one(&log, own(token(1), Release), 1).await.unwrap();
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), None);
    one(&log, own(token(2), Take), 1).await.unwrap();
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), Some(token(2)));
}

pub(super) async fn a_held_key_refuses_another_stream(log: Log) {
    one(&log, own(token(1), Take), 1).await.unwrap();
    let refused = one(&log, own(token(2), Take), 1).await;
    let holder = token(1);
    assert_eq!(refused, Err(Refused::Claimed { key: KEY, holder }));
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), Some(token(1)));
    assert_eq!(log.head().await.unwrap().position, p(1));
}

pub(super) async fn only_the_holder_releases(log: Log) {
    let refused = Err(Refused::NotHeld { key: KEY });
    assert_eq!(one(&log, own(token(1), Release), 1).await, refused);
    one(&log, own(token(1), Take), 1).await.unwrap();
    assert_eq!(one(&log, own(token(2), Release), 1).await, refused);
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), Some(token(1)));
}

pub(super) async fn claims_hold_inside_one_batch(log: Log) {
    let batch = [
        own(token(1), Take),
        own(token(2), Take),
        own(token(1), Release),
        own(token(3), Take),
        own(token(1), Release),
    ];
    let answers = log.append(&batch, 1).await.unwrap();
    let fine: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, false, true, true, false]);
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), Some(token(3)));
}

pub(super) async fn claims_of_one_request_apply_in_order(log: Log) {
    const OTHER: [u8; 32] = [8; 32];
    one(&log, own(token(1), Take), 1).await.unwrap();
    // A handover, and a key that is taken and given back at once.
    let handover = [
        (Release, KEY, token(1)),
        (Take, KEY, token(2)),
        (Take, OTHER, token(2)),
        (Release, OTHER, token(2)),
    ];
    one(&log, claiming(token(2), &handover), 1).await.unwrap();
    assert_eq!(log.claim_holder(&KEY).await.unwrap(), Some(token(2)));
    assert_eq!(log.claim_holder(&OTHER).await.unwrap(), None);
    // The other way round it fails, and the first part is not kept.
    let wrong = [(Take, OTHER, token(1)), (Take, KEY, token(1))];
    one(&log, claiming(token(1), &wrong), 1).await.unwrap_err();
    assert_eq!(log.claim_holder(&OTHER).await.unwrap(), None);
}
