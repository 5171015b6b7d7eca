//! Durable commands over HTTP, each acknowledged after its commit, on both stores; beside what the web framework and the
//! stores do by themselves; on one, two and three nodes; and how soon a node hears of a revocation at another.
//!
//! The servers, the database and the load share both cores.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use keyledger_bench::load::{self, Question};
use keyledger_bench::revocation::revocations;
use keyledger_bench::servers::{ALL_CORES, Process, free_port};
use keyledger_bench::tokens::{self, RESOURCE};
use keyledger_domain::ids::{AccountId, EventId, StreamRef, TokenId};
use keyledger_eventstore::postgres::{Database, DatabaseOptions, Pooling};
use keyledger_eventstore::{Append, Durability, EventLog, NewEvent, PostgresLog, SqliteLog};
use keyledger_test_postgres::{Server as Postgres, make_database};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

/// How long each measurement lasts.
const LASTS: Duration = Duration::from_secs(4);
/// Rounds; the median counts.
const ROUNDS: usize = 3;
const CLIENTS: [usize; 4] = [1, 8, 64, 256];
/// Rows of a bare transaction, and requests of a bare batch.
const GROUPS: [usize; 2] = [1, 100];

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn command(owner: &str) -> Question {
    let form = json!({"role": "reader", "name": "a token"}).to_string();
    let mut question = Question::new("POST", "/api/v2/tokens", &[("Authorization", owner)], &form);
    question.status = "201";
    question
}

/// Rows as long as an event, in transactions of `group`, for a while; rows a second.
async fn bare_postgres(url: &str, group: usize) -> f64 {
    let mut connection = PgConnection::connect(url).await.expect("a database");
    sqlx::raw_sql(
        "DROP TABLE IF EXISTS bare; CREATE TABLE bare (position bigint PRIMARY KEY, payload bytea)",
    )
    .execute(&mut connection)
    .await
    .expect("a table");
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < LASTS {
        let positions: Vec<i64> = (0..group as i64).map(|row| count + row).collect();
        let payloads = vec![vec![7_u8; 350]; group];
        sqlx::query("INSERT INTO bare SELECT * FROM unnest($1::bigint[], $2::bytea[])")
            .bind(positions)
            .bind(payloads)
            .execute(&mut connection)
            .await
            .expect("rows");
        count += group as i64;
    }
    count as f64 / start.elapsed().as_secs_f64()
}

async fn bare_sqlite(folder: &Path, group: usize) -> f64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(folder.join(format!("bare{group}.db")))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .expect("a file");
    sqlx::raw_sql("CREATE TABLE bare (position INTEGER PRIMARY KEY, payload BLOB)")
        .execute(&mut connection)
        .await
        .expect("a table");
    let values = vec!["(?, ?)"; group].join(", ");
    let sql = format!("INSERT INTO bare VALUES {values}");
    let (start, mut count) = (Instant::now(), 0_i64);
    while start.elapsed() < LASTS {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.clone()));
        for row in 0..group as i64 {
            query = query.bind(count + row).bind(vec![7_u8; 350]);
        }
        query.execute(&mut connection).await.expect("rows");
        count += group as i64;
    }
    count as f64 / start.elapsed().as_secs_f64()
}

/// The log itself, without HTTP: batches of requests with one event each; events a second.
async fn log(log: &dyn EventLog, group: usize) -> f64 {
    let account = AccountId::from_bytes([1; 12]);
    let (start, mut count) = (Instant::now(), 0_u64);
    while start.elapsed() < LASTS {
        let batch: Vec<Append> = (0..group as u64)
            .map(|row| {
                let number = (group as u64) << 40 | (count + row);
                let (mut id, mut random) = ([0; 12], [0; 10]);
                id[..8].copy_from_slice(&number.to_be_bytes());
                random[..8].copy_from_slice(&number.to_be_bytes());
                Append {
                    events: vec![NewEvent {
                        id: EventId::v7(i64::try_from(count).expect("a time"), random),
                        stream: StreamRef::token(account, TokenId::from_bytes(id)),
                        event_type: "token.created".into(),
                        schema_version: 1,
                        payload: vec![7; 200],
                        metadata: vec![7; 60],
                    }],
                    ..Append::default()
                }
            })
            .collect();
        let answers = log.append(&batch, 1).await.expect("an append");
        assert!(answers.iter().all(Result::is_ok));
        count += group as u64;
    }
    count as f64 / start.elapsed().as_secs_f64()
}

