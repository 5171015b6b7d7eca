//! What an operator may set, each as a flag and as an environment variable of the same meaning.

mod authzen;
mod block;
mod decision_log;
mod gateway;
mod openid;
mod rate;
mod sidecar;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

pub use authzen::AuthzenConfig;
pub use decision_log::{DecisionLogConfig, Part, WHOLE};
pub use gateway::GatewayConfig;
pub use openid::OpenIdConfig;
pub use rate::RateConfig;
pub use sidecar::SidecarConfig;

use block::block;

/// What secrets start with: the vendor's prefix, which leak scanners know.
pub const DEFAULT_TOKEN_PREFIX: &str = "api-";

/// Where the data is.
#[derive(Clone, Args)]
pub struct DataConfig {
    /// The folder that holds the log, the projections and the pepper.
    #[arg(long, env = "KEYLEDGER_DATA_DIR", default_value = "./keyledger-data")]
    pub data_dir: PathBuf,
    /// The PostgreSQL database that holds the log instead, for any number of nodes, such as
    /// `postgres://keyledger@db.example.com/keyledger?sslmode=verify-full`. Each node still has a folder of its own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The database is reached through a pooler in transaction mode, such as PgBouncer.
    #[arg(long, env = "KEYLEDGER_DATABASE_POOLER")]
    pub database_pooler: bool,
    /// The SQL tables are filled in that database as well, by one node at a time, for analysts. With `false` they are not
    /// made there.
    #[arg(
        long,
        env = "KEYLEDGER_SHARED_TABLES",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub shared_tables: bool,
    /// The file of the peppers; `pepper` in the data folder when absent. All nodes need the same.
    #[arg(long, env = "KEYLEDGER_PEPPER_FILE")]
    pub pepper_file: Option<PathBuf>,
}

impl std::fmt::Debug for DataConfig {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataConfig")
            .field("data_dir", &self.data_dir)
            .field("database", &self.database_url().is_some())
            .field("database_pooler", &self.database_pooler)
            .field("shared_tables", &self.shared_tables)
            .field("pepper_file", &self.pepper_file)
            .finish()
    }
}

impl DataConfig {
    /// The database, if there is one. An empty variable is none.
    #[must_use]
    pub fn database_url(&self) -> Option<&str> {
        self.database_url.as_deref().filter(|url| !url.is_empty())
    }

    /// The file of the log.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.data_dir.join("log.db")
    }

    /// The file of the SQL projections, which can be rebuilt from the log.
    #[must_use]
    pub fn projections_file(&self) -> PathBuf {
        self.data_dir.join("projections.db")
    }

    /// The file of the keys of members' personal data. Without it nobody is who they were.
    #[must_use]
    pub fn keys_file(&self) -> PathBuf {
        self.data_dir.join("keys.db")
    }

    /// The file of the sign-ins, which may be deleted: everybody signs in again.
    #[must_use]
    pub fn sessions_file(&self) -> PathBuf {
        self.data_dir.join("sessions.db")
    }

    /// The file of the uses, which may be deleted: every token then looks unused.
    #[must_use]
    pub fn usage_file(&self) -> PathBuf {
        self.data_dir.join("usage.db")
    }

    /// The file of the decisions that are written down, which may be deleted.
    #[must_use]
    pub fn decisions_file(&self) -> PathBuf {
        self.data_dir.join("decisions.db")
    }

    /// The file of the snapshot of the access index, which may be deleted: the whole log is then read at the next start.
    #[must_use]
    pub fn index_file(&self) -> PathBuf {
        self.data_dir.join("index.snapshot")
    }

    /// The file of the snapshots of the past, which may be deleted: they are made again.
    #[must_use]
    pub fn past_file(&self) -> PathBuf {
        self.data_dir.join("past.db")
    }

    /// The file of the key that signs checkpoints, unless it is kept elsewhere.
    #[must_use]
    pub fn checkpoint_key_file(&self) -> PathBuf {
        self.data_dir.join("checkpoint.key")
    }

    /// The file of the peppers. Lose it and every token is dead; leak it and guesses can be checked.
    #[must_use]
    pub fn pepper_file(&self) -> PathBuf {
        let set = self.pepper_file.clone();
        set.unwrap_or_else(|| self.data_dir.join("pepper"))
    }
}

