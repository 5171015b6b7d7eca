//! The feed of a server, over HTTP.

use std::time::Duration;

use keyledger_domain::secret::Pepper;
use keyledger_eventstore::{Position, StoredEvent, wire};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;

use crate::uses::Use;

/// Where a server gives pages of events.
pub const EVENTS_PATH: &str = "/feed/v1/events";
/// Where a server says when there is more.
pub const HEAD_PATH: &str = "/feed/v1/head";
/// Where a server takes uses of tokens.
pub const USES_PATH: &str = "/feed/v1/uses";

/// How long an answer may take that nothing is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// What proves that a caller has the pepper: 64 hex digits, sent after `Feed` in `Authorization`.
#[must_use]
pub fn credential(pepper: &Pepper) -> String {
    let key = pepper.derive("feed/v1");
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why the feed does not answer.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It cannot be reached, or breaks off.
    #[error("the feed cannot be reached: {0}")]
    Http(#[from] reqwest::Error),
    /// It refuses.
    #[error("the feed refuses with {status}: {message}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it says.
        message: String,
    },
    /// It answers what is no page.
    #[error("the feed's answer is none: {0}")]
    Wire(#[from] wire::WireError),
}

/// The end of the log, as the feed tells it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Head {
    pub(crate) position: i64,
    pub(crate) recorded_at_ms: i64,
}

/// A client of a feed. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    client: Client,
    server: String,
    credential: String,
}

async fn accepted(response: Response) -> Result<Response, FeedError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let message: String = response.text().await?.chars().take(256).collect();
    Err(FeedError::Refused { status, message })
}

impl Feed {
    pub(crate) fn new(server: &str, pepper: &Pepper) -> Result<Self, FeedError> {
        // Where a service has chosen one already, it stays.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self {
            client,
            server: server.trim_end_matches('/').to_owned(),
            credential: format!("Feed {}", credential(pepper)),
        })
    }

    fn with_credential(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("Authorization", &self.credential)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.with_credential(self.client.get(format!("{}{path}", self.server)))
    }

    pub(crate) async fn events(
        &self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, FeedError> {
        let request = self.get(&format!("{EVENTS_PATH}?after={after}&limit={limit}"));
        let response = accepted(request.timeout(TIMEOUT).send().await?).await?;
        Ok(wire::decode(&response.bytes().await?)?)
    }

    /// The end of the log: at once if it is after `after`, else when it is, or when the server waited long enough.
    pub(crate) async fn head(&self, after: Option<Position>) -> Result<Head, FeedError> {
        let path = match after {
            None => HEAD_PATH.to_owned(),
            Some(after) => format!("{HEAD_PATH}?after={after}"),
        };
        let response = accepted(self.get(&path).timeout(TIMEOUT).send().await?).await?;
        Ok(response.json().await?)
    }

    pub(crate) async fn send_uses(&self, uses: &[Use]) -> Result<(), FeedError> {
        let request = self.client.post(format!("{}{USES_PATH}", self.server));
        let request = self.with_credential(request).json(uses).timeout(TIMEOUT);
        accepted(request.send().await?).await.map(drop)
    }
}
