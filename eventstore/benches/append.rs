//! Durable appends of a ~200-byte event, on a temporary file with `synchronous=FULL`.
//!
//! - `writer`: so many callers at once through the batching writer, each with one event and its
//!   precondition, waiting for the disk.
//! - `log`: the same requests as one batch, without the writer. Every event begins a stream with a
//!   random id, the worst case: it touches a page of its own in two indexes, and writing those
//!   pages is most of the time.
//! - `ordered`: as `log`, with stream ids that begin with the time, which share pages.
//! - `receipts`: as `log`, each request with an idempotency key and a claim as well.
//! - `raw`: the reference: so many rows in one multi-row INSERT of its own transaction, without
//!   look-ups, secondary indexes, triggers or hashes.
//!
//! The disk decides: compare with `raw` beside it, not with another day.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run may end with a panic"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyledger_domain::ids::{AccountId, EventId, StreamRef, TokenId};
use keyledger_eventstore::{
    Append, Claim, ClaimChange, Durability, EventLog, Expect, NewEvent, ReceiptKey, SqliteLog,
    Writer, WriterLimits,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const BATCHES: [usize; 3] = [1, 10, 100];
const PAYLOAD: &[u8] = &[7; 160];
const METADATA: &[u8] = &[8; 40];

fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// One event that begins a stream of this id.
fn beginning(id: u128) -> Append {
    let id_bytes = id.to_be_bytes();
    let (stream_id, _) = id_bytes.split_first_chunk::<12>().unwrap();
    let account = AccountId::from_bytes([1; 12]);
    let stream = StreamRef::token(account, TokenId::from_bytes(*stream_id));
    Append {
        expect: vec![Expect { stream, version: 0 }],
        events: vec![NewEvent {
            // Version 7 UUIDs begin with the time: the next one is greater.
            id: EventId::from_bytes(u128::from(number()).to_be_bytes()),
            stream,
            event_type: "token.created".into(),
            schema_version: 1,
            payload: PAYLOAD.to_vec(),
            metadata: METADATA.to_vec(),
        }],
        ..Append::default()
    }
}

/// A stream id as good as random: multiplied by an odd constant, all distinct.
fn request() -> Append {
    beginning(u128::from(number()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

fn request_ordered() -> Append {
    beginning(u128::from(number()) << 64)
}

fn request_with_receipt() -> Append {
    let mut request = request();
    let number = number();
    let mut key = [0; 32];
    let (first, _) = key.split_first_chunk_mut::<8>().unwrap();
    *first = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    request.claims = request
        .expect
        .iter()
        .map(|e| Claim {
            key,
            change: ClaimChange::Take,
            stream: e.stream,
        })
        .collect();
    request.receipt = Some(ReceiptKey {
        account: AccountId::from_bytes([1; 12]),
        key: format!("client-key-{number:020}"),
        fingerprint: key,
    });
    request
}

async fn open(folder: &Path) -> Arc<SqliteLog> {
    let path = folder.join("log.db");
    Arc::new(SqliteLog::open(&path, Durability::Full).await.unwrap())
}

async fn raw(folder: &Path) -> SqliteConnection {
    let mut connection = SqliteConnectOptions::new()
        .filename(folder.join("raw.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap();
    connection
        .execute(
            "CREATE TABLE event (position INTEGER PRIMARY KEY, payload BLOB, metadata BLOB) STRICT",
        )
        .await
        .unwrap();
    connection
}

fn appends(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = runtime.block_on(open(folder.path()));
    let writer = runtime
        .block_on(async { Writer::spawn(log.clone(), Arc::new(|| 1), WriterLimits::default()) });
    let mut raw = runtime.block_on(raw(folder.path()));
    let mut group = c.benchmark_group("append");
    for batch in BATCHES {
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(format!("writer/{batch}"), |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let mut callers = JoinSet::new();
                    for _ in 0..batch {
                        let writer = writer.clone();
                        callers.spawn(async move { writer.append(request()).await });
                    }
                    while let Some(answer) = callers.join_next().await {
                        answer.unwrap().unwrap();
                    }
                });
            });
        });
        for (name, make) in [
            ("log", request as fn() -> Append),
            ("ordered", request_ordered),
            ("receipts", request_with_receipt),
        ] {
            group.bench_function(format!("{name}/{batch}"), |b| {
                b.iter(|| {
                    let requests: Vec<_> = (0..batch).map(|_| make()).collect();
                    let answers = runtime.block_on(log.append(&requests, 1)).unwrap();
                    assert!(answers.iter().all(Result::is_ok));
                });
            });
        }
        let rows = vec!["(?, ?)"; batch].join(",");
        let sql = format!("INSERT INTO event (payload, metadata) VALUES {rows}");
        group.bench_function(format!("raw/{batch}"), |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let mut transaction = raw.begin_with("BEGIN IMMEDIATE").await.unwrap();
                    let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
                    for _ in 0..batch {
                        query = query.bind(PAYLOAD).bind(METADATA);
                    }
                    query.execute(&mut *transaction).await.unwrap();
                    transaction.commit().await.unwrap();
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, appends);
criterion_main!(benches);