/// How the service runs.
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// Where the data is.
    #[command(flatten)]
    pub data: DataConfig,
    /// The address to listen on.
    #[arg(long, env = "KEYLEDGER_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The origin of the console in a browser, such as `https://tokens.example.com`, where a proxy changes
    /// the host that browsers call. Calls with a session cookie must come from it.
    #[arg(long, env = "KEYLEDGER_ORIGIN")]
    pub origin: Vec<String>,
    /// Signing in to the console by OpenID Connect.
    #[command(flatten)]
    pub openid: OpenIdConfig,
    /// The name of the account that the first start makes.
    #[arg(long, env = "KEYLEDGER_ACCOUNT_NAME", default_value = "Keyledger")]
    pub account_name: String,
    /// The e-mail of the owner that the first start makes.
    #[arg(
        long,
        env = "KEYLEDGER_OWNER_EMAIL",
        default_value = "owner@keyledger.example"
    )]
    pub owner_email: String,
    /// The password of that owner; without one the owner has the first token only.
    #[arg(long, env = "KEYLEDGER_OWNER_PASSWORD", hide_env_values = true)]
    pub owner_password: Option<String>,
    /// What secrets start with.
    #[arg(long, env = "KEYLEDGER_TOKEN_PREFIX", default_value = DEFAULT_TOKEN_PREFIX)]
    pub token_prefix: String,
    /// How long decisions are answered without word from the log, milliseconds; then they fail closed.
    #[arg(long, env = "KEYLEDGER_STALENESS_MAX_MS", default_value_t = 1_000)]
    pub staleness_max_ms: u32,
    /// How long a request waits for a position it asks for, milliseconds.
    #[arg(long, env = "KEYLEDGER_WAIT_MAX_MS", default_value_t = 2_000)]
    pub wait_max_ms: u32,
    /// After how many events a new snapshot of the access index is kept, from which the next start goes on; 0: none is.
    #[arg(long, env = "KEYLEDGER_SNAPSHOT_EVERY", default_value_t = 100_000)]
    pub snapshot_every: u32,
    /// Whether a commit is on the disk when it is acknowledged (`full`), or may be lost with the power
    /// though never corrupted (`normal`).
    #[arg(long, env = "KEYLEDGER_DURABILITY", value_enum, default_value_t = DurabilityArg::Full)]
    pub durability: DurabilityArg,
    /// How often may be called.
    #[command(flatten)]
    pub rate: RateConfig,
    /// What AuthZEN's callers see of the server.
    #[command(flatten)]
    pub authzen: AuthzenConfig,
    /// Feeds sidecars and services that decide in their own process, which prove that they have the pepper.
    #[arg(long, env = "KEYLEDGER_FEED")]
    pub feed: bool,
    /// Which decisions are written down.
    #[command(flatten)]
    pub decision_log: DecisionLogConfig,
    /// Gateways that ask for decisions.
    #[command(flatten)]
    pub gateway: GatewayConfig,
    /// The addresses at which clients reach the service, for `GET /api/v2/public-ip-list`: CIDR blocks.
    #[arg(long, env = "KEYLEDGER_PUBLIC_ADDRESSES", value_delimiter = ',', value_parser = block)]
    pub public_addresses: Vec<String>,
    /// The addresses from which the service calls others, for the same list.
    #[arg(long, env = "KEYLEDGER_OUTBOUND_ADDRESSES", value_delimiter = ',', value_parser = block)]
    pub outbound_addresses: Vec<String>,
}

/// SQLite's `synchronous`, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DurabilityArg {
    /// Every acknowledged commit survives a power cut.
    Full,
    /// The last commits may be lost with the power.
    Normal,
}
