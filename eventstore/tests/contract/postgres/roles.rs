//! Who may do what in the database.

use keyledger_eventstore::postgres::Pooling;
use keyledger_eventstore::{EventLog, LogError, PostgresLog};
use keyledger_test_postgres::as_user;
use sqlx::{AssertSqlSafe, Executor as _};

use super::super::support::*;
use super::{Store, database};

/// A login that was granted one of the roles.
async fn login(store: &Store, role: &str) -> String {
    let mut raw = store.raw().await;
    let user = format!("{role}_of_{}", store.name());
    let sql = format!("CREATE ROLE {user} LOGIN IN ROLE {role}");
    raw.execute(AssertSqlSafe(sql)).await.unwrap();
    as_user(&store.url, &user)
}

async fn is_denied(url: &str, statement: &'static str) {
    let mut connection = keyledger_test_postgres::connect(url).await;
    let refused = connection.execute(statement).await;
    let error = refused.expect_err(statement);
    let code = error.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
}

#[tokio::test]
async fn a_node_appends_with_the_rights_of_the_service_and_no_more() {
    let store = Store::new().await;
    let url = login(&store, "keyledger_service").await;
    let log = PostgresLog::open(&database(&url, Pooling::Session).await).await;
    let log: Log = std::sync::Arc::new(log.unwrap());
    one(&log, keyed(some(token(1), 2), "key", 1), 1)
        .await
        .unwrap();
    one(&log, some(token(1), 1), 2).await.unwrap();
    assert_sound(&log).await;
    for statement in [
        "UPDATE keyledger.event SET payload = ''",
        "DELETE FROM keyledger.event",
        "TRUNCATE keyledger.event",
        "DELETE FROM keyledger.command_receipt",
        "DELETE FROM keyledger.stream",
        "DROP TABLE keyledger.claim",
        "ALTER TABLE keyledger.event DISABLE TRIGGER ALL",
        "CREATE TABLE keyledger.own (id int)",
    ] {
        is_denied(&url, statement).await;
    }
}

#[tokio::test]
async fn an_auditor_reads_the_log_and_an_analyst_does_not() {
    let store = Store::new().await;
    one(&store.log(), some(token(1), 2), 1).await.unwrap();
    let auditor = login(&store, "keyledger_auditor").await;
    let log = PostgresLog::open_read_only(&database(&auditor, Pooling::Session).await).await;
    let log = log.unwrap();
    assert_eq!(keyledger_eventstore::verify(&log).await.unwrap().events, 2);
    let refused = log.append(&[some(token(1), 1)], 1).await;
    assert!(matches!(refused, Err(LogError::ReadOnly)));
    is_denied(
        &auditor,
        "INSERT INTO keyledger.event SELECT * FROM keyledger.event",
    )
    .await;
    let analyst = login(&store, "keyledger_analyst").await;
    for table in ["event", "stream", "claim", "command_receipt", "log_head"] {
        let statement = match table {
            "event" => "SELECT 1 FROM keyledger.event",
            "stream" => "SELECT 1 FROM keyledger.stream",
            "claim" => "SELECT 1 FROM keyledger.claim",
            "command_receipt" => "SELECT 1 FROM keyledger.command_receipt",
            _ => "SELECT 1 FROM keyledger.log_head",
        };
        is_denied(&analyst, statement).await;
    }
}
