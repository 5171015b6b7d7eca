//! The store of snapshots. Whatever is wrong with it costs time and nothing else.

use keyledger_domain::ids::AccountId;
use keyledger_domain::state::{GROUND_FORMAT, State};
use keyledger_eventstore::{EventLog, Position};
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqlitePool};

/// The most snapshots of one account; then every second one goes.
const SNAPSHOTS_MAX: i64 = 128;
/// The largest snapshot that is kept, in bytes.
const BYTES_MAX: usize = 256 << 20;

/// Snapshots in a file of their own.
#[derive(Debug)]
pub(super) struct Snapshots(pub(super) SqlitePool);

/// A snapshot as it is stored.
struct Stored {
    position: Position,
    log_hash: Vec<u8>,
    digest: Vec<u8>,
    bytes: Vec<u8>,
}

impl Snapshots {
    /// The last good snapshot of an account at or before a position; none when there is none, or when it is
    /// not of this log, which is checked.
    pub(super) async fn find(
        &self,
        log: &dyn EventLog,
        account: AccountId,
        at: Position,
    ) -> Option<(Position, State)> {
        match self.read(account, at).await {
            Ok(None) => None,
            Ok(Some(stored)) => match state_of(log, &stored).await {
                Ok(state) => Some((stored.position, state)),
                Err(reason) => {
                    tracing::warn!(%account, position = %stored.position, reason, "a snapshot is thrown away");
                    self.forget(account).await;
                    None
                }
            },
            Err(error) => {
                tracing::warn!(%error, "snapshots cannot be read");
                None
            }
        }
    }

    async fn read(&self, account: AccountId, at: Position) -> Result<Option<Stored>, sqlx::Error> {
        let row = sqlx::query(include_str!("sql/find.sql"))
            .bind(account.to_string())
            .bind(at.get())
            .bind(GROUND_FORMAT)
            .fetch_optional(&self.0)
            .await?;
        row.map(|row| {
            Ok(Stored {
                position: Position::new(row.try_get("position")?),
                log_hash: row.try_get("log_hash")?,
                digest: row.try_get("digest")?,
                bytes: row.try_get("bytes")?,
            })
        })
        .transpose()
    }

    /// Keeps a snapshot. One that cannot be kept is missed by nobody.
    pub(super) async fn keep(
        &self,
        account: AccountId,
        position: Position,
        log_hash: &[u8; 32],
        state: &State,
    ) {
        if let Err(reason) = self.write(account, position, log_hash, state).await {
            tracing::warn!(%account, %position, reason, "a snapshot is not kept");
        }
    }

    async fn write(
        &self,
        account: AccountId,
        position: Position,
        log_hash: &[u8; 32],
        state: &State,
    ) -> Result<(), String> {
        let bytes = state.ground_to_bytes().map_err(|error| error.to_string())?;
        if bytes.len() > BYTES_MAX {
            return Err(format!("it has {} bytes", bytes.len()));
        }
        let store = |error: sqlx::Error| error.to_string();
        sqlx::query(include_str!("sql/insert.sql"))
            .bind(account.to_string())
            .bind(position.get())
            .bind(GROUND_FORMAT)
            .bind(log_hash.as_slice())
            .bind(Sha256::digest(&bytes).as_slice())
            .bind(bytes)
            .execute(&self.0)
            .await
            .map_err(store)?;
        sqlx::query(include_str!("sql/thin.sql"))
            .bind(account.to_string())
            .bind(SNAPSHOTS_MAX)
            .execute(&self.0)
            .await
            .map_err(store)?;
        Ok(())
    }

    /// Throws an account's snapshots away.
    pub(super) async fn forget(&self, account: AccountId) {
        let done = sqlx::query(include_str!("sql/forget.sql"))
            .bind(account.to_string())
            .execute(&self.0)
            .await;
        if let Err(error) = done {
            tracing::warn!(%error, "snapshots cannot be thrown away");
        }
    }
}

async fn state_of(log: &dyn EventLog, stored: &Stored) -> Result<State, String> {
    if Sha256::digest(&stored.bytes).as_slice() != stored.digest {
        return Err("its bytes are damaged".to_owned());
    }
    let event = log.read_range(stored.position, stored.position).await;
    let event = event.map_err(|error| error.to_string())?;
    if event.first().map(|event| event.hash.as_slice()) != Some(stored.log_hash.as_slice()) {
        return Err("it is of another log".to_owned());
    }
    State::ground_from_bytes(&stored.bytes).map_err(|error| error.to_string())
}
