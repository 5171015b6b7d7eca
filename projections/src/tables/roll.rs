//! The roll of an account: what its lists of tokens are counted, searched and sorted by, in memory.
//!
//! SQLite looks at a microsecond a row for that, so a page of a hundred thousand tokens took a fifth of a second. A roll is
//! filled from the tables when somebody first asks, and reads on from there by what has changed since; it takes some hundred
//! bytes a token. An account with more than [`TOKENS_MAX`] has none, and its lists are made in SQL.

mod pick;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::scope::TokenKind;
use parking_lot::Mutex;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::Mutex as AsyncMutex;

use super::cursor;
use super::error::{self, TablesError};
use super::list::{LIMIT_MAX, Page, TokenFilter};
use super::policies::json;
use super::row::{cell, parsed};
use super::search::{TokenSearch, pattern};
use super::token_row::{TokenRow, kind};

/// The most tokens of an account that are kept in memory.
const TOKENS_MAX: usize = 1_000_000;
/// The rows that are read at a time.
const BATCH: i64 = 10_000;

/// What a list looks at of a token.
#[derive(Debug)]
struct Entry {
    id: TokenId,
    member: MemberId,
    kind: TokenKind,
    /// Its ASCII letters in lower case, as names are found and sorted.
    name: Box<str>,
    ending: Box<str>,
    expiry_ms: Option<i64>,
}

/// The tokens of one account that are not deleted, by the position at which they were made.
#[derive(Debug, Default)]
struct Roll {
    tokens: BTreeMap<i64, Entry>,
    /// Up to which position the tables were read.
    position: i64,
    too_large: bool,
}

/// The rolls of all accounts that somebody has asked for.
#[derive(Debug, Default)]
pub(super) struct Rolls(Mutex<HashMap<AccountId, Arc<AsyncMutex<Roll>>>>);

impl Entry {
    fn read(row: &SqliteRow) -> Result<Self, TablesError> {
        let name: &str = cell(row, "name")?;
        let ending: &str = cell(row, "ending")?;
        Ok(Self {
            id: parsed(row, "token_id")?,
            member: parsed(row, "member_id")?,
            kind: kind(row)?,
            name: name.to_ascii_lowercase().into(),
            ending: ending.into(),
            expiry_ms: cell(row, "expiry_ms")?,
        })
    }
}

impl Roll {
    /// Reads on up to where the tables are, as a transaction sees them.
    async fn read_on(
        &mut self,
        connection: &mut SqliteConnection,
        account: &str,
    ) -> Result<(), TablesError> {
        let check = cursor::load_by_reader(connection).await?;
        let until = check.position.get();
        while self.position < until && !self.too_large {
            let rows = sqlx::query(include_str!("sql/roll_since.sql"))
                .bind(account)
                .bind(self.position)
                .bind(until)
                .bind(BATCH)
                .fetch_all(&mut *connection)
                .await
                .map_err(error::of)?;
            for row in &rows {
                let made: i64 = cell(row, "created_position")?;
                if cell(row, "is_deleted")? {
                    self.tokens.remove(&made);
                } else {
                    self.tokens.insert(made, Entry::read(row)?);
                }
                self.position = cell(row, "changed_position")?;
            }
            // Fewer than were asked for are all there are.
            if i64::try_from(rows.len()).is_ok_and(|count| count < BATCH) {
                self.position = until;
            }
            if self.tokens.len() > TOKENS_MAX {
                *self = Self {
                    too_large: true,
                    ..Self::default()
                };
            }
        }
        Ok(())
    }
}

impl Rolls {
    /// A page of what is asked for, and how many there are in all. None when the account has too many tokens for a roll.
    pub(super) async fn tokens(
        &self,
        readers: &SqlitePool,
        account: AccountId,
        visible: &TokenFilter,
        search: &TokenSearch,
        page: Page,
    ) -> Result<Option<(Vec<TokenRow>, u64)>, TablesError> {
        let roll = Arc::clone(self.0.lock().entry(account).or_default());
        // INVARIANT: the transaction begins when the roll is locked, so it sees what the roll has read at least.
        let mut roll = roll.lock().await;
        let mut transaction = readers.begin().await.map_err(error::of)?;
        let name = account.to_string();
        roll.read_on(&mut transaction, &name).await?;
        if roll.too_large {
            return Ok(None);
        }
        let members = match &search.text {
            Some(text) => with_email(&mut transaction, &name, text).await?,
            None => HashSet::new(),
        };
        let page = Page {
            limit: page.limit.min(LIMIT_MAX),
            ..page
        };
        let (ids, total) = roll.pick(visible, search, &members, page);
        drop(roll);
        let rows = rows(&mut transaction, &name, &ids).await?;
        Ok(Some((rows, total)))
    }
}

/// The members in whose e-mail a text is found.
async fn with_email(
    connection: &mut SqliteConnection,
    account: &str,
    text: &str,
) -> Result<HashSet<MemberId>, TablesError> {
    let rows = sqlx::query(include_str!("sql/members_by_email.sql"))
        .bind(account)
        .bind(pattern(text))
        .fetch_all(connection)
        .await
        .map_err(error::of)?;
    rows.iter().map(|row| parsed(row, "member_id")).collect()
}

/// The rows of some tokens, in their order.
async fn rows(
    connection: &mut SqliteConnection,
    account: &str,
    ids: &[TokenId],
) -> Result<Vec<TokenRow>, TablesError> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows = sqlx::query(include_str!("sql/tokens_by_id.sql"))
        .bind(account)
        .bind(json(&texts)?)
        .fetch_all(connection)
        .await
        .map_err(error::of)?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let row = TokenRow::read(row)?;
        found.insert(row.id, row);
    }
    let row = |id| {
        let row = found.remove(id);
        row.ok_or_else(|| TablesError::Corrupt(format!("there is no row of the token {id}")))
    };
    ids.iter().map(row).collect()
}
