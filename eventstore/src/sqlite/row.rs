//! Reads rows, and trusts nothing in them: a wrong length, kind or range is damage.

use keyledger_domain::ids::{AccountId, StreamKind, StreamRef};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::LogError;
use crate::limits::NUMBER_MAX;
use crate::model::{Head, Position};

/// One row, and the event that it is about if it is about one.
pub(super) struct Cells<'r> {
    row: &'r SqliteRow,
    position: Position,
}

impl<'r> Cells<'r> {
    pub(super) const fn new(row: &'r SqliteRow) -> Self {
        Self {
            row,
            position: Position::ZERO,
        }
    }

    fn damage(&self, place: &'static str, reason: impl ToString) -> LogError {
        LogError::Corrupt {
            position: self.position,
            place,
            reason: reason.to_string(),
        }
    }

    pub(super) fn blob(&self, column: usize, place: &'static str) -> Result<&'r [u8], LogError> {
        let cell = self.row.try_get(column);
        cell.map_err(|error| self.damage(place, error))
    }

    pub(super) fn bytes<const N: usize>(
        &self,
        column: usize,
        place: &'static str,
    ) -> Result<[u8; N], LogError> {
        let blob = self.blob(column, place)?;
        blob.try_into()
            .map_err(|_| self.damage(place, format!("{} bytes, not {N}", blob.len())))
    }

    pub(super) fn text(&self, column: usize, place: &'static str) -> Result<&'r str, LogError> {
        let cell = self.row.try_get(column);
        cell.map_err(|error| self.damage(place, error))
    }

    pub(super) fn number(&self, column: usize, place: &'static str) -> Result<i64, LogError> {
        let cell = self.row.try_get(column);
        let number: i64 = cell.map_err(|error| self.damage(place, error))?;
        if !(0..=NUMBER_MAX).contains(&number) {
            return Err(self.damage(place, format!("{number} is out of range")));
        }
        Ok(number)
    }

    pub(super) fn position(
        &self,
        column: usize,
        place: &'static str,
    ) -> Result<Position, LogError> {
        self.number(column, place).map(Position::new)
    }

    /// A stream in three columns, from `column` on: account, kind, id.
    pub(super) fn stream(
        &self,
        column: usize,
        places: [&'static str; 3],
    ) -> Result<StreamRef, LogError> {
        let [account, kind, id] = places;
        let number = self.number(column + 1, kind)?;
        Ok(StreamRef {
            account: AccountId::from_bytes(self.bytes(column, account)?),
            kind: StreamKind::from_number(number)
                .ok_or_else(|| self.damage(kind, format!("no kind has the number {number}")))?,
            id: self.bytes(column + 2, id)?,
        })
    }
}

/// Where a stream's columns are, for the report of damage.
pub(super) const IN_EVENT: [&str; 3] = ["event.account_id", "event.stream_kind", "event.stream_id"];
pub(super) const IN_STREAM: [&str; 3] = [
    "stream.account_id",
    "stream.stream_kind",
    "stream.stream_id",
];
pub(super) const IN_CLAIM: [&str; 3] = ["claim.account_id", "claim.stream_kind", "claim.stream_id"];

/// The row of `head.sql`.
pub(super) fn head(row: &SqliteRow) -> Result<Head, LogError> {
    let cells = Cells::new(row);
    Ok(Head {
        position: cells.position(0, "log_head.position")?,
        hash: cells.bytes(1, "log_head.hash")?,
        recorded_at_ms: cells.number(2, "log_head.recorded_at_ms")?,
    })
}

/// The damage of a log without its head.
pub(super) fn no_head() -> LogError {
    LogError::Corrupt {
        position: Position::ZERO,
        place: "log_head",
        reason: "the log has no head".to_owned(),
    }
}
