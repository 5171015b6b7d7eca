//! Reads rows, and trusts nothing in them: a wrong length, kind or range is damage.

use keyledger_domain::ids::{AccountId, EventId, StreamKind, StreamRef};
use rusqlite::types::ValueRef;
use sqlx::postgres::PgRow;

use crate::error::LogError;
use crate::limits::NUMBER_MAX;
use crate::model::{Head, Position, Receipt, StoredEvent};
use crate::plan::Placed;

/// A row of one of the drivers. Its cells are bytes, text and numbers of 64 bits, and nothing else. An error is the reason
/// that goes into the report of damage.
pub(crate) trait StoreRow {
    fn blob(&self, column: usize) -> Result<&[u8], String>;
    fn text(&self, column: usize) -> Result<&str, String>;
    fn number(&self, column: usize) -> Result<i64, String>;
}

impl StoreRow for PgRow {
    fn blob(&self, column: usize) -> Result<&[u8], String> {
        sqlx::Row::try_get(self, column).map_err(|error| error.to_string())
    }

    fn text(&self, column: usize) -> Result<&str, String> {
        sqlx::Row::try_get(self, column).map_err(|error| error.to_string())
    }

    fn number(&self, column: usize) -> Result<i64, String> {
        sqlx::Row::try_get(self, column).map_err(|error| error.to_string())
    }
}

/// SQLite's, whose cells are read where they lie.
impl StoreRow for rusqlite::Row<'_> {
    fn blob(&self, column: usize) -> Result<&[u8], String> {
        match self.get_ref(column).map_err(|error| error.to_string())? {
            ValueRef::Blob(bytes) => Ok(bytes),
            other => Err(format!("{}, not bytes", other.data_type())),
        }
    }

    fn text(&self, column: usize) -> Result<&str, String> {
        let cell = self.get_ref(column).map_err(|error| error.to_string())?;
        cell.as_str().map_err(|error| error.to_string())
    }

    fn number(&self, column: usize) -> Result<i64, String> {
        let cell = self.get_ref(column).map_err(|error| error.to_string())?;
        cell.as_i64().map_err(|error| error.to_string())
    }
}

/// One row, and the event that it is about if it is about one.
pub(crate) struct Cells<'r, R> {
    row: &'r R,
    position: Position,
}

