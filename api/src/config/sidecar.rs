//! How a sidecar runs.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{DEFAULT_TOKEN_PREFIX, DecisionLogConfig, GatewayConfig};

/// How a sidecar runs.
#[derive(Debug, Clone, Args)]
pub struct SidecarConfig {
    /// The server that it follows, such as `https://tokens.acme.example`; it must run with `--feed`.
    #[arg(long, env = "KEYLEDGER_SERVER")]
    pub server: String,
    /// The server's pepper file, or a copy of it.
    #[arg(long, env = "KEYLEDGER_PEPPER_FILE", default_value = "./pepper")]
    pub pepper_file: PathBuf,
    /// The address to listen on.
    #[arg(long, env = "KEYLEDGER_LISTEN", default_value = "127.0.0.1:8081")]
    pub listen: SocketAddr,
    /// What secrets start with.
    #[arg(long, env = "KEYLEDGER_TOKEN_PREFIX", default_value = DEFAULT_TOKEN_PREFIX)]
    pub token_prefix: String,
    /// How long decisions are answered without word from the server, milliseconds; then they fail closed.
    #[arg(long, env = "KEYLEDGER_STALENESS_MAX_MS", default_value_t = 1_000)]
    pub staleness_max_ms: u32,
    /// How long a request waits for a position it asks for, milliseconds.
    #[arg(long, env = "KEYLEDGER_WAIT_MAX_MS", default_value_t = 2_000)]
    pub wait_max_ms: u32,
    /// Gateways that ask for decisions.
    #[command(flatten)]
    pub gateway: GatewayConfig,
    /// Which decisions are written down.
    #[command(flatten)]
    pub decision_log: DecisionLogConfig,
    /// The file that they are written to.
    #[arg(
        long,
        env = "KEYLEDGER_DECISION_LOG_FILE",
        default_value = "./decisions.db"
    )]
    pub decision_log_file: PathBuf,
}
