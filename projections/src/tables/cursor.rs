//! The cursor: how far the log has been read into the tables.

use keyledger_eventstore::{ChainCheck, Position};
use sqlx::{Row, SqliteConnection};

use super::error::{self, TablesError};

/// The version of the rules by which rows are computed. With another one the file must be computed anew.
const VERSION: i64 = 1;

pub(super) async fn create_if_missing(
    connection: &mut SqliteConnection,
) -> Result<(), TablesError> {
    sqlx::query(include_str!("sql/create_cursor.sql"))
        .bind(VERSION)
        .bind(ChainCheck::genesis().hash.as_slice())
        .execute(connection)
        .await
        .map_err(error::of)?;
    Ok(())
}

/// Where reading goes on, and the hash with which the check of the chain does.
pub(super) async fn load(connection: &mut SqliteConnection) -> Result<ChainCheck, TablesError> {
    let row = sqlx::query(include_str!("sql/cursor.sql"))
        .fetch_optional(connection)
        .await
        .map_err(error::of)?
        .ok_or_else(|| TablesError::Schema {
            reason: "the file has no cursor; start the server once".to_owned(),
        })?;
    let version: i64 = row.try_get("version").map_err(TablesError::corrupt)?;
    if version != VERSION {
        return Err(TablesError::Schema {
            reason: format!(
                "rows were computed by rules of version {version}, this program has {VERSION}; delete the file, it is computed again"
            ),
        });
    }
    let position: i64 = row.try_get("position").map_err(TablesError::corrupt)?;
    let hash: &[u8] = row.try_get("hash").map_err(TablesError::corrupt)?;
    let hash = hash.try_into().map_err(TablesError::corrupt)?;
    Ok(ChainCheck::resume(Position::new(position), hash))
}

/// Moves the cursor, unless somebody else has.
pub(super) async fn move_on(
    connection: &mut SqliteConnection,
    from: Position,
    to: &ChainCheck,
    now_ms: i64,
) -> Result<(), TablesError> {
    let moved = sqlx::query(include_str!("sql/move_cursor.sql"))
        .bind(VERSION)
        .bind(from.get())
        .bind(to.position.get())
        .bind(to.hash.as_slice())
        .bind(now_ms)
        .execute(connection)
        .await
        .map_err(error::of)?;
    if moved.rows_affected() == 1 {
        Ok(())
    } else {
        Err(TablesError::Conflict)
    }
}

/// Notes that reading has stopped for good.
pub(super) async fn fail(connection: &mut SqliteConnection) -> Result<(), TablesError> {
    sqlx::query(include_str!("sql/fail_cursor.sql"))
        .execute(connection)
        .await
        .map_err(error::of)?;
    Ok(())
}
