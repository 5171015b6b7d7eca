//! What is stored beside the log and is no event: sign-ins, uses, keys. In small files of a folder, or in tables of the
//! database that the nodes share.

use std::path::Path;

use keyledger_eventstore::postgres::{Database, Pooling};
use sqlx::{PgPool, SqlitePool};

use crate::side_file::{self, SideFileError};

/// One such store, on either engine.
#[derive(Debug, Clone)]
pub enum Side {
    /// A file.
    File(SqlitePool),
    /// Tables of the shared database.
    Shared(PgPool, Pooling),
}

impl Side {
    /// Opens the file, or makes it with `schema`; or takes the shared database, whose schema is there.
    ///
    /// # Errors
    /// When the file cannot be opened or made.
    pub async fn open(
        database: Option<&Database>,
        path: &Path,
        schema: &'static str,
    ) -> Result<Self, SideFileError> {
        match database {
            Some(database) => Ok(Self::Shared(database.pool().clone(), database.pooling())),
            None => side_file::open(path, schema).await.map(Self::File),
        }
    }

    /// Whether other nodes write it as well.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Shared(..))
    }

    /// Whether statements may be kept prepared: a pooler would give them to somebody else.
    #[must_use]
    pub const fn keeps_statements(&self) -> bool {
        !matches!(self, Self::Shared(_, Pooling::Transaction))
    }
}

/// Runs a block in one transaction: `side!(&self.side, |transaction| { … })`. The block is compiled for each engine, so
/// it may use nothing that only one of them has; its value comes back as `Result<_, sqlx::Error>`.
///
/// It runs in a box of its own, see `in_time`.
macro_rules! side {
    ($side:expr, |$transaction:ident| $block:block) => {
        match $side {
            $crate::side::Side::File(pool) => {
                Box::pin(async {
                    let mut $transaction = pool.begin().await?;
                    let done = $block;
                    $transaction.commit().await?;
                    Ok::<_, sqlx::Error>(done)
                })
                .await
            }
            $crate::side::Side::Shared(pool, _) => {
                keyledger_eventstore::postgres::in_time(async {
                    let mut $transaction = pool.begin().await?;
                    let done = $block;
                    $transaction.commit().await?;
                    Ok::<_, sqlx::Error>(done)
                })
                .await
            }
        }
    };
}

/// The text of a statement for the engine at hand: `sql!(&self.side, "sessions", "find")`.
macro_rules! sql {
    ($side:expr, $folder:literal, $name:literal) => {
        match $side {
            $crate::side::Side::File(_) => {
                include_str!(concat!($folder, "/sqlite/", $name, ".sql"))
            }
            $crate::side::Side::Shared(..) => {
                include_str!(concat!($folder, "/postgres/", $name, ".sql"))
            }
        }
    };
}

pub(crate) use {side, sql};
