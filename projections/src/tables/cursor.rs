//! The cursor: how far the log has been read into the tables.

use keyledger_eventstore::{ChainCheck, Position};
use sqlx::SqliteConnection;

use super::engine::{Connection, Query, Row, both};
use super::error::{self, TablesError};

/// The version of the rules by which rows are computed. With another one the file must be computed anew.
const VERSION: i64 = 1;

pub(super) async fn create_if_missing(connection: &mut Connection<'_>) -> Result<(), TablesError> {
    connection
        .execute(
            Query::new(both!("create_cursor"))
                .bind(VERSION)
                .bind(ChainCheck::genesis().hash.as_slice()),
        )
        .await?;
    Ok(())
}

/// Where reading goes on, and the hash with which the check of the chain does.
pub(super) async fn load(connection: &mut Connection<'_>) -> Result<ChainCheck, TablesError> {
    let row = connection.row(Query::new(both!("cursor"))).await?;
    read(row)
}

/// The same on a connection that reads a file.
pub(super) async fn load_by_reader(
    reader: &mut SqliteConnection,
) -> Result<ChainCheck, TablesError> {
    let row: Option<(i64, i64, Vec<u8>)> = sqlx::query_as(both!("cursor").sqlite)
        .fetch_optional(reader)
        .await
        .map_err(error::of)?;
    check(row)
}

/// Reads the cursor's row.
pub(super) fn read(row: Option<Row>) -> Result<ChainCheck, TablesError> {
    let cells = |row: Row| {
        let hash = row.bytes("hash")?.to_vec();
        Ok::<_, TablesError>((row.number("version")?, row.number("position")?, hash))
    };
    check(row.map(cells).transpose()?)
}

/// Checks a cursor's version, position and hash.
fn check(cells: Option<(i64, i64, Vec<u8>)>) -> Result<ChainCheck, TablesError> {
    let (version, position, hash) = cells.ok_or_else(|| TablesError::Schema {
        reason: "there is no cursor; start the server once".to_owned(),
    })?;
    if version != VERSION {
        return Err(TablesError::Schema {
            reason: format!(
                "rows were computed by rules of version {version}, this program has {VERSION}; they must be computed again"
            ),
        });
    }
    let hash = hash
        .try_into()
        .map_err(|hash| TablesError::corrupt(format!("the cursor's hash is {hash:?}")))?;
    Ok(ChainCheck::resume(Position::new(position), hash))
}

/// Moves the cursor, unless somebody else has.
pub(super) async fn move_on(
    connection: &mut Connection<'_>,
    from: Position,
    to: &ChainCheck,
    now_ms: i64,
) -> Result<(), TablesError> {
    let moved = connection
        .execute(
            Query::new(both!("move_cursor"))
                .bind(VERSION)
                .bind(from.get())
                .bind(to.position.get())
                .bind(to.hash.as_slice())
                .bind(now_ms),
        )
        .await?;
    if moved == 1 {
        Ok(())
    } else {
        Err(TablesError::Conflict)
    }
}

/// Notes that reading has stopped for good.
pub(super) async fn fail(connection: &mut Connection<'_>) -> Result<(), TablesError> {
    connection.execute(Query::new(both!("fail_cursor"))).await?;
    Ok(())
}
