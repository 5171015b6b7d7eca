//! What is PostgreSQL's own: roles, triggers, several nodes, and damage that only a raw connection can do.

use std::sync::Arc;

use keyledger_eventstore::PostgresLog;
use keyledger_eventstore::postgres::{Database, DatabaseOptions, Pooling};
use keyledger_test_postgres::fresh_database;
use sqlx::PgConnection;

use super::support::Log;

mod append_only;
mod nodes;
mod roles;
mod schema;
mod tls;

/// A fresh log in a database of its own.
pub(super) struct Store {
    log: Arc<PostgresLog>,
    url: String,
}

impl Store {
    pub(super) async fn new() -> Self {
        let url = fresh_database().await;
        let log = open(&url, Pooling::Session).await;
        Self { log, url }
    }

    /// The log as a pooler leaves it: without prepared statements. The database is made as an operator makes it, past
    /// the pooler.
    pub(super) async fn behind_a_pooler() -> Self {
        let Self { url, .. } = Self::new().await;
        let log = open(&url, Pooling::Transaction).await;
        Self { log, url }
    }

    pub(super) fn log(&self) -> Log {
        self.log.clone()
    }

    /// The name of its database.
    fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap()
    }

    /// A connection as any other program would have one.
    async fn raw(&self) -> PgConnection {
        keyledger_test_postgres::connect(&self.url).await
    }
}

async fn database(url: &str, pooling: Pooling) -> Database {
    let options = DatabaseOptions::parse(url, pooling).unwrap();
    Database::connect(&options).await.unwrap()
}

async fn open(url: &str, pooling: Pooling) -> Arc<PostgresLog> {
    let database = database(url, pooling).await;
    Arc::new(PostgresLog::open(&database).await.unwrap())
}
