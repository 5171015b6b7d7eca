//! One batch into a node's own file.

use std::path::Path;

use keyledger_eventstore::ChainCheck;
use keyledger_eventstore::connections;
use rusqlite::Connection as FileConnection;
use tokio::runtime::Handle;

use super::batch::{self, Recorded};
use super::cursor;
use super::engine::Connection;
use super::error::{TablesError, of_file};
use super::policies::Policies;

/// Opens the connection that writes.
pub(super) fn open(path: &Path) -> rusqlite::Result<FileConnection> {
    let connection = connections::open(path, false)?;
    // What a loss of power takes away is computed again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is erased is overwritten, not only let go.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    Ok(connection)
}

/// Does `work` in a transaction, on a thread that may block: all of it, or nothing.
pub(super) fn transact<T>(
    connection: &mut FileConnection,
    work: impl AsyncFnOnce(&mut Connection<'_>) -> Result<T, TablesError>,
) -> Result<T, TablesError> {
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(of_file)?;
    // INVARIANT: a connection whose work has failed is closed, which rolls it back.
    let done = Handle::current().block_on(work(&mut Connection::File(connection)))?;
    connection.execute_batch("COMMIT").map_err(of_file)?;
    Ok(done)
}

/// Writes the batch and moves the cursor from the first check to the second, or does nothing.
pub(super) fn write(
    connection: &mut FileConnection,
    policies: &mut Policies,
    batch: &[Recorded],
    (from, to): (&ChainCheck, &ChainCheck),
    now_ms: i64,
) -> Result<(), TablesError> {
    transact(connection, async |inside| {
        // Before anything is written: rows that somebody else has changed would look inconsistent.
        if cursor::load(inside).await?.position != from.position {
            return Err(TablesError::Conflict);
        }
        batch::write(inside, policies, batch, from, to, now_ms).await
    })
}
