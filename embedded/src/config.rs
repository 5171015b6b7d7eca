//! What a decider needs to know.

use std::time::Duration;

use keyledger_domain::secret::DEFAULT_PREFIX;
use keyledger_projections::Peppers;

/// What a decider needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server, such as `https://tokens.acme.example`. It must run with `--feed`.
    pub server: String,
    /// The server's peppers.
    pub peppers: Peppers,
    /// What secrets start with.
    pub token_prefix: String,
    /// How long it answers without word from the server, milliseconds; then it fails closed.
    pub staleness_max_ms: u32,
    /// How long it waits for a position.
    pub wait_max: Duration,
}

impl Config {
    /// The defaults of a server, for this one.
    #[must_use]
    pub fn new(server: impl Into<String>, peppers: Peppers) -> Self {
        Self {
            server: server.into(),
            peppers,
            token_prefix: DEFAULT_PREFIX.to_owned(),
            staleness_max_ms: 1_000,
            wait_max: Duration::from_secs(2),
        }
    }
}
