//! A running node: the log and its writer, what is computed from it, and what a command goes through.
//!
//! `start` opens everything, `execute` takes a command from decision to acknowledgement, `load` reads
//! one token's stream, `bootstrap` makes the first account.

mod bootstrap;
mod cut_offs;
mod execute;
mod load;
mod secrets;
mod start;
mod what_if;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyledger_domain::secret::Pepper;
use keyledger_eventstore::{Clock, EventLog, Position, WriterHandle};
use keyledger_projections::{
    Live, Memory, Past, ProjectorHandle, SharedProjectorHandle, Snapshots, Tables,
};

pub use bootstrap::FirstStart;
pub use cut_offs::CutOffs;
pub use execute::{Decision, Idempotency, Outcome, Request, append_of, refusal};
pub use load::{LoadError, decode_stored, fold_token};
pub use secrets::FreshSecret;
pub use start::StartError;

use tokio::sync::Semaphore;

use crate::error::ApiError;
use crate::limits::Limits;
use crate::member_keys::MemberKeys;
use crate::openid::OpenId;
use crate::password::Passwords;
use crate::sessions::Sessions;
use crate::usage::{Usage, UsageHandle};

/// What a node was told to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What secrets start with.
    pub token_prefix: String,
    /// How long a request waits for a position.
    pub wait_max: Duration,
    /// The origins from which a browser may call with a cookie; none: the one of the address it calls.
    pub origins: Vec<String>,
    /// Whether members sign in and join with a password.
    pub password_sign_in: bool,
    /// The addresses at which clients reach the service, as CIDR blocks.
    pub public_addresses: Vec<String>,
    /// The addresses from which the service calls others, as CIDR blocks.
    pub outbound_addresses: Vec<String>,
}

impl Settings {
    /// The end of a cookie's attributes: a browser that reaches the server by https only is told to keep it from http.
    #[must_use]
    pub fn secure(&self) -> &'static str {
        let origins = &self.origins;
        let https =
            !origins.is_empty() && origins.iter().all(|origin| origin.starts_with("https:"));
        if https { "; Secure" } else { "" }
    }
}

/// A running node.
pub struct Node {
    /// What it was told to do.
    pub settings: Settings,
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The way to append to it.
    pub writer: WriterHandle,
    /// Members, roles and tokens in memory.
    pub live: Arc<Live>,
    /// The same with what keeps it up with the log.
    pub memory: Arc<Memory>,
    /// What keeps a snapshot of the memory for the next start, if anything does.
    snapshots: Option<Snapshots>,
    /// The past, from the log; taken by [`Node::past`].
    past: Past,
    /// The keys of members' personal data.
    pub keys: Arc<MemberKeys>,
    /// Up to which erasure the past holds nobody who was erased.
    erasures_seen: AtomicU64,
    /// What ceilings are known to cut off.
    pub cut_offs: Arc<CutOffs>,
    /// The SQL projections.
    pub tables: Tables,
    /// What keeps them up with the log.
    pub projector: ProjectorHandle,
    /// What fills the same tables in the database that nodes share, when it is this node's turn.
    shared_projector: Option<SharedProjectorHandle>,
    /// Sign-ins.
    pub sessions: Sessions,
    /// Uses of tokens.
    pub usage: Usage,
    /// What writes them.
    pub usage_writer: UsageHandle,
    /// Passwords.
    pub passwords: Passwords,
    /// The way to sign in without one, if there is one.
    pub openid: Option<OpenId>,
    /// Places for streams of events.
    pub streams: Arc<Semaphore>,
    /// Rate limits.
    pub limits: Limits,
    /// The pepper of new secrets.
    pub pepper: Pepper,
    /// The time.
    pub clock: Clock,
}

impl Node {
    /// The time now, Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// The past, without what was erased since it was last asked.
    pub async fn past(&self) -> &Past {
        let erasures = self.keys.erasures();
        if self.erasures_seen.swap(erasures, Ordering::AcqRel) != erasures {
            self.past.forget(&self.live.accounts()).await;
        }
        &self.past
    }

    /// Whether the node may answer decisions: it has heard from the log within its staleness ceiling.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.memory.is_fresh()
    }

    /// Requires that the node may answer.
    ///
    /// # Errors
    /// 503 when it has not heard from the log for too long: it fails closed.
    pub fn require_ready(&self) -> Result<(), ApiError> {
        require_fresh(&self.memory)
    }

    /// Waits until the memory has reached a position.
    ///
    /// # Errors
    /// 503 when it takes longer than a request may wait.
    pub async fn wait_for(&self, position: Position) -> Result<(), ApiError> {
        wait_for(&self.memory, position).await
    }

    /// Waits until the SQL projections have reached what the memory shows, so that a list shows every
    /// write that this node has acknowledged.
    ///
    /// # Errors
    /// 503 when it takes longer than a request may wait.
    pub async fn wait_for_tables(&self) -> Result<(), ApiError> {
        let position = self.live.position();
        if self.tables.wait_for(position, self.settings.wait_max).await {
            Ok(())
        } else {
            Err(not_reached(position))
        }
    }

    /// Why no SQL tables are filled any more, if they are not; the text is for the operator.
    #[must_use]
    pub fn tables_failed(&self) -> Option<String> {
        let shared = self.shared_projector.as_ref();
        let shared = shared.and_then(SharedProjectorHandle::failed);
        self.projector.failed().or(shared)
    }

    /// Ends the node: what was queued is written, then everything stops.
    pub async fn close(&self) {
        if let Some(snapshots) = &self.snapshots {
            snapshots.close();
        }
        self.writer.close().await;
        self.memory.close().await;
        self.projector.close().await;
        if let Some(shared) = &self.shared_projector {
            shared.close().await;
        }
        self.usage_writer.close().await;
    }
}

/// Requires that a memory may answer.
///
/// # Errors
/// 503 when it has not heard from the log for too long: it fails closed.
pub(crate) fn require_fresh(memory: &Memory) -> Result<(), ApiError> {
    if memory.is_fresh() {
        Ok(())
    } else {
        Err(ApiError::unavailable(
            "this node has not heard from the log for too long and does not answer from stale memory",
        ))
    }
}

/// Waits until a memory has reached a position.
///
/// # Errors
/// 503 when it takes longer than a request may wait.
pub(crate) async fn wait_for(memory: &Memory, position: Position) -> Result<(), ApiError> {
    if memory.wait_for(position).await {
        Ok(())
    } else {
        Err(not_reached(position))
    }
}

fn not_reached(position: Position) -> ApiError {
    ApiError::unavailable(format!("position {position} is not reached yet"))
}
