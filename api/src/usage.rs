//! When tokens were last used and members last seen.
//!
//! A use is no event. It is noted in memory, without I/O and without waiting, and written in batches to a
//! file of its own, or to the database that the nodes share; a crash loses at most what the last second noted. A full
//! note-book drops uses and counts them, and never holds a request up.

mod pending;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_eventstore::postgres::Database;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::side::{Side, side, sql};
use crate::side_file::SideFileError;

pub use pending::Seen;
use pending::{Pending, Rows};

/// How often what was noted is written.
const FLUSH: Duration = Duration::from_secs(1);

/// How much later than a use another node may have written it, milliseconds: its flush, and its clock.
const LATE_MS: i64 = 60_000;

/// The store of uses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Usage {
    side: Side,
    pending: Arc<Mutex<Pending>>,
}

impl Usage {
    /// Opens or makes the store.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(database: Option<&Database>, path: &Path) -> Result<Self, SideFileError> {
        let schema = include_str!("../../migrations/sqlite/usage/0001_usage.sql");
        let side = Side::open(database, path, schema).await?;
        let usage = Self {
            side,
            pending: Arc::default(),
        };
        usage.hear(0).await?;
        Ok(usage)
    }

    /// Reads which members were seen since a time, also by other nodes.
    async fn hear(&self, since_ms: i64) -> Result<(), SideFileError> {
        let members = sql!(&self.side, "usage", "members");
        let rows: Vec<(String, String, i64, Option<String>)> = side!(&self.side, |transaction| {
            sqlx::query_as(members)
                .persistent(self.side.keeps_statements())
                .bind(since_ms)
                .fetch_all(&mut *transaction)
                .await?
        })?;
        let mut pending = self.pending.lock();
        for (account, member, last_ms, token) in rows {
            if let (Ok(account), Ok(member)) = (account.parse(), member.parse()) {
                let token = token.and_then(|id| id.parse().ok());
                pending.heard((account, member), Seen { last_ms, token });
            }
        }
        Ok(())
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
        let last_used = sql!(&self.side, "usage", "last_used");
        let rows: Vec<(String, i64)> = side!(&self.side, |transaction| {
            sqlx::query_as(last_used)
                .persistent(self.side.keeps_statements())
                .bind(account.to_string())
                .bind(&list)
                .fetch_all(&mut *transaction)
                .await?
        })?;
        let mut found = HashMap::with_capacity(tokens.len());
        for (token, last_used_ms) in rows {
            if let Ok(token) = token.parse() {
                found.insert(token, last_used_ms);
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

    /// When each token of an account that was ever used was last used, Unix milliseconds; deleted ones included.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn all_last_used(
        &self,
        account: AccountId,
    ) -> Result<HashMap<TokenId, i64>, SideFileError> {
        let all = sql!(&self.side, "usage", "last_used_all");
        let rows: Vec<(String, i64)> = side!(&self.side, |transaction| {
            sqlx::query_as(all)
                .persistent(self.side.keeps_statements())
                .bind(account.to_string())
                .fetch_all(&mut *transaction)
                .await?
        })?;
        let stored = rows.into_iter();
        let stored = stored.filter_map(|(token, at_ms)| Some((token.parse().ok()?, at_ms)));
        let mut found: HashMap<TokenId, i64> = stored.collect();
        self.pending.lock().newest(account, &mut found);
        Ok(found)
    }

    /// How many calls a token authenticated on each day since one in UTC, such as `2026-11-25`: what is written so far, in
    /// order. Days without any are not there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn days(
        &self,
        account: AccountId,
        token: TokenId,
        since: &str,
    ) -> Result<Vec<(String, i64)>, SideFileError> {
        let days = sql!(&self.side, "usage", "days");
        let rows = side!(&self.side, |transaction| {
            sqlx::query_as(days)
                .persistent(self.side.keeps_statements())
                .bind(account.to_string())
                .bind(token.to_string())
                .bind(since)
                .fetch_all(&mut *transaction)
                .await?
        })?;
        Ok(rows)
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
        let statements = [
            (sql!(&self.side, "usage", "write_tokens"), &tokens),
            (sql!(&self.side, "usage", "write_days"), &tokens),
            (sql!(&self.side, "usage", "write_members"), &members),
        ];
        side!(&self.side, |transaction| {
            for (sql, list) in statements {
                sqlx::query(sql)
                    .persistent(self.side.keeps_statements())
                    .bind(list)
                    .execute(&mut *transaction)
                    .await?;
            }
        })?;
        Ok(())
    }

    /// Writes from time to time, until it is closed.
    #[must_use]
    pub fn spawn(&self) -> UsageHandle {
        let (stop, mut stopped) = watch::channel(false);
        let usage = self.clone();
        let task = tokio::spawn(async move {
            let mut heard_ms = usage.pending.lock().newest_ms();
            loop {
                let ended = tokio::time::timeout(FLUSH, stopped.changed()).await;
                usage.flush().await;
                if ended.is_ok() {
                    return;
                }
                if usage.side.is_shared() {
                    match usage.hear(heard_ms - LATE_MS).await {
                        Ok(()) => heard_ms = usage.pending.lock().newest_ms(),
                        Err(error) => {
                            tracing::warn!(%error, "uses at other nodes are not heard of")
                        }
                    }
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
