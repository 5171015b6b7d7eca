//! When tokens were last used and members last seen.
//!
//! A use is no event. It is noted in memory, without I/O and without waiting, and written in batches to a
//! file of its own; a crash loses at most what the last second noted. A full note-book drops uses and
//! counts them, and never holds a request up.

mod pending;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use parking_lot::Mutex;
use sqlx::{Row as _, SqlitePool};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::side_file::{self, SideFileError};

pub use pending::Seen;
use pending::{Pending, Rows};

/// How often what was noted is written.
const FLUSH: Duration = Duration::from_secs(1);

/// The store of uses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Usage {
    pool: SqlitePool,
    pending: Arc<Mutex<Pending>>,
}

impl Usage {
    /// Opens or makes the store.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(path: &Path) -> Result<Self, SideFileError> {
        let schema = include_str!("../../migrations/sqlite/usage/0001_usage.sql");
        let pool = side_file::open(path, schema).await?;
        let mut members = HashMap::new();
        let rows = sqlx::query(include_str!("usage/members.sql"))
            .fetch_all(&pool)
            .await?;
        for row in rows {
            let account = row.try_get::<&str, _>("account_id")?.parse();
            let member = row.try_get::<&str, _>("member_id")?.parse();
            let token: Option<&str> = row.try_get("token_id")?;
            if let (Ok(account), Ok(member)) = (account, member) {
                let seen = Seen {
                    last_ms: row.try_get("last_seen_ms")?,
                    token: token.and_then(|id| id.parse().ok()),
                };
                members.insert((account, member), seen);
            }
        }
        Ok(Self {
            pool,
            pending: Arc::new(Mutex::new(Pending::new(members))),
        })
    }

    /// Notes that a token authenticated a call; `member` is whom a personal token follows.
    pub fn used(&self, account: AccountId, token: TokenId, member: Option<MemberId>, now_ms: i64) {
        self.pending.lock().used(account, token, member, now_ms);
    }

    /// Notes that a member who is signed in made a call.
    pub fn seen(&self, account: AccountId, member: MemberId, now_ms: i64) {
        self.pending.lock().seen(account, member, None, now_ms);
    }

    /// When a member was last seen.
    #[must_use]
    pub fn last_seen(&self, account: AccountId, member: MemberId) -> Option<Seen> {
        self.pending.lock().member(account, member)
    }

    /// When tokens of an account were last used, Unix milliseconds; those that never were are not there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn last_used(
        &self,
        account: AccountId,
        tokens: &[TokenId],
    ) -> Result<HashMap<TokenId, i64>, SideFileError> {
        let texts: Vec<String> = tokens.iter().map(ToString::to_string).collect();
        let list = serde_json::Value::from(texts).to_string();
        let rows = sqlx::query(include_str!("usage/last_used.sql"))
            .bind(account.to_string())
            .bind(list)
            .fetch_all(&self.pool)
            .await?;
        let mut found = HashMap::with_capacity(tokens.len());
        for row in rows {
            if let Ok(token) = row.try_get::<&str, _>("token_id")?.parse() {
                found.insert(token, row.try_get("last_used_ms")?);
            }
        }
        let pending = self.pending.lock();
        for token in tokens {
            if let Some(at) = pending.token(account, *token) {
                found.insert(*token, at);
            }
        }
        Ok(found)
    }

    /// Writes what was noted.
    async fn flush(&self) {
        let (rows, dropped) = self.pending.lock().take();
        if dropped > 0 {
            tracing::warn!(
                dropped,
                "uses of tokens were not noted: there were too many at once"
            );
        }
        if rows.is_empty() {
            return;
        }
        let written = self.write(&rows).await;
        let mut pending = self.pending.lock();
        if let Err(error) = written {
            tracing::warn!(%error, "uses of tokens could not be written; they are tried again");
            pending.put_back(rows);
        }
        pending.written();
    }

    async fn write(&self, rows: &Rows) -> Result<(), SideFileError> {
        let (tokens, members) = rows.json();
        let mut transaction = self.pool.begin().await?;
        for (sql, list) in [
            (include_str!("usage/write_tokens.sql"), &tokens),
            (include_str!("usage/write_days.sql"), &tokens),
            (include_str!("usage/write_members.sql"), &members),
        ] {
            sqlx::query(sql)
                .bind(list)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Writes from time to time, until it is closed.
    #[must_use]
    pub fn spawn(&self) -> UsageHandle {
        let (stop, mut stopped) = watch::channel(false);
        let usage = self.clone();
        let task = tokio::spawn(async move {
            loop {
                let ended = tokio::time::timeout(FLUSH, stopped.changed()).await;
                usage.flush().await;
                if ended.is_ok() {
                    return;
                }
            }
        });
        UsageHandle {
            stop,
            task: tokio::sync::Mutex::new(Some(task)),
        }
    }
}

/// The task that writes.
#[derive(Debug)]
pub struct UsageHandle {
    stop: watch::Sender<bool>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl UsageHandle {
    /// Writes what was noted, and ends.
    pub async fn close(&self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.lock().await.take() {
            let _ended = task.await;
        }
    }
}
