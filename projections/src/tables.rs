//! The SQL tables: for lists, and for analysts.
//!
//! They are computed from the log and can be deleted and computed again, so they are in a file of their
//! own. Rows and cursor change in one transaction: every event counts exactly once.
//! `migrations/sqlite/projections` documents every table and column.

mod audit;
mod batch;
mod cursor;
mod engine;
mod error;
mod file;
mod generation;
mod list;
mod migrations;
mod open;
mod permission;
mod policies;
mod projector;
mod rebuild;
mod roll;
mod row;
mod search;
mod seed;
mod shared;
mod token_row;
mod write;

pub(crate) use migrations::STEPS;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyledger_domain::ids::{AccountId, MemberId, RoleId, TokenId};
use keyledger_eventstore::Position;
use keyledger_eventstore::connections::Connections;
use parking_lot::RwLock;
use sqlx::SqlitePool;
use tokio::sync::{Notify, watch};

pub use audit::{AuditRange, AuditRow, AuditToken};
pub use error::TablesError;
pub use list::{Page, TokenFilter};
pub use permission::EffectiveRow;
pub use projector::{Projector, ProjectorHandle, catch_up};
pub use rebuild::Rebuild;
use roll::Rolls;
pub use search::{TokenSearch, TokenSort};
pub use shared::{SHARED_STEPS, SharedProjector, SharedProjectorHandle, catch_up_shared};
pub use token_row::TokenRow;

/// The SQL tables. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tables {
    path: PathBuf,
    /// What is read now; a rebuilt file takes its place.
    current: Arc<RwLock<Files>>,
    applied: Arc<watch::Sender<Position>>,
    /// Told when somebody waits for a position.
    asked: Arc<Notify>,
}

/// The connections to one generation of the tables. Cheap to clone.
#[derive(Debug, Clone)]
struct Files {
    file: PathBuf,
    readers: SqlitePool,
    /// The only connection that writes; none when opened for reading.
    writer: Option<Connections>,
    /// What lists of tokens are searched by.
    rolls: Arc<Rolls>,
}

impl Files {
    async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }
}

impl Tables {
    /// Opens the tables at `path`, creates them if they are missing (readable by their owner only), and
    /// brings their schema up to date. The folder must exist.
    ///
    /// # Errors
    /// [`TablesError::Storage`] when the file cannot be opened, [`TablesError::Schema`] when its schema
    /// does not fit this program.
    pub async fn open(path: &Path) -> Result<Self, TablesError> {
        open::open(path).await
    }

    /// Opens existing tables for reading, also while a server writes them.
    ///
    /// # Errors
    /// As [`Tables::open`].
    pub async fn open_read_only(path: &Path) -> Result<Self, TablesError> {
        open::open_read_only(path).await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        let files = self.files();
        files.close().await;
    }

    /// Empties SQLite's own log, where what was erased would still be read.
    ///
    /// # Errors
    /// [`TablesError::Storage`]; [`TablesError::ReadOnly`] when opened for reading.
    pub async fn truncate_log(&self) -> Result<(), TablesError> {
        let writer = self.files().writer.ok_or(TablesError::ReadOnly)?;
        let truncate = writer.run(|connection| {
            let statement = "PRAGMA wal_checkpoint(TRUNCATE)";
            let done = connection.query_row(statement, [], |_| Ok(()));
            done.map_err(error::of_file)
        });
        truncate.await
    }

    fn files(&self) -> Files {
        self.current.read().clone()
    }

    fn readers(&self) -> SqlitePool {
        self.current.read().readers.clone()
    }

    /// The last event that this process put into the tables, or found in them when it opened them.
    #[must_use]
    pub fn position(&self) -> Position {
        *self.applied.borrow()
    }

