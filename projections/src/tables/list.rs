//! Lists, a page at a time.

use std::fmt::Display;
use std::str::FromStr;

use keyledger_domain::ids::{AccountId, MemberId, RoleId, TokenId};
use keyledger_eventstore::Position;
use sqlx::{SqliteConnection, SqlitePool};

use super::TokenRow;
use super::error::{self, TablesError};
use super::policies::json;
use super::row::{number, parsed};

/// The most rows of a page; a larger limit counts as this.
pub(super) const LIMIT_MAX: u32 = 1_000;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many rows at most; above 1,000 counts as 1,000.
    pub limit: u32,
    /// How many rows to pass over.
    pub offset: u32,
}

/// Which tokens somebody may see. Service tokens are always among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFilter {
    /// All tokens of the account.
    pub all: bool,
    /// If not all, the tokens that this member made.
    pub own_member: Option<MemberId>,
}

async fn count(
    connection: &mut SqliteConnection,
    sql: &'static str,
    account: &str,
    member: Option<&str>,
) -> Result<u64, TablesError> {
    let mut query = sqlx::query_scalar(sql).bind(account);
    if let Some(member) = member {
        query = query.bind(member);
    }
    let count: i64 = query.fetch_one(connection).await.map_err(error::of)?;
    u64::try_from(count).map_err(TablesError::corrupt)
}

pub(super) async fn tokens(
    readers: &SqlitePool,
    account: AccountId,
    visible: &TokenFilter,
    page: Page,
) -> Result<(Vec<TokenRow>, u64), TablesError> {
    // One transaction: the rows and their number belong to one state of the tables.
    let mut transaction = readers.begin().await.map_err(error::of)?;
    let account = account.to_string();
    let (list, total, member) = if visible.all {
        let list = include_str!("sql/list_tokens_all.sql");
        (list, include_str!("sql/count_tokens_all.sql"), None)
    } else {
        // No member has the empty id.
        let member = visible.own_member.map(|id| id.to_string());
        let list = include_str!("sql/list_tokens_visible.sql");
        let total = include_str!("sql/count_tokens_visible.sql");
        (list, total, Some(member.unwrap_or_default()))
    };
    let total = count(&mut transaction, total, &account, member.as_deref()).await?;
    let mut query = sqlx::query(list)
        .bind(&account)
        .bind(page.limit.min(LIMIT_MAX))
        .bind(page.offset);
    if let Some(member) = &member {
        query = query.bind(member);
    }
    let rows = query
        .fetch_all(&mut *transaction)
        .await
        .map_err(error::of)?;
    let tokens = rows.iter().map(TokenRow::read).collect::<Result<_, _>>()?;
    Ok((tokens, total))
}

/// The tokens that existed at a position, the newest first, and how many there were.
pub(super) async fn tokens_at(
    readers: &SqlitePool,
    account: AccountId,
    visible: &TokenFilter,
    at: Position,
    page: Page,
) -> Result<(Vec<TokenId>, u64), TablesError> {
    let mut transaction = readers.begin().await.map_err(error::of)?;
    let account = account.to_string();
    let member = visible.own_member.map(|id| id.to_string());
    let member = member.unwrap_or_default();
    let total: i64 = sqlx::query_scalar(include_str!("sql/count_tokens_at.sql"))
        .bind(&account)
        .bind(at.get())
        .bind(visible.all)
        .bind(&member)
        .fetch_one(&mut *transaction)
        .await
        .map_err(error::of)?;
    let rows = sqlx::query(include_str!("sql/list_tokens_at.sql"))
        .bind(&account)
        .bind(at.get())
        .bind(visible.all)
        .bind(&member)
        .bind(page.limit.min(LIMIT_MAX))
        .bind(page.offset)
        .fetch_all(&mut *transaction)
        .await
        .map_err(error::of)?;
    let ids = rows.iter().map(|row| parsed(row, "id"));
    let total = u64::try_from(total).map_err(TablesError::corrupt)?;
    Ok((ids.collect::<Result<_, _>>()?, total))
}

async fn ids<T>(
    readers: &SqlitePool,
    list: &'static str,
    total: &'static str,
    account: AccountId,
    page: Page,
) -> Result<(Vec<T>, u64), TablesError>
where
    T: FromStr,
    T::Err: Display,
{
    let mut transaction = readers.begin().await.map_err(error::of)?;
    let account = account.to_string();
    let total = count(&mut transaction, total, &account, None).await?;
    let rows = sqlx::query(list)
        .bind(&account)
        .bind(page.limit.min(LIMIT_MAX))
        .bind(page.offset)
        .fetch_all(&mut *transaction)
        .await
        .map_err(error::of)?;
    let ids = rows.iter().map(|row| parsed(row, "id"));
    Ok((ids.collect::<Result<_, _>>()?, total))
}

pub(super) async fn members(
    readers: &SqlitePool,
    account: AccountId,
    page: Page,
) -> Result<(Vec<MemberId>, u64), TablesError> {
    let list = include_str!("sql/list_members.sql");
    let total = include_str!("sql/count_members.sql");
    ids(readers, list, total, account, page).await
}

pub(super) async fn roles(
    readers: &SqlitePool,
    account: AccountId,
    page: Page,
) -> Result<(Vec<RoleId>, u64), TablesError> {
    let list = include_str!("sql/list_roles.sql");
    let total = include_str!("sql/count_roles.sql");
    ids(readers, list, total, account, page).await
}

pub(super) async fn role_assignments(
    readers: &SqlitePool,
    account: AccountId,
    roles: &[RoleId],
) -> Result<Vec<(RoleId, u64, u64)>, TablesError> {
    let texts: Vec<String> = roles.iter().map(ToString::to_string).collect();
    let rows = sqlx::query(include_str!("sql/role_assignments.sql"))
        .bind(account.to_string())
        .bind(json(&texts)?)
        .fetch_all(readers)
        .await
        .map_err(error::of)?;
    let counts = rows.iter().map(|row| {
        let (members, teams) = (number(row, "members")?, number(row, "teams")?);
        Ok((parsed(row, "id")?, members, teams))
    });
    counts.collect()
}