async fn node(database: Option<&str>, pepper: Option<&Path>) -> Process {
    let mut env = Vec::new();
    if let Some(url) = database {
        env.push(("DATABASE_URL", url.to_owned()));
    }
    if let Some(pepper) = pepper {
        env.push(("KEYLEDGER_PEPPER_FILE", pepper.display().to_string()));
    }
    Process::keyledger(ALL_CORES, None, &env).await
}

async fn postgres_log(url: &str) -> PostgresLog {
    let options = DatabaseOptions::parse(url, Pooling::Session).expect("a URL");
    let database = Database::connect(&options).await.expect("a database");
    PostgresLog::open(&database).await.expect("a log")
}

#[tokio::main]
async fn main() {
    let postgres = Postgres::start(&[]);
    let admin = postgres.url("postgres");
    let folder = tempfile::tempdir().expect("a folder");
    let mut report: BTreeMap<String, f64> = BTreeMap::new();

    for group in GROUPS {
        report.insert(
            format!("bare rows, SQLite, groups of {group}"),
            bare_sqlite(folder.path(), group).await,
        );
        report.insert(
            format!("bare rows, PostgreSQL, groups of {group}"),
            bare_postgres(&admin, group).await,
        );
        let file = folder.path().join(format!("log{group}.db"));
        let sqlite = SqliteLog::open(&file, Durability::Full)
            .await
            .expect("a log");
        report.insert(
            format!("log, SQLite, batches of {group}"),
            log(&sqlite, group).await,
        );
        make_database(&admin, &format!("log{group}")).await;
        let pg = postgres_log(&postgres.url(&format!("log{group}"))).await;
        report.insert(
            format!("log, PostgreSQL, batches of {group}"),
            log(&pg, group).await,
        );
    }

    let bare = std::env::current_exe()
        .expect("a path")
        .with_file_name("bare");
    let port = free_port();
    let arguments = [format!("127.0.0.1:{port}")];
    let bare = Process::start(ALL_CORES, &bare, &arguments, &[], port, "/hello").await;
    let echo = json!({"token": "api-", "action": "a token", "resource": "reader"}).to_string();
    let echo = Question::new("POST", "/echo", &[], &echo);

    make_database(&admin, "one").await;
    make_database(&admin, "three").await;
    let sqlite = node(None, None).await;
    let one = node(Some(&postgres.url("one")), None).await;
    let mut rates: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for clients in CLIENTS {
            let mut note = |name: &str, rate| {
                rates
                    .entry(format!("{name}, {clients:3} clients"))
                    .or_default()
                    .push(rate)
            };
            note(
                "echo",
                load::closed_at(&[bare.address], &echo, LASTS, clients).await,
            );
            let asked = command(&sqlite.owner());
            note(
                "commands, SQLite",
                load::closed_at(&[sqlite.address], &asked, LASTS, clients).await,
            );
            let asked = command(&one.owner());
            note(
                "commands, PostgreSQL",
                load::closed_at(&[one.address], &asked, LASTS, clients).await,
            );
        }
    }
    drop((sqlite, one, bare));

    let url = postgres.url("three");
    let first = node(Some(&url), None).await;
    let pepper = first.folder.path().join("keyledger-data/pepper");
    let owner = first.owner();
    let mut nodes = vec![first];
    for count in 1..=3 {
        while nodes.len() < count {
            nodes.push(node(Some(&url), Some(&pepper)).await);
        }
        let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
        for _ in 0..ROUNDS {
            let rate = load::closed_at(&addresses, &command(&owner), LASTS, 64).await;
            rates
                .entry(format!("commands, {count} nodes, 64 clients"))
                .or_default()
                .push(rate);
        }
    }
    report.extend(rates.into_iter().map(|(name, all)| (name, median(all))));
    for (name, rate) in &report {
        println!("{name}: {rate:.0}/s");
    }

    let (_, secret) = tokens::four_statements(nodes[1].address, &owner).await;
    let body = json!({"action": "updateOn", "resource": RESOURCE}).to_string();
    let busy = Question::new(
        "POST",
        "/api/v2/decisions",
        &[("Authorization", &secret)],
        &body,
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (request, answer) = revocations(&nodes[0], &owner, &nodes[1], &busy).await;
    let revocation = json!({"another node, after the request": request, "another node, after the answer": answer});
    println!("revocation {revocation}");

    let out: Value = json!({"per second": report, "revocation": revocation});
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/commands.json");
    std::fs::write(&file, serde_json::to_string_pretty(&out).expect("JSON")).expect("a file");
    println!("written to {}", file.display());
}
