//! Searching and sorting tokens.

use hashbrown::HashMap;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::scope::TokenKind;
use sqlx::SqlitePool;

use super::error::{self, TablesError};
use super::list::{LIMIT_MAX, Page, TokenFilter};
use super::policies::json;
use super::row::{cell, parsed};
use super::token_row::{TokenRow, kind_name};

/// By what found tokens are sorted; where it is equal, the newest come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenSort {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By name, ASCII letters without regard to their case.
    Name,
    /// The same, backwards.
    NameBackwards,
    /// Those that end soonest first, those that never do last.
    EndsSoonest,
    /// Those that end latest first, those that never do before them.
    EndsLatest,
    /// The most recently used first, those that never were last.
    UsedLast,
    /// Those that never were used first, then the longest unused.
    UsedLeast,
}

/// Which of the visible tokens are asked for.
#[derive(Debug, Clone, Default)]
pub struct TokenSearch {
    /// A part of the name or of the member's e-mail, ASCII letters without regard to their case; or the whole ending or id.
    pub text: Option<String>,
    /// Of one kind only.
    pub kind: Option<TokenKind>,
    /// The order.
    pub sort: TokenSort,
    /// When tokens were last used, Unix milliseconds: for an order by use, and empty for others.
    pub used: HashMap<TokenId, i64>,
}

macro_rules! ordered {
    ($order:literal) => {
        concat!(
            include_str!("sql/search_tokens.sql"),
            include_str!("sql/search_tokens_where.sql"),
            "ORDER BY ",
            $order,
            " LIMIT $8 OFFSET $9"
        )
    };
}

const COUNT: &str = concat!(
    include_str!("sql/search_tokens_count.sql"),
    include_str!("sql/search_tokens_where.sql")
);

impl TokenSort {
    const fn sql(self) -> &'static str {
        match self {
            Self::Newest => ordered!("created_position DESC"),
            Self::Oldest => ordered!("created_position"),
            Self::Name => ordered!("name COLLATE NOCASE, created_position DESC"),
            Self::NameBackwards => ordered!("name COLLATE NOCASE DESC, created_position DESC"),
            Self::EndsSoonest => ordered!("expiry_ms NULLS LAST, created_position DESC"),
            Self::EndsLatest => ordered!("expiry_ms DESC NULLS FIRST, created_position DESC"),
            Self::UsedLast => ordered!("used.at_ms DESC NULLS LAST, created_position DESC"),
            Self::UsedLeast => ordered!("used.at_ms NULLS FIRST, created_position DESC"),
        }
    }
}

/// A text as `LIKE` finds it anywhere.
pub(super) fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

pub(super) async fn tokens(
    readers: &SqlitePool,
    account: AccountId,
    visible: &TokenFilter,
    search: &TokenSearch,
    page: Page,
) -> Result<(Vec<TokenRow>, u64), TablesError> {
    // One transaction: the rows and their number belong to one state of the tables.
    let mut transaction = readers.begin().await.map_err(error::of)?;
    let account = account.to_string();
    // No member has the empty id.
    let member = visible.own_member.map(|id| id.to_string());
    let member = member.unwrap_or_default();
    let kind = search.kind.map(kind_name);
    let text = search.text.as_deref();
    let like = text.map(pattern);
    let total: i64 = sqlx::query_scalar(COUNT)
        .bind(&account)
        .bind(visible.all)
        .bind(&member)
        .bind(kind)
        .bind(&like)
        .bind(text)
        .fetch_one(&mut *transaction)
        .await
        .map_err(error::of)?;
    let used: Vec<_> = search
        .used
        .iter()
        .map(|(id, at_ms)| (id.to_string(), at_ms))
        .collect();
    let rows = sqlx::query(search.sort.sql())
        .bind(&account)
        .bind(visible.all)
        .bind(&member)
        .bind(kind)
        .bind(&like)
        .bind(text)
        .bind(json(&used)?)
        .bind(page.limit.min(LIMIT_MAX))
        .bind(page.offset)
        .fetch_all(&mut *transaction)
        .await
        .map_err(error::of)?;
    let tokens = rows.iter().map(TokenRow::read).collect::<Result<_, _>>()?;
    Ok((tokens, u64::try_from(total).map_err(TablesError::corrupt)?))
}

pub(super) async fn members_since(
    readers: &SqlitePool,
    account: AccountId,
    members: &[MemberId],
) -> Result<Vec<(MemberId, i64)>, TablesError> {
    let texts: Vec<String> = members.iter().map(ToString::to_string).collect();
    let rows = sqlx::query(include_str!("sql/members_since.sql"))
        .bind(account.to_string())
        .bind(json(&texts)?)
        .fetch_all(readers)
        .await
        .map_err(error::of)?;
    let since = rows
        .iter()
        .map(|row| Ok((parsed(row, "id")?, cell(row, "since_ms")?)));
    since.collect()
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn what_like_reads_as_a_sign_is_found_as_it_stands() {
        assert_eq!(pattern("ci"), "%ci%");
        assert_eq!(pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