impl<'r, R: StoreRow> Cells<'r, R> {
    pub(crate) const fn new(row: &'r R) -> Self {
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

    pub(crate) fn blob(&self, column: usize, place: &'static str) -> Result<&'r [u8], LogError> {
        let cell = self.row.blob(column);
        cell.map_err(|error| self.damage(place, error))
    }

    pub(crate) fn bytes<const N: usize>(
        &self,
        column: usize,
        place: &'static str,
    ) -> Result<[u8; N], LogError> {
        let blob = self.blob(column, place)?;
        blob.try_into()
            .map_err(|_| self.damage(place, format!("{} bytes, not {N}", blob.len())))
    }

    pub(crate) fn text(&self, column: usize, place: &'static str) -> Result<&'r str, LogError> {
        let cell = self.row.text(column);
        cell.map_err(|error| self.damage(place, error))
    }

    pub(crate) fn number(&self, column: usize, place: &'static str) -> Result<i64, LogError> {
        let cell = self.row.number(column);
        let number: i64 = cell.map_err(|error| self.damage(place, error))?;
        if !(0..=NUMBER_MAX).contains(&number) {
            return Err(self.damage(place, format!("{number} is out of range")));
        }
        Ok(number)
    }

    pub(crate) fn position(
        &self,
        column: usize,
        place: &'static str,
    ) -> Result<Position, LogError> {
        self.number(column, place).map(Position::new)
    }

    /// A stream in three columns, from `column` on: account, kind, id.
    pub(crate) fn stream(
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
pub(crate) const IN_EVENT: [&str; 3] = ["event.account_id", "event.stream_kind", "event.stream_id"];
pub(crate) const IN_STREAM: [&str; 3] = [
    "stream.account_id",
    "stream.stream_kind",
    "stream.stream_id",
];
pub(crate) const IN_CLAIM: [&str; 3] = ["claim.account_id", "claim.stream_kind", "claim.stream_id"];

/// The row of `head.sql`.
pub(crate) fn head(row: &impl StoreRow) -> Result<Head, LogError> {
    let cells = Cells::new(row);
    Ok(Head {
        position: cells.position(0, "log_head.position")?,
        hash: cells.bytes(1, "log_head.hash")?,
        recorded_at_ms: cells.number(2, "log_head.recorded_at_ms")?,
    })
}

/// Where `stream_heads.sql` goes on: account, kind and id. An empty account sorts before every account.
pub(crate) fn after(stream: Option<&StreamRef>) -> (&[u8], i64, &[u8]) {
    match stream {
        Some(stream) => (
            stream.account.as_bytes().as_slice(),
            i64::from(stream.kind.number()),
            stream.id.as_slice(),
        ),
        None => (&[], 0, &[]),
    }
}

/// A row of `stream_heads.sql`.
pub(crate) fn stream_head(row: &impl StoreRow) -> Result<(StreamRef, i64), LogError> {
    let cells = Cells::new(row);
    let stream = cells.stream(0, IN_STREAM)?;
    Ok((stream, cells.number(3, "stream.version")?))
}

/// The row of `receipt.sql`.
pub(crate) fn receipt(row: &impl StoreRow) -> Result<Receipt, LogError> {
    let cells = Cells::new(row);
    Ok(Receipt {
        fingerprint: cells.bytes(0, "command_receipt.fingerprint")?,
        first_position: cells.position(1, "command_receipt.first_position")?,
        last_position: cells.position(2, "command_receipt.last_position")?,
        recorded_at_ms: cells.number(3, "command_receipt.recorded_at_ms")?,
    })
}

/// The row of `position_at.sql`.
pub(crate) fn position_at(row: &impl StoreRow) -> Result<Position, LogError> {
    Cells::new(row).position(0, "event.position")
}

/// The damage of a log in which the search of `position_at.sql` met a position that has no event, and ended without a row.
pub(crate) fn no_position() -> LogError {
    LogError::Corrupt {
        position: Position::ZERO,
        place: "event.position",
        reason: "the head or an event below it is missing".to_owned(),
    }
}

/// The row of `claim_holder.sql`.
pub(crate) fn claim_holder(row: &impl StoreRow) -> Result<StreamRef, LogError> {
    Cells::new(row).stream(0, IN_CLAIM)
}

/// The row of `stream_version.sql`.
pub(crate) fn stream_version(row: &impl StoreRow) -> Result<i64, LogError> {
    Cells::new(row).number(0, "stream.version")
}

/// The row of `event_place.sql`.
pub(crate) fn placed(row: &impl StoreRow) -> Result<Placed, LogError> {
    let cells = Cells::new(row);
    Ok(Placed {
        position: cells.position(0, "event.position")?,
        recorded_at_ms: cells.number(1, "event.recorded_at_ms")?,
        stream: cells.stream(2, IN_EVENT)?,
    })
}

/// A row of `read.sql` and its like.
pub(crate) fn event(row: &impl StoreRow) -> Result<StoredEvent, LogError> {
    let mut cells = Cells::new(row);
    let position = cells.position(0, "event.position")?;
    cells.position = position;
    let schema_version = cells.number(7, "event.schema_version")?;
    Ok(StoredEvent {
        position,
        id: EventId::from_bytes(cells.bytes(1, "event.event_id")?),
        stream: cells.stream(2, IN_EVENT)?,
        version: cells.number(5, "event.version")?,
        event_type: cells.text(6, "event.event_type")?.to_owned(),
        schema_version: u16::try_from(schema_version)
            .map_err(|error| cells.damage("event.schema_version", error))?,
        recorded_at_ms: cells.number(8, "event.recorded_at_ms")?,
        payload: cells.blob(9, "event.payload")?.to_vec(),
        metadata: cells.blob(10, "event.metadata")?.to_vec(),
        hash: cells.bytes(11, "event.hash")?,
        opened: None,
    })
}

/// The damage of a log without its head.
pub(crate) fn no_head() -> LogError {
    LogError::Corrupt {
        position: Position::ZERO,
        place: "log_head",
        reason: "the log has no head".to_owned(),
    }
}
