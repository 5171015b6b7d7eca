//! Sign-ins: a random cookie, its digest in a table of its own beside the log.
//!
//! A sign-in is no event: it changes nothing that anybody may do. The table survives a restart, holds on every node of
//! a fleet, and deleting its file or emptying it signs everybody out.

use std::path::Path;
use std::str::FromStr as _;

use keyledger_domain::ids::{AccountId, MemberId};
use keyledger_eventstore::postgres::Database;
use sha2::{Digest as _, Sha256};

use crate::entropy;
use crate::side::{Side, side, sql};
use crate::side_file::SideFileError;

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
    side: Side,
}

/// One sign-in of a member.
#[derive(Debug, Clone)]
pub struct SignIn {
    digest: Vec<u8>,
    /// When, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it ends by itself, Unix milliseconds.
    pub expires_at_ms: i64,
}

impl SignIn {
    /// A name for it from which nobody can make the cookie: the first half of its digest.
    #[must_use]
    pub fn id(&self) -> String {
        let half = self.digest.iter().take(16);
        half.map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether it is the one of a cookie.
    #[must_use]
    pub fn is_of(&self, cookie: &str) -> bool {
        self.digest == digest(cookie)
    }
}

fn digest(cookie: &str) -> Vec<u8> {
    Sha256::digest(cookie.as_bytes()).to_vec()
}

impl Sessions {
    /// Opens or makes the store.
    ///
    /// # Errors
    /// When the file cannot be opened or migrated.
    pub async fn open(database: Option<&Database>, path: &Path) -> Result<Self, SessionError> {
        let schema = include_str!("../../migrations/sqlite/sessions/0001_sessions.sql");
        let side = Side::open(database, path, schema).await?;
        Ok(Self { side })
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
        let expire = sql!(&self.side, "sessions", "expire");
        let insert = sql!(&self.side, "sessions", "insert");
        side!(&self.side, |transaction| {
            sqlx::query(expire)
                .persistent(self.side.keeps_statements())
                .bind(now_ms)
                .bind(member.to_string())
                .bind(SESSIONS_PER_MEMBER_MAX - 1)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(insert)
                .persistent(self.side.keeps_statements())
                .bind(digest(&cookie))
                .bind(account.to_string())
                .bind(member.to_string())
                .bind(now_ms)
                .bind(now_ms + SESSION_MS)
                .execute(&mut *transaction)
                .await?;
        })?;
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
        let find = sql!(&self.side, "sessions", "find");
        let row: Option<(String, String)> = side!(&self.side, |transaction| {
            sqlx::query_as(find)
                .persistent(self.side.keeps_statements())
                .bind(digest(cookie))
                .bind(now_ms)
                .fetch_optional(&mut *transaction)
                .await?
        })?;
        let Some((account, member)) = row else {
            return Ok(None);
        };
        let account = AccountId::from_str(&account);
        let member = MemberId::from_str(&member);
        Ok(account.ok().zip(member.ok()))
    }

    /// Signs a member out everywhere: the password is another one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_all(&self, member: MemberId) -> Result<(), SessionError> {
        let delete = sql!(&self.side, "sessions", "delete_all");
        side!(&self.side, |transaction| {
            sqlx::query(delete)
                .persistent(self.side.keeps_statements())
                .bind(member.to_string())
                .execute(&mut *transaction)
                .await?;
        })?;
        Ok(())
    }

    /// The sign-ins of a member that last, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, member: MemberId, now_ms: i64) -> Result<Vec<SignIn>, SessionError> {
        let list = sql!(&self.side, "sessions", "list");
        let rows: Vec<(Vec<u8>, i64, i64)> = side!(&self.side, |transaction| {
            sqlx::query_as(list)
                .persistent(self.side.keeps_statements())
                .bind(member.to_string())
                .bind(now_ms)
                .fetch_all(&mut *transaction)
                .await?
        })?;
        let sign_in = |(digest, created_at_ms, expires_at_ms)| SignIn {
            digest,
            created_at_ms,
            expires_at_ms,
        };
        Ok(rows.into_iter().map(sign_in).collect())
    }

    /// Ends one of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end(&self, sign_in: &SignIn) -> Result<(), SessionError> {
        self.delete_digest(&sign_in.digest).await
    }

    /// Signs out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, cookie: &str) -> Result<(), SessionError> {
        self.delete_digest(&digest(cookie)).await
    }

    async fn delete_digest(&self, digest: &[u8]) -> Result<(), SessionError> {
        let delete = sql!(&self.side, "sessions", "delete");
        side!(&self.side, |transaction| {
            sqlx::query(delete)
                .persistent(self.side.keeps_statements())
                .bind(digest)
                .execute(&mut *transaction)
                .await?;
        })?;
        Ok(())
    }
}
