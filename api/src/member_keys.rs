//! The keys under which events are sealed that say who a member is: one for each member, in `keys.db` or in a
//! table of the database that the nodes share. See ADR 0009.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use keyledger_domain::ids::{AccountId, EventId, MemberId};
use keyledger_eventstore::postgres::Database;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::{self, EntropyError};
use crate::side::{Side, side, sql};
use crate::side_file::{self, SideFileError};

const SCHEMA: &str = include_str!("../../migrations/sqlite/keys/0001_keys.sql");

/// Whose key.
pub type Owner = (AccountId, MemberId);

type Key = Zeroizing<[u8; 32]>;

/// Account, member and key.
type Row = (Vec<u8>, Vec<u8>, Vec<u8>);

/// Why keys are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file does not work.
    #[error("the keys of members: {0}")]
    File(#[from] SideFileError),
    /// The store fails.
    #[error("the keys of members: {0}")]
    Store(#[from] sqlx::Error),
    /// A stored key has not 32 bytes.
    #[error("the keys of members: one is damaged")]
    Damaged,
    /// There is no file of keys.
    #[error("the keys of members are not there")]
    Missing,
    /// No randomness for a new key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The cipher does not take it: it is too long.
    #[error("it cannot be sealed")]
    Seal,
}

/// The keys, and those of them that are known in memory.
#[derive(Debug)]
pub struct MemberKeys {
    /// None where there is no file: then everybody is a tombstone.
    store: Option<Side>,
    /// None stands for a key that is gone.
    known: Mutex<HashMap<Owner, Option<Key>>>,
    erasures: AtomicU64,
}

impl MemberKeys {
    /// Takes the shared database; or opens the file, or makes it.
    ///
    /// # Errors
    /// When it cannot be opened or made.
    pub async fn open(database: Option<&Database>, path: &Path) -> Result<Self, KeysError> {
        Ok(Self::of(Some(Side::open(database, path, SCHEMA).await?)))
    }

    /// Takes the shared database; or opens the file if it is there.
    ///
    /// # Errors
    /// When it is there and cannot be opened.
    pub async fn open_if_there(
        database: Option<&Database>,
        path: &Path,
    ) -> Result<Self, KeysError> {
        if database.is_some() || path.exists() {
            Self::open(database, path).await
        } else {
            Ok(Self::of(None))
        }
    }

    fn of(store: Option<Side>) -> Self {
        Self {
            store,
            known: Mutex::default(),
            erasures: AtomicU64::new(0),
        }
    }

    /// How many erasures were seen in the log since this was opened.
    #[must_use]
    pub fn erasures(&self) -> u64 {
        self.erasures.load(Ordering::Acquire)
    }

    /// The log says that a member is erased: the key is not used any more, wherever it still is.
    pub(crate) fn erased(&self, owner: Owner) {
        let before = self.known.lock().insert(owner, None);
        // The event is read again and again.
        if !matches!(before, Some(None)) {
            self.erasures.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Makes the keys that are not there; they are on the disk before this returns.
    pub(crate) async fn make(&self, owners: &[Owner]) -> Result<(), KeysError> {
        let missing: Vec<Owner> = {
            let known = self.known.lock();
            let unknown = |owner: &&Owner| !matches!(known.get(owner), Some(Some(_)));
            owners.iter().filter(unknown).copied().collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let store = self.store.as_ref().ok_or(KeysError::Missing)?;
        let mut rows = Zeroizing::new(Vec::with_capacity(missing.len()));
        for (account, member) in &missing {
            let key: Key = Zeroizing::new(entropy::bytes()?);
            let (account, member) = (account.as_bytes().to_vec(), member.as_bytes().to_vec());
            rows.push((account, member, key.to_vec()));
        }
        insert(store, &rows).await?;
        for owner in missing {
            // Another process may have been first; what is stored counts.
            let key = self.stored(owner).await?;
            self.known.lock().insert(owner, key);
        }
        Ok(())
    }

    /// Copies the keys of a file, which must be there, and says how many it has. Those that are known already stay.
    ///
    /// # Errors
    /// When the file cannot be read, or the store fails.
    pub async fn copy_from(&self, path: &Path) -> Result<usize, KeysError> {
        if !path.exists() {
            return Err(KeysError::Missing);
        }
        let store = self.store.as_ref().ok_or(KeysError::Missing)?;
        let file = side_file::open(path, SCHEMA).await?;
        let rows = sqlx::query_as(include_str!("member_keys/sqlite/all.sql"))
            .fetch_all(&file)
            .await?;
        file.close().await;
        let rows: Vec<Row> = rows;
        let rows = Zeroizing::new(rows);
        insert(store, &rows).await?;
        Ok(rows.len())
    }

    async fn stored(&self, (account, member): Owner) -> Result<Option<Key>, KeysError> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        let find = sql!(store, "member_keys", "find");
        let found: Option<(Vec<u8>,)> = side!(store, |transaction| {
            sqlx::query_as(find)
                .persistent(store.keeps_statements())
                .bind(account.as_bytes().as_slice())
                .bind(member.as_bytes().as_slice())
                .fetch_optional(&mut *transaction)
                .await?
        })?;
        let Some((bytes,)) = found else {
            return Ok(None);
        };
        let bytes = Zeroizing::new(bytes);
        let bytes = bytes.as_slice().try_into();
        Ok(Some(Zeroizing::new(bytes.map_err(|_| KeysError::Damaged)?)))
    }

    async fn key(&self, owner: Owner) -> Result<Option<Key>, KeysError> {
        if let Some(known) = self.known.lock().get(&owner) {
            return Ok(known.clone());
        }
        // INVARIANT: a key is stored before the event that it seals, so a key that is not there is gone.
        let found = self.stored(owner).await?;
        let mut known = self.known.lock();
        Ok(known.entry(owner).or_insert(found).clone())
    }

    /// Destroys a key: what the log says of the member is nobody's any more.
    ///
    /// # Errors
    /// When the store fails; then it may still be there.
    pub async fn destroy(&self, owner: Owner) -> Result<(), KeysError> {
        let (account, member) = owner;
        let store = self.store.as_ref().ok_or(KeysError::Missing)?;
        let delete = sql!(store, "member_keys", "delete");
        side!(store, |transaction| {
            sqlx::query(delete)
                .persistent(store.keeps_statements())
                .bind(account.as_bytes().as_slice())
                .bind(member.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
        })?;
        if let Side::File(file) = store {
            side_file::truncate_log(file).await?;
        }
        self.known.lock().insert(owner, None);
        Ok(())
    }

    /// Seals what an event says, for its account, member and type alone. The key must have been made.
    pub(crate) async fn seal(
        &self,
        owner: Owner,
        (id, event_type): (EventId, &str),
        payload: &[u8],
    ) -> Result<Vec<u8>, KeysError> {
        let key = self.key(owner).await?.ok_or(KeysError::Seal)?;
        let (cipher, nonce, about) = parts(&key, owner, id, event_type);
        let payload = Payload {
            msg: payload,
            aad: &about,
        };
        let sealed = cipher.encrypt(&nonce, payload);
        sealed.map_err(|_| KeysError::Seal)
    }

    /// What was sealed; none when the key is gone.
    pub(crate) async fn open_sealed(
        &self,
        owner: Owner,
        (id, event_type): (EventId, &str),
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, KeysError> {
        let Some(key) = self.key(owner).await? else {
            return Ok(None);
        };
        let (cipher, nonce, about) = parts(&key, owner, id, event_type);
        let payload = Payload {
            msg: sealed,
            aad: &about,
        };
        let opened = cipher.decrypt(&nonce, payload);
        opened.map(Some).map_err(|_| KeysError::Damaged)
    }
}

/// Stores keys, all or none; of those that are known already what is stored stays.
async fn insert(store: &Side, rows: &[Row]) -> Result<(), KeysError> {
    let insert = sql!(store, "member_keys", "insert");
    side!(store, |transaction| {
        for (account, member, key) in rows {
            sqlx::query(insert)
                .persistent(store.keeps_statements())
                .bind(account.as_slice())
                .bind(member.as_slice())
                .bind(key.as_slice())
                .execute(&mut *transaction)
                .await?;
        }
    })?;
    Ok(())
}

/// The cipher, the nonce and what is sealed along.
///
/// The nonce comes of the event's id, which is random and never used again: so an event that is appended once more,
/// because its outcome was not known, is the same bytes.
fn parts(
    key: &Key,
    (account, member): Owner,
    id: EventId,
    event_type: &str,
) -> (Aes256Gcm, Nonce<aes_gcm::aead::consts::U12>, Vec<u8>) {
    let digest = Sha256::digest(id.as_bytes());
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = <[u8; 32]>::from(digest);
    let nonce = Nonce::from([a, b, c, d, e, f, g, h, i, j, k, l]);
    let mut about = b"keyledger/personal/v1".to_vec();
    about.extend_from_slice(account.as_bytes());
    about.extend_from_slice(member.as_bytes());
    about.extend_from_slice(event_type.as_bytes());
    let key = aes_gcm::Key::<Aes256Gcm>::from(**key);
    (Aes256Gcm::new(&key), nonce, about)
}
