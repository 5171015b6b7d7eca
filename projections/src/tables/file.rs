//! One batch into a node's own file.

use keyledger_eventstore::ChainCheck;
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

use super::batch::{self, Recorded};
use super::cursor;
use super::engine::Connection;
use super::error::{self, TablesError};
use super::policies::Policies;

/// Writes the batch and moves the cursor from the first check to the second, or does nothing.
pub(super) async fn write(
    writer: &SqlitePool,
    policies: &mut Policies,
    batch: &[Recorded],
    range: (&ChainCheck, &ChainCheck),
    now_ms: i64,
) -> Result<(), TablesError> {
    let mut connection = writer.acquire().await.map_err(error::of)?;
    let outcome = transact(&mut connection, policies, batch, range, now_ms).await;
    if outcome.is_err() {
        policies.forget();
        // SQLite may have rolled back by itself, which the driver does not notice; it would refuse to
        // begin again on this connection.
        let _closed = connection.close().await;
    }
    outcome
}

async fn transact(
    connection: &mut SqliteConnection,
    policies: &mut Policies,
    batch: &[Recorded],
    (from, to): (&ChainCheck, &ChainCheck),
    now_ms: i64,
) -> Result<(), TablesError> {
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(error::of)?;
    let mut inside = Connection::Sqlite(&mut transaction);
    // Before anything is written: rows that somebody else has changed would look inconsistent.
    if cursor::load(&mut inside).await?.position != from.position {
        return Err(TablesError::Conflict);
    }
    batch::write(&mut inside, policies, batch, from, to, now_ms).await?;
    transaction.commit().await.map_err(error::of)
}
