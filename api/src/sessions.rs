//! Sign-ins: a random cookie, its digest in a table of its own beside the log.
//!
//! A sign-in is no event: it changes nothing that anybody may do. The table survives a restart, and
//! deleting its file signs everybody out.

use std::path::Path;
use std::str::FromStr as _;

use keyledger_domain::ids::{AccountId, MemberId};
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqlitePool};

use crate::entropy;
use crate::side_file::{self, SideFileError};

/// How long a sign-in lasts, milliseconds.
pub const SESSION_MS: i64 = 12 * 60 * 60 * 1_000;
/// The most sign-ins that one member has at a time; a further one ends the oldest.
const SESSIONS_PER_MEMBER_MAX: i64 = 32;
/// The cookie's name.
pub const COOKIE: &str = "keyledger_session";

/// Why sign-ins do not work.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The store fails.
    #[error("the store of sign-ins fails: {0}")]
    Store(#[from] sqlx::Error),
    /// The file cannot be opened.
    #[error("the store of sign-ins: {0}")]
    File(#[from] SideFileError),
    /// No randomness for a cookie.
    #[error(transparent)]
    Entropy(#[from] entropy::EntropyError),
}

/// The store of sign-ins.
#[derive(Debug, Clone)]
pub struct Sessions {
    pool: SqlitePool,
}

fn digest(cookie: &str) -> Vec<u8> {
    Sha256::digest(cookie.as_bytes()).to_vec()
}

impl Sessions {
    /// Opens or makes the store.
    ///
    /// # Errors
    /// When the file cannot be opened or migrated.
    pub async fn open(path: &Path) -> Result<Self, SessionError> {
        let schema = include_str!("../../migrations/sqlite/sessions/0001_sessions.sql");
        let pool = side_file::open(path, schema).await?;
        Ok(Self { pool })
    }

    /// Signs a member in and gives the cookie's value.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create(
        &self,
        account: AccountId,
        member: MemberId,
        now_ms: i64,
    ) -> Result<String, SessionError> {
        let mut cookie = String::with_capacity(64);
        for byte in entropy::bytes::<32>()? {
            cookie.push_str(&format!("{byte:02x}"));
        }
        let mut transaction = self.pool.begin().await?;
        sqlx::query(include_str!("sessions/expire.sql"))
            .bind(now_ms)
            .bind(member.to_string())
            .bind(SESSIONS_PER_MEMBER_MAX - 1)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(include_str!("sessions/insert.sql"))
            .bind(digest(&cookie))
            .bind(account.to_string())
            .bind(member.to_string())
            .bind(now_ms)
            .bind(now_ms + SESSION_MS)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(cookie)
    }

    /// Who the cookie belongs to, while the sign-in lasts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(
        &self,
        cookie: &str,
        now_ms: i64,
    ) -> Result<Option<(AccountId, MemberId)>, SessionError> {
        let row = sqlx::query(include_str!("sessions/find.sql"))
            .bind(digest(cookie))
            .bind(now_ms)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let account = AccountId::from_str(row.try_get::<&str, _>("account_id")?);
        let member = MemberId::from_str(row.try_get::<&str, _>("member_id")?);
        Ok(account.ok().zip(member.ok()))
    }

    /// Signs a member out everywhere: the password is another one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_all(&self, member: MemberId) -> Result<(), SessionError> {
        sqlx::query(include_str!("sessions/delete_all.sql"))
            .bind(member.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Signs out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, cookie: &str) -> Result<(), SessionError> {
        sqlx::query(include_str!("sessions/delete.sql"))
            .bind(digest(cookie))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
