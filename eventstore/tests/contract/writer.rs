//! The batching writer over a log that works.

use keyledger_eventstore::{AppendError, Refused, Writer, WriterLimits};

use super::support::*;

pub(super) async fn sixteen_writers_get_dense_positions(log: Log) {
    let handle = Writer::spawn(log.clone(), clock(), WriterLimits::default());
    let mut tasks = Vec::new();
    for writer in 0..16 {
        let handle = handle.clone();
        tasks.push(tokio::spawn(async move {
            let mut positions = Vec::new();
            for version in 0..50 {
                let appended = handle.append(at(token(writer), version)).await.unwrap();
                positions.push(appended.first.get());
            }
            positions
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        let positions = task.await.unwrap();
        assert!(
            positions.is_sorted(),
            "a writer's own events keep their order"
        );
        all.extend(positions);
    }
    all.sort_unstable();
    assert_eq!(all, (1..=800).collect::<Vec<_>>());
    assert_eq!(*handle.head().borrow(), p(800));
    assert_sound(&log).await;
}

pub(super) async fn the_head_is_published_before_the_answer(log: Log) {
    one(&log, some(token(1), 3), 1).await.unwrap();
    let handle = Writer::spawn(log, clock(), WriterLimits::default());
    let mut head = handle.head();
    head.wait_for(|position| *position == p(3)).await.unwrap();
    let appended = handle.append(at(token(2), 0)).await.unwrap();
    assert_eq!(*handle.head().borrow(), appended.last);
}

pub(super) async fn closing_writes_what_was_queued(log: Log) {
    let handle = Writer::spawn(log.clone(), clock(), WriterLimits::default());
    let waiting: Vec<_> = (0..100)
        .map(|n| {
            let handle = handle.clone();
            tokio::spawn(async move { handle.append(at(token(n), 0)).await })
        })
        .collect();
    handle.append(at(token(1_000), 0)).await.unwrap();
    handle.close().await;
    let mut stored = 1;
    for task in waiting {
        match task.await.unwrap() {
            Ok(_) => stored += 1,
            Err(error) => assert!(matches!(error, AppendError::Unavailable(_)), "{error:?}"),
        }
    }
    assert_eq!(log.head().await.unwrap().position, p(stored));
    let late = handle.append(at(token(2_000), 0)).await;
    assert!(matches!(late, Err(AppendError::Unavailable(_))));
    handle.close().await;
}

pub(super) async fn a_refusal_reaches_its_own_caller(log: Log) {
    let handle = Writer::spawn(log, clock(), WriterLimits::default());
    let (good, bad, empty) = tokio::join!(
        handle.append(at(token(1), 0)),
        handle.append(at(token(2), 9)),
        handle.append(some(token(3), 0)),
    );
    assert!(good.is_ok());
    let conflict = Refused::Conflict {
        stream: token(2),
        expected: 9,
        actual: 0,
    };
    assert_eq!(bad, Err(AppendError::Refused(conflict)));
    assert!(matches!(
        empty,
        Err(AppendError::Refused(Refused::Invalid { .. }))
    ));
}

pub(super) async fn a_log_that_is_being_written_is_found_right(log: Log) {
    let handle = Writer::spawn(log.clone(), clock(), WriterLimits::default());
    let writing = tokio::spawn(async move {
        for version in 0..300 {
            handle.append(at(token(1), version)).await.unwrap();
            handle.append(at(token(1_000), version)).await.unwrap();
        }
    });
    let mut rounds = 0;
    while !writing.is_finished() {
        assert_sound(&log).await;
        rounds += 1;
    }
    writing.await.unwrap();
    assert!(rounds > 0);
    assert_sound(&log).await;
}

pub(super) async fn a_busy_queue_does_not_keep_the_writer_from_closing(log: Log) {
    let handle = Writer::spawn(log.clone(), clock(), WriterLimits::default());
    let busy: Vec<_> = (0..8)
        .map(|n| {
            let handle = handle.clone();
            tokio::spawn(async move {
                let mut stored = 0;
                while handle.append(at(token(n), stored)).await.is_ok() {
                    stored += 1;
                }
                stored
            })
        })
        .collect();
    let mut head = handle.head();
    head.wait_for(|position| *position > p(20)).await.unwrap();
    handle.close().await;
    let mut stored = 0;
    for task in busy {
        stored += task.await.unwrap();
    }
    assert_eq!(log.head().await.unwrap().position, p(stored));
}