    /// Waits until `position` is in the tables; false when that takes longer than `timeout`.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> bool {
        if self.position() >= position {
            return true;
        }
        self.asked.notify_one();
        let mut applied = self.applied.subscribe();
        let reached = applied.wait_for(|known| *known >= position);
        matches!(tokio::time::timeout(timeout, reached).await, Ok(Ok(_)))
    }

    /// The tokens of an account that are not deleted and that `visible` shows, the newest first, and how
    /// many there are in all.
    ///
    /// # Errors
    /// [`TablesError::Storage`], [`TablesError::Corrupt`].
    pub async fn list_tokens(
        &self,
        account: AccountId,
        visible: &TokenFilter,
        page: Page,
    ) -> Result<(Vec<TokenRow>, u64), TablesError> {
        let files = self.files();
        let all = TokenSearch::default();
        let rolls = &files.rolls;
        match rolls
            .tokens(&files.readers, account, visible, &all, page)
            .await?
        {
            Some(found) => Ok(found),
            None => list::tokens(&files.readers, account, visible, page).await,
        }
    }

    /// The tokens that existed at a position, which the tables have reached, as far as `visible` shows them,
    /// the newest first, and how many there were.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn list_tokens_at(
        &self,
        account: AccountId,
        visible: &TokenFilter,
        at: Position,
        page: Page,
    ) -> Result<(Vec<TokenId>, u64), TablesError> {
        list::tokens_at(&self.readers(), account, visible, at, page).await
    }

    /// The tokens that `visible` shows and `search` asks for, in its order, and how many there are in all.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn search_tokens(
        &self,
        account: AccountId,
        visible: &TokenFilter,
        search: &TokenSearch,
        page: Page,
    ) -> Result<(Vec<TokenRow>, u64), TablesError> {
        let files = self.files();
        let rolls = &files.rolls;
        match rolls
            .tokens(&files.readers, account, visible, search, page)
            .await?
        {
            Some(found) => Ok(found),
            None => search::tokens(&files.readers, account, visible, search, page).await,
        }
    }

    /// The same by SQL alone: how accounts with very many tokens are searched, and what tests hold the other way to.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn search_tokens_by_sql(
        &self,
        account: AccountId,
        visible: &TokenFilter,
        search: &TokenSearch,
        page: Page,
    ) -> Result<(Vec<TokenRow>, u64), TablesError> {
        search::tokens(&self.readers(), account, visible, search, page).await
    }

    /// Since when members have had the role and the custom roles that they have, Unix milliseconds; of a removed one, since
    /// when there is none.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn members_since(
        &self,
        account: AccountId,
        members: &[MemberId],
    ) -> Result<Vec<(MemberId, i64)>, TablesError> {
        search::members_since(&self.readers(), account, members).await
    }

    /// The active members of an account in the order in which they were invited, and how many there are.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn list_members(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<(Vec<MemberId>, u64), TablesError> {
        list::members(&self.readers(), account, page).await
    }

    /// The custom roles of an account in the order in which they were made, without the deleted ones,
    /// and how many there are.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn list_roles(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<(Vec<RoleId>, u64), TablesError> {
        list::roles(&self.readers(), account, page).await
    }

    /// How many active members have each role by themselves, and how many teams give it.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn role_assignments(
        &self,
        account: AccountId,
        roles: &[RoleId],
    ) -> Result<Vec<(RoleId, u64, u64)>, TablesError> {
        list::role_assignments(&self.readers(), account, roles).await
    }

    /// Entries of an account's audit log, the newest first.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn audit_entries(
        &self,
        account: AccountId,
        range: &AuditRange,
    ) -> Result<Vec<AuditRow>, TablesError> {
        audit::entries(&self.readers(), account, range).await
    }

    /// The entry of the audit log for the event at a position, if it is this account's.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn audit_entry(
        &self,
        account: AccountId,
        position: Position,
    ) -> Result<Option<AuditRow>, TablesError> {
        audit::entry(&self.readers(), account, position).await
    }

    /// What decides now about a token: the rows of the view `effective_permission`, in order. None for
    /// a token that is unknown, deleted or deactivated.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn effective_permission(
        &self,
        account: AccountId,
        token: TokenId,
    ) -> Result<Vec<EffectiveRow>, TablesError> {
        permission::of_token(&self.readers(), account, token).await
    }

    /// What decided about a token at a position, which the tables have reached: the rows of
    /// `token_permission_history`. None for a token that was not there, or whose member was removed.
    ///
    /// # Errors
    /// As [`Tables::list_tokens`].
    pub async fn permission_at(
        &self,
        account: AccountId,
        token: TokenId,
        at: Position,
    ) -> Result<Vec<EffectiveRow>, TablesError> {
        permission::of_token_at(&self.readers(), account, token, at).await
    }
}
