//! One connection for one piece of work. It goes back to the pool when the work is done, and is closed when it failed,
//! took too long or was dropped in the middle: nobody knows what is still on its way.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgConnection, PgPool, Postgres};

use super::database::Pooling;
use super::fault;
use crate::error::LogError;

/// How long one message to the server may take to be answered. A connection that is cut without a word would otherwise
/// hold a node up for minutes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Lease {
    connection: Option<PoolConnection<Postgres>>,
    pooling: Pooling,
}

impl Lease {
    pub(super) async fn take(pool: &PgPool, pooling: Pooling) -> Result<Self, sqlx::Error> {
        Ok(Self {
            connection: Some(pool.acquire().await?),
            pooling,
        })
    }

    fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        // INVARIANT: it is there until `give_back` or `drop`, which take the lease.
        self.connection
            .as_deref_mut()
            .ok_or(sqlx::Error::PoolClosed)
    }

    /// Runs statements without parameters, sent as one message.
    pub(super) async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let connection = self.connection()?;
        let answer = sqlx::raw_sql(sql).execute(connection);
        in_time(answer).await.map(drop)
    }

    /// Runs one statement and gives back its rows.
    pub(super) async fn rows(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        // A pooler would give a statement that is kept to somebody else.
        let query = query.persistent(self.pooling == Pooling::Session);
        let connection = self.connection()?;
        in_time(query.fetch_all(connection)).await
    }

    /// Gives the connection back, as it was found.
    pub(super) fn give_back(mut self) {
        drop(self.connection.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// Waits for an answer of the server, and gives up after 5 s.
///
/// It is kept in a box: a transaction is a future of 9 KB, which would be part of every request that could need one.
///
/// # Errors
/// What the work's are, and [`sqlx::Error::Io`] when it took too long.
pub fn in_time<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> impl Future<Output = Result<T, sqlx::Error>> {
    let answer = Box::pin(answer);
    async move {
        let late = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        tokio::time::timeout(ANSWER_TIMEOUT, answer)
            .await
            .map_err(late)?
    }
}

/// The rows of one statement that reads.
pub(super) async fn read(
    (pool, pooling): (&PgPool, Pooling),
    query: Query<'_, Postgres, PgArguments>,
) -> Result<Vec<PgRow>, LogError> {
    let mut lease = Lease::take(pool, pooling).await.map_err(fault::of_read)?;
    // A statement is prepared in one message and run in another: a pooler may give the second to somebody else, except
    // within a transaction.
    let whole = pooling == Pooling::Transaction;
    if whole {
        let begun = lease.run("BEGIN READ ONLY").await;
        begun.map_err(fault::of_read)?;
    }
    let rows = lease.rows(query).await.map_err(fault::of_read)?;
    if whole {
        lease.run("COMMIT").await.map_err(fault::of_read)?;
    }
    lease.give_back();
    Ok(rows)
}
