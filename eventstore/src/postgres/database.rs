//! The connections to a database.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use super::{fault, migrations};
use crate::error::LogError;
use crate::steps::Steps;

/// How long a statement waits for a connection, one that must be made included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections for reading: a follower, projections and some requests can read at the same time.
const READERS_MAX: u32 = 8;
/// Connections for appending: a node's writer has one batch on its way. The other is for the moment in which a lost
/// one is still being given up.
const WRITERS_MAX: u32 = 2;

/// What stands between a node and its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pooling {
    /// Nothing, or a proxy that passes connections on as they are.
    #[default]
    Session,
    /// A pooler that gives each transaction another connection, such as PgBouncer's `pool_mode = transaction`: no
    /// prepared statements, no LISTEN; the head is asked for instead, every 20 ms.
    Transaction,
}

/// Where a database is.
#[derive(Clone)]
pub struct DatabaseOptions {
    connect: PgConnectOptions,
    pooling: Pooling,
}

impl std::fmt::Debug for DatabaseOptions {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseOptions")
            .field("host", &self.connect.get_host())
            .field("port", &self.connect.get_port())
            .field("database", &self.connect.get_database())
            .field("pooling", &self.pooling)
            .finish_non_exhaustive()
    }
}

impl DatabaseOptions {
    /// The database of a URL, such as `postgres://keyledger@db.example.com/keyledger?sslmode=verify-full`.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when it is none.
    pub fn parse(url: &str, pooling: Pooling) -> Result<Self, LogError> {
        let no_url = |reason: &str| {
            LogError::Unavailable(format!("DATABASE_URL is not a PostgreSQL URL: {reason}").into())
        };
        // The driver takes any scheme.
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(no_url("it does not begin with postgres://"));
        }
        let connect = PgConnectOptions::from_str(url);
        let connect = connect.map_err(|error| no_url(&error.to_string()))?;
        let connect = connect.application_name("keyledger");
        let connect = match pooling {
            Pooling::Session => connect,
            // A pooler refuses what it does not know.
            Pooling::Transaction => connect.extra_float_digits(None).statement_cache_capacity(0),
        };
        Ok(Self { connect, pooling })
    }
}

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) readers: PgPool,
    pub(super) writers: PgPool,
    pub(super) pooling: Pooling,
}

impl Database {
    /// Connects.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] and [`LogError::Busy`] when it cannot be reached or refuses the login.
    pub async fn connect(options: &DatabaseOptions) -> Result<Self, LogError> {
        // A pool would only say that it waited in vain.
        let first = options.connect.connect();
        let late = |_| LogError::Unavailable("the database does not answer".into());
        let first = tokio::time::timeout(ACQUIRE_TIMEOUT, first).await;
        let first = first.map_err(late)?.map_err(fault::of_read)?;
        first.close().await.map_err(fault::of_read)?;
        let readers = pool(READERS_MAX)
            .connect_with(options.connect.clone())
            .await
            .map_err(fault::of_read)?;
        Ok(Self {
            readers,
            writers: pool(WRITERS_MAX).connect_lazy_with(options.connect.clone()),
            pooling: options.pooling,
        })
    }

    /// Connections for whatever is stored beside the log.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.readers
    }

    /// What stands between the node and it.
    #[must_use]
    pub const fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// Brings one part of the schema up to date, all steps or none, unless it is already.
    ///
    /// # Errors
    /// [`LogError::Schema`] when it is newer than this program, or older and the login may not change it.
    pub async fn bring_up_to_date(&self, steps: &Steps) -> Result<(), LogError> {
        migrations::bring_up_to_date(self, steps).await
    }

    /// Requires that one part of the schema is up to date.
    ///
    /// # Errors
    /// [`LogError::Schema`] when it is not.
    pub async fn require(&self, steps: &Steps) -> Result<(), LogError> {
        migrations::require(self, steps).await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
    }
}

fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Asking each time whether a connection still lives would double the messages; one that does not is replaced
        // by whoever finds out.
        .test_before_acquire(false)
        .idle_timeout(Duration::from_secs(600))
        .max_lifetime(Duration::from_secs(3_600))
}
