//! The log as this program uses it: what events say of persons is sealed when they are appended and opened when they are
//! read. What is stored and chained is sealed.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use keyledger_domain::event::personal::{SEALED, is_personal, is_sealed, seal, sealed};
use keyledger_domain::ids::{AccountId, MemberId, StreamKind, StreamRef};
use keyledger_eventstore::postgres::Database;
use keyledger_eventstore::{
    Append, Appended, Durability, EventLog, Head, LogError, Position, Receipt, Refused, StoredEvent,
};

use crate::config::DataConfig;
use crate::member_keys::{KeysError, MemberKeys, Owner};
use crate::store::Store;

/// How many events are looked at to see whether a log has sealed ones: the first member is among them.
const FIRST: u32 = 16;
/// What ends a key.
const ERASED: &str = "member.erased";

/// What was opened for writing.
pub struct Writable {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The keys of its persons.
    pub keys: Arc<MemberKeys>,
    /// The database that the nodes share, if there is one.
    pub database: Option<Database>,
}

/// A log with the keys of its persons.
pub struct SealedLog {
    log: Arc<dyn EventLog>,
    keys: Arc<MemberKeys>,
}

fn unavailable(error: KeysError) -> LogError {
    LogError::Unavailable(Box::new(error))
}

fn owner(stream: &StreamRef) -> Owner {
    (stream.account, MemberId::from_bytes(stream.id))
}

impl SealedLog {
    /// A log with its keys.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, keys: Arc<MemberKeys>) -> Self {
        Self { log, keys }
    }

    /// The log of a deployment for writing, with its keys, whose file is made when the log has no use for any yet.
    ///
    /// # Errors
    /// When log or keys cannot be opened; when the log needs its keys and they are not there.
    pub async fn writable(data: &DataConfig, durability: Durability) -> Result<Writable, String> {
        let store = Store::writable(data, durability).await;
        let store = store.map_err(|error| error.to_string())?;
        let keys = Arc::new(keys_of(&store, &data.keys_file()).await?);
        Ok(Writable {
            log: Arc::new(Self::new(store.log, Arc::clone(&keys))),
            keys,
            database: store.database,
        })
    }

    /// The log of a deployment for reading, with whatever keys are there.
    ///
    /// # Errors
    /// When log or keys cannot be read.
    pub async fn read_only(data: &DataConfig) -> Result<Self, LogError> {
        let store = Store::read_only(data).await?;
        let keys = MemberKeys::open_if_there(store.database.as_ref(), &data.keys_file()).await;
        Ok(Self::new(store.log, Arc::new(keys.map_err(unavailable)?)))
    }

    async fn seal(&self, batch: &[Append]) -> Result<Option<Vec<Append>>, LogError> {
        let personal = |event: &&keyledger_eventstore::NewEvent| {
            is_personal(&event.event_type, event.schema_version)
        };
        let all = batch.iter().flat_map(|append| &append.events);
        let owners: Vec<Owner> = all
            .filter(personal)
            .map(|event| owner(&event.stream))
            .collect();
        if owners.is_empty() {
            return Ok(None);
        }
        self.keys.make(&owners).await.map_err(unavailable)?;
        let mut batch = batch.to_vec();
        for event in batch.iter_mut().flat_map(|append| &mut append.events) {
            if !is_personal(&event.event_type, event.schema_version) {
                continue;
            }
            let what = (event.id, &*event.event_type);
            let hidden = self.keys.seal(owner(&event.stream), what, &event.payload);
            let hidden = hidden.await.map_err(unavailable)?;
            event.payload = seal(&event.event_type, &event.payload, hidden)
                .map_err(|error| LogError::Unavailable(Box::new(error)))?;
            event.schema_version = SEALED;
        }
        Ok(Some(batch))
    }

    async fn open(&self, events: Vec<StoredEvent>) -> Result<Vec<StoredEvent>, LogError> {
        let mut events = events;
        for event in &mut events {
            if event.stream.kind != StreamKind::Member {
                continue;
            }
            if event.event_type == ERASED {
                self.keys.erased(owner(&event.stream));
            }
            if !is_sealed(&event.event_type, event.schema_version) {
                continue;
            }
            let corrupt = |reason: String| LogError::Corrupt {
                position: event.position,
                place: "event.payload",
                reason,
            };
            let hidden = sealed(&event.event_type, &event.payload);
            let hidden = hidden.map_err(|error| corrupt(error.to_string()))?;
            let what = (event.id, event.event_type.as_str());
            let opened = self.keys.open_sealed(owner(&event.stream), what, &hidden);
            event.opened = opened.await.map_err(|error| match error {
                KeysError::Damaged => corrupt("it does not open with its member's key".to_owned()),
                error => unavailable(error),
            })?;
        }
        Ok(events)
    }
}

/// Opens the keys of a log, or makes their file for a log that has no use for any yet.
///
/// # Errors
/// When the file cannot be opened; when the log needs it and it is not there.
async fn keys_of(store: &Store, path: &Path) -> Result<MemberKeys, String> {
    let first = store.log.read(Position::ZERO, FIRST).await;
    let first = first.map_err(|error| error.to_string())?;
    let has_sealed = |event: &StoredEvent| is_sealed(&event.event_type, event.schema_version);
    let there = store.database.is_some() || path.exists();
    if !there && first.iter().any(has_sealed) {
        return Err(format!(
            "{}: the log is there but the keys of its members are not; restore them from their backup",
            path.display()
        ));
    }
    let keys = MemberKeys::open(store.database.as_ref(), path).await;
    keys.map_err(|error| error.to_string())
}

#[async_trait]
impl EventLog for SealedLog {
    async fn append(
        &self,
        batch: &[Append],
        now_ms: i64,
    ) -> Result<Vec<Result<Appended, Refused>>, LogError> {
        match self.seal(batch).await? {
            Some(sealed) => self.log.append(&sealed, now_ms).await,
            None => self.log.append(batch, now_ms).await,
        }
    }

    async fn head(&self) -> Result<Head, LogError> {
        self.log.head().await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        self.open(self.log.read(after, limit).await?).await
    }

    async fn read_recent(&self, after: Position, limit: u32) -> Result<Vec<StoredEvent>, LogError> {
        self.open(self.log.read_recent(after, limit).await?).await
    }

    async fn read_range(
        &self,
        first: Position,
        last: Position,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.open(self.log.read_range(first, last).await?).await
    }

    async fn read_stream(
        &self,
        stream: &StreamRef,
        up_to: Option<Position>,
    ) -> Result<Vec<StoredEvent>, LogError> {
        self.open(self.log.read_stream(stream, up_to).await?).await
    }

    async fn read_ground(
        &self,
        account: AccountId,
        after: Position,
        up_to: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, LogError> {
        let read = self.log.read_ground(account, after, up_to, limit);
        self.open(read.await?).await
    }

    async fn stream_heads(
        &self,
        after: Option<&StreamRef>,
        limit: u32,
    ) -> Result<Vec<(StreamRef, i64)>, LogError> {
        self.log.stream_heads(after, limit).await
    }

    async fn receipt(&self, account: AccountId, key: &str) -> Result<Option<Receipt>, LogError> {
        self.log.receipt(account, key).await
    }

    async fn position_at(&self, time_ms: i64) -> Result<Position, LogError> {
        self.log.position_at(time_ms).await
    }

    async fn claim_holder(&self, key: &[u8; 32]) -> Result<Option<StreamRef>, LogError> {
        self.log.claim_holder(key).await
    }
}
